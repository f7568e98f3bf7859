import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseCharm } from "../../model/index.ts";
import { nodeOptions } from "./environment.ts";
import { findHandler } from "./find-handler.ts";
import { runUnitProcess } from "./spawn.ts";
import { rescueStorage, returnStorage, storagePath } from "./storage.ts";
import {
  containerDir,
  createContainerDir,
  createUnitDir,
  placeCharm,
  placedCharm,
  unitDir,
} from "./unit-dir.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "iap-unit-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const unit = () =>
  unitDir(
    { state: join(folder, "s"), runtime: join(folder, "r") },
    { model: "iam", unit: "web/0", number: 16 },
  );

describe("runUnitProcess()", () => {
  const run = (script: string, lines: string[] = [], signal?: AbortSignal) =>
    runUnitProcess({
      file: "/bin/sh",
      args: ["-c", script],
      cwd: folder,
      env: { PATH: process.env["PATH"] ?? "" },
      onLine: (stream, line) => lines.push(`${stream} ${line}`),
      ...(signal ? { signal } : {}),
    });

  test("gives lines as they come, and how it ended", async () => {
    const lines: string[] = [];
    const result = await run("echo one; printf 'a\\nb' >&2; exit 3", lines);
    expect(result.exitCode).toBe(3);
    expect(lines.sort()).toEqual(["stderr a", "stderr b", "stdout one"]);
    expect(String(result.stderr)).toBe("a\nb");
  });

  test("splits lines longer than 4096 bytes", async () => {
    const lines: string[] = [];
    await run("head -c 9000 /dev/zero | tr '\\0' x", lines);
    expect(lines.map((line) => line.length - "stdout ".length)).toEqual([4096, 4096, 808]);
  });

  test("a background child that holds the pipes does not hold the hook", async () => {
    const began = performance.now();
    expect((await run("sleep 20 & echo done")).exitCode).toBe(0);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  test("killing it kills what it started", async () => {
    const stop = new AbortController();
    const lines: string[] = [];
    const running = run("sleep 600 & echo $!; wait", lines, stop.signal);
    await expect.poll(() => lines.length).toBe(1);
    stop.abort();
    expect(await running).toMatchObject({ exitCode: -1, signal: "SIGKILL" });
    const pid = Number(lines[0]?.slice("stdout ".length));
    await expect.poll(() => isGone(pid)).toBe(true);
  });

  test("stdin is closed unless given; the environment is only what is given", async () => {
    const lines: string[] = [];
    await run("cat; env", lines);
    expect(lines.filter((line) => !/^stdout (PATH|PWD|SHLVL|_|OLDPWD)=/.test(line))).toEqual([]);
  });

  test("a program that is not there rejects", async () => {
    await expect(runUnitProcess({ file: join(folder, "no"), cwd: folder, env: {} })).rejects.toThrow(
      "ENOENT",
    );
  });
});

/** Ended, waited for or not. */
function isGone(pid: number): boolean {
  const { status, stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return status !== 0 || stdout.startsWith("Z");
}

describe("findHandler()", () => {
  test("dispatch first, then the bespoke file, then nothing", () => {
    expect(findHandler(folder, "hooks/install")).toBeUndefined();
    mkdirSync(join(folder, "hooks"));
    writeFileSync(join(folder, "hooks/install"), "", { mode: 0o755 });
    expect(findHandler(folder, "hooks/install")?.kind).toBe("explicit, bespoke hook script");
    writeFileSync(join(folder, "dispatch"), "", { mode: 0o755 });
    expect(findHandler(folder, "hooks/install")?.file).toBe(join(folder, "dispatch"));
  });

  test("a dispatch that cannot be run is not a missing one", () => {
    writeFileSync(join(folder, "dispatch"), "");
    chmodSync(join(folder, "dispatch"), 0o644);
    expect(() => findHandler(folder, "hooks/install")).toThrow("EACCES");
  });
});

test("nodeOptions() quotes what Node.js would split", () => {
  expect(nodeOptions("/a/preload.cjs")).toBe("--require=/a/preload.cjs");
  expect(nodeOptions('/a b/"p".cjs')).toBe('"--require=/a b/\\"p\\".cjs"');
});

describe("storage", () => {
  const charm = parseCharm({
    metadata: {
      name: "web",
      summary: "s",
      description: "d",
      storage: {
        data: { type: "filesystem" },
        many: { type: "filesystem", multiple: { range: "0-3" } },
        own: { type: "filesystem" },
      },
      resources: { image: { type: "oci-image" } },
      containers: {
        app: {
          resource: "image",
          mounts: [
            { storage: "data", location: "/var/data" },
            { storage: "many", location: "/m" },
          ],
        },
      },
    },
  });

  test("is at its mount point in the container", () => {
    const dir = unit();
    expect(storagePath(dir, charm, "data/0")).toBe(
      join(folder, "s/models/iam/web-0/containers/app/var/data"),
    );
    expect(storagePath(dir, charm, "many/7")).toBe(
      join(folder, "s/models/iam/web-0/containers/app/m/many/7"),
    );
    expect(storagePath(dir, charm, "own/1")).toBe(join(folder, "s/models/iam/web-0/storage/own/1"));
  });

  test("outlives the container's other files", () => {
    const dir = unit();
    createUnitDir(dir);
    createContainerDir(containerDir(dir, "app"));
    const data = storagePath(dir, charm, "data/0");
    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, "kept"), "");
    writeFileSync(join(containerDir(dir, "app").root, "lost"), "");
    rescueStorage(dir, charm);
    createUnitDir(dir);
    createContainerDir(containerDir(dir, "app"));
    returnStorage(dir, charm);
    expect(existsSync(join(containerDir(dir, "app").root, "var/data/kept"))).toBe(true);
    expect(existsSync(join(containerDir(dir, "app").root, "lost"))).toBe(false);
  });
});

test("placeCharm() leaves nothing of the charm directory before", () => {
  const dir = unit();
  createUnitDir(dir);
  mkdirSync(dir.charmDir);
  writeFileSync(join(dir.charmDir, "own-file"), "");
  mkdirSync(join(folder, "charm"));
  writeFileSync(join(folder, "charm/dispatch"), "", { mode: 0o755 });
  placeCharm(dir, join(folder, "charm"), 3);
  expect(placedCharm(dir)).toBe(3);
  expect(existsSync(join(dir.charmDir, "own-file"))).toBe(false);
  expect(findHandler(dir.charmDir, "")?.file).toBe(join(dir.charmDir, "dispatch"));
});
