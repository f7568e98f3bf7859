import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Container, WorkloadPlan } from "charmed-iap/charm";
import type { PebbleTransport } from "charmed-iap/pebble";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { containerView } from "../../charm/runtime/container-view.ts";
import { createPebble } from "../../pebble/server/index.ts";
import { FakePebble } from "./fake-pebble.ts";

/** A Pebble under test: how to reach it, and what became of it. */
interface Subject {
  readonly transport: PebbleTransport;
  readonly file: (path: string) => Promise<string>;
  readonly starts: (service: string) => Promise<number>;
  readonly close: () => Promise<void>;
}

function fake(): Promise<Subject> {
  const pebble = new FakePebble("web", { exec: { echo: { stdout: "hello\n" } } });
  return Promise.resolve({
    transport: pebble.transport(),
    file: async (name) => new TextDecoder().decode(pebble.files.read(name).content),
    starts: async (service) => pebble.starts.get(service) ?? 0,
    close: async () => undefined,
  });
}

/** Real processes: each start writes a line, then sleeps. */
async function embedded(): Promise<Subject> {
  const folder = await mkdtemp(path.join(tmpdir(), "apply-"));
  const image = path.join(folder, "image");
  const root = path.join(folder, "root");
  await mkdir(path.join(image, "bin"), { recursive: true });
  const program = `#!/bin/sh\necho start >> ${folder}/$1.starts\nexec sleep 60\n`;
  await writeFile(path.join(image, "bin", "web"), program, { mode: 0o755 });
  const pebble = await createPebble({ root, image, startGraceMs: 30 });
  return {
    transport: pebble.handle,
    file: (name) => readFile(path.join(root, name), "utf8"),
    starts: async (service) => {
      const lines = await readFile(path.join(folder, `${service}.starts`), "utf8").catch(() => "");
      return lines.split("\n").length - 1;
    },
    close: async () => {
      await pebble.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const plan = (files: Record<string, string | undefined>, more: Partial<WorkloadPlan> = {}): WorkloadPlan => ({
  services: {
    a: { command: "web a", "kill-delay": "1s" },
    b: { command: "web b", "kill-delay": "1s", reads: ["/etc/b"] },
  },
  checks: { up: { exec: { command: "true" }, period: "1h" } },
  files,
  ...more,
});

describe.each([
  ["in memory", fake],
  ["embedded", embedded],
])("apply() on a Pebble %s", (_title, make) => {
  let subject: Subject;
  let web: Container;
  beforeAll(async () => {
    subject = await make();
    web = containerView({
      name: "web",
      transport: subject.transport,
      path: (one) => one,
      unreachable: () => undefined,
    });
  });
  afterAll(() => subject.close());

  /** Waits for the processes: a busy machine lets one say so only after Pebble has called it started. */
  const started = (a: number, b: number) =>
    expect.poll(async () => [await subject.starts("a"), await subject.starts("b")]).toEqual([a, b]);

  test("files, services, checks; again; with changes; without what must go", async () => {
    const files = { "/etc/a": "1", "/etc/b": "1", "/etc/d/x": "1" };
    expect(await web.apply(plan(files))).toEqual({ files: ["/etc/a", "/etc/b", "/etc/d/x"] });
    expect(await subject.file("/etc/a")).toBe("1");
    expect([await web.running("a"), await web.running("b")]).toEqual([true, true]);
    await started(1, 1);
    expect((await web.pebble.checks()).map(({ name }) => name)).toEqual(["up"]);

    expect(await web.apply(plan(files))).toEqual({ files: [] });
    await started(1, 1);

    expect(await web.apply(plan({ ...files, "/etc/a": "2" }))).toEqual({ files: ["/etc/a"] });
    await started(2, 1);

    const less = plan({ "/etc/a": "2", "/etc/b": undefined }, { exclusive: ["/etc/d"] });
    const services = { ...less.services, b: undefined, never: undefined };
    expect(await web.apply({ ...less, services })).toEqual({ files: ["/etc/b", "/etc/d/x"] });
    expect([await web.running("a"), await web.running("b")]).toEqual([true, false]);
    // Once more: a replan restarts what has just been disabled, before it is stopped for good.
    await started(3, 2);
    expect(await web.apply({ ...less, services })).toEqual({ files: [] });
    expect(await web.running("b")).toBe(false);
    await started(3, 2);

    expect((await web.apply({ ...less, services: { ...less.services } })).files).toEqual([]);
    expect(await web.running("b")).toBe(true);
  });

  test("permissions are kept, and other ones are a change", async () => {
    const secret = (permissions: string) => ({
      services: {},
      files: { "/etc/key": { content: "k", permissions } },
    });
    expect((await web.apply(secret("600"))).files).toEqual(["/etc/key"]);
    expect((await web.apply(secret("600"))).files).toEqual([]);
    expect((await web.apply(secret("640"))).files).toEqual(["/etc/key"]);
    expect((await web.pebble.listFiles("/etc/key", { itself: true }))[0]?.permissions).toBe("640");
  });

  test("files and commands, present and absent", async () => {
    await web.push("/x/y/z", "text");
    expect([
      await web.pull("/x/y/z"),
      await web.pull("/x/none"),
      await web.list("/x/y"),
      await web.list("/none"),
    ]).toEqual(["text", undefined, ["z"], []]);
    await web.remove("/x");
    await web.remove("/x");
    expect(await web.pull("/x/y/z")).toBeUndefined();
    expect((await web.exec(["echo", "hello"])).stdout).toBe("hello\n");
    await expect(web.exec(["nothing-of-that-name"])).rejects.toMatchObject({ code: "ERR_PEBBLE_API" });
  });

  test("directories, whole and by pattern; checks and signals", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "paths-"));
    try {
      await mkdir(path.join(folder, "in/sub"), { recursive: true });
      await writeFile(path.join(folder, "in/sub/a.conf"), "a");
      await writeFile(path.join(folder, "in/b.txt"), "b");
      await web.pushPath(path.join(folder, "in"), "/etc/pushed");
      expect([await web.exists("/etc/pushed/in/b.txt"), await web.exists("/etc/pushed/none")]).toEqual([
        true,
        false,
      ]);
      expect([
        await web.isDirectory("/etc/pushed/in"),
        await web.isDirectory("/etc/pushed/in/b.txt"),
      ]).toEqual([true, false]);
      const found = await web.files("/etc/pushed/in", { pattern: "*.txt" });
      expect(found.map(({ name, size }) => [name, size])).toEqual([["b.txt", 1]]);
      expect(await web.files("/etc/none")).toEqual([]);
      await web.pullPath("/etc/pushed/in/*", path.join(folder, "out"));
      expect(await readFile(path.join(folder, "out/sub/a.conf"), "utf8")).toBe("a");
      await web.makeDir("/etc/made/deep");
      await web.makeDir("/etc/made/deep");
      expect(await web.isDirectory("/etc/made/deep")).toBe(true);
    } finally {
      await rm(folder, { recursive: true });
    }
    expect((await web.checks("up", "unknown")).map(({ name, status }) => [name, status])).toEqual([
      ["up", "up"],
    ]);
    expect(await web.pebble.stopChecks(["up"])).toEqual(["up"]);
    expect((await web.checks())[0]).toMatchObject({ status: "inactive" });
    expect(await web.pebble.startChecks(["up"])).toEqual(["up"]);
    await web.signal("SIGCONT", "a");
    await web.stop("a");
    await expect(web.signal("SIGCONT", "a")).rejects.toMatchObject({ status: 500 });
  });

  test("a started command is given any exit code", async () => {
    const started = await web.startExec(["echo", "hello"]);
    expect(await started.result()).toEqual({ exitCode: 0, stdout: "hello\n", stderr: "" });
  });
});
