import { spawn, spawnSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { containerPath, PebbleClient, unixSocket } from "../index.ts";
import {
  createPebble,
  type EmbeddedPebble,
  type ExitCode,
  endProcessGroups,
  type PebbleOptions,
  type ProcessGroup,
  processStartTime,
} from "./index.ts";

let folder: string;
let pebbles: EmbeddedPebble[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "iap-pebble-"));
  await mkdir(path.join(folder, "image/bin"), { recursive: true });
});
afterEach(async () => {
  await Promise.all(pebbles.map((pebble) => pebble.close()));
  pebbles = [];
  await rm(folder, { recursive: true });
});

async function create(
  options: Partial<PebbleOptions> = {},
): Promise<{ pebble: EmbeddedPebble; client: PebbleClient }> {
  const root = path.join(folder, "containers/web/root");
  const image = path.join(folder, "image");
  const pebble = await createPebble({ root, image, startGraceMs: 20, ...options });
  pebbles.push(pebble);
  return { pebble, client: new PebbleClient(pebble.handle) };
}

async function program(name: string, script: string): Promise<void> {
  const file = path.join(folder, "image/bin", name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
}

function layer(command: string, more: object = {}) {
  return { services: { web: { override: "replace", command, ...more } } } as const;
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Whether a process runs; one that has ended and waits for its parent does not. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return stdout.trim() !== "" && !stdout.startsWith("Z");
}

describe("programs", () => {
  test.each(["hello", "/bin/hello", "/usr/bin/hello"])("%s is the image's", async (word) => {
    await program("hello", 'echo "hello $1"');
    const { client } = await create();
    expect(await client.exec([word, "you"])).toMatchObject({ stdout: "hello you\n" });
  });

  test("the image's programs come first on PATH, also for a shell's children", async () => {
    await program("uname", "echo ours");
    const { client } = await create();
    expect(await client.exec(["/bin/sh", "-c", "uname; /bin/echo theirs"])).toMatchObject({
      stdout: "ours\ntheirs\n",
    });
  });

  test("a program that a charm pushed runs by its path in the container", async () => {
    const { client } = await create();
    await client.write("/opt/app/run", "#!/bin/sh\necho pushed\n", { makeDirs: true, permissions: "755" });
    expect(await client.exec(["/opt/app/run"])).toMatchObject({ stdout: "pushed\n" });
    await client.write("/opt/app/plain", "no program");
    await expect(client.exec(["/opt/app/plain"])).rejects.toMatchObject({
      detail: 'cannot find executable "/opt/app/plain"',
    });
  });

  test("the image's programs are seen by file requests, but are not the container's files", async () => {
    await program("hello", "true");
    const { client } = await create();
    expect(await client.listFiles("/usr/bin/hello")).toMatchObject([{ name: "hello", permissions: "755" }]);
    await expect(client.remove("/usr/bin/hello")).rejects.toMatchObject({ kind: "not-found" });
  });
});

describe("paths", () => {
  test("mean the same as the container and as the machine writes them", async () => {
    const { client, pebble } = await create();
    const containers = path.join(folder, "containers");
    const mapped = containerPath(containers, "web", "/etc/app.conf");
    expect(mapped).toBe(path.join(pebble.root, "etc/app.conf"));
    await client.write("/etc/app.conf", "text", { makeDirs: true });
    expect(await client.readText(mapped)).toBe("text");
    expect(await readFile(mapped, "utf8")).toBe("text");
    expect(await client.exec(["/bin/cat", mapped], { workingDir: "/etc" })).toMatchObject({ stdout: "text" });
  });

  test.each([
    ["..", "/../../../../../../etc/passwd"],
    ["an absolute link", "/absolute/passwd"],
    ["a relative link", "/relative/passwd"],
    ["a link to a file", "/file"],
    ["a link chain", "/chain/passwd"],
  ])("do not lead out by %s", async (_how, given) => {
    const { client, pebble } = await create();
    await symlink("/etc", path.join(pebble.root, "absolute"));
    await symlink("../../../../../../../../etc", path.join(pebble.root, "relative"));
    await symlink("/etc/passwd", path.join(pebble.root, "file"));
    await symlink("/relative", path.join(pebble.root, "chain"));
    await expect(client.read(given)).rejects.toMatchObject({ code: "ERR_PEBBLE_PATH", kind: "not-found" });
    await client.makeDir("/etc", { makeParents: true });
    await client.write("/etc/passwd", "the container's own");
    expect(await client.readText(given)).toBe("the container's own");
  });

  test("writing through a link stays inside, and replaces the link itself", async () => {
    const { client, pebble } = await create();
    await symlink(folder, path.join(pebble.root, "out"));
    await expect(client.write("/out/a", "x")).rejects.toMatchObject({ kind: "not-found" });
    await client.write("/out/a", "x", { makeDirs: true }).catch(() => undefined);
    await expect(stat(path.join(folder, "a"))).rejects.toMatchObject({ code: "ENOENT" });
    await symlink(path.join(folder, "victim"), path.join(pebble.root, "link"));
    await writeFile(path.join(folder, "victim"), "safe");
    await client.write("/link", "new");
    expect(await readFile(path.join(folder, "victim"), "utf8")).toBe("safe");
    await client.remove("/link");
    await expect(client.remove("/", { recursive: true })).rejects.toMatchObject({
      kind: "generic-file-error",
    });
  });

  test("a loop of links is an error", async () => {
    const { client, pebble } = await create();
    await symlink("/b", path.join(pebble.root, "a"));
    await symlink("/a", path.join(pebble.root, "b"));
    await expect(client.read("/a")).rejects.toThrow("too many levels of symbolic links");
  });
});

describe("checks", () => {
  const other = process.platform === "linux" ? "127.0.0.2" : "127.0.0.1";

  test.each(["localhost", "0.0.0.0"])("%s means the unit's own address", async (host) => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers.host);
      response.statusCode = request.url === "/moved" ? 302 : request.url === "/bad" ? 500 : 204;
      response.setHeader("location", "/");
      response.end("one\ntwo\n");
    });
    await new Promise<void>((resolve) => server.listen(0, other, resolve));
    const { port } = server.address() as AddressInfo;
    const { client } = await create({ address: other });
    const http = (where: string) =>
      ({ override: "replace", period: "1h", http: { url: `http://${host}:${port}${where}` } }) as const;
    await client.addLayer("a", {
      checks: {
        ok: http("/moved"),
        bad: http("/bad"),
        port: { override: "replace", period: "1h", tcp: { host, port } },
      },
    });
    expect((await client.refreshCheck("ok")).error).toBe("");
    expect((await client.refreshCheck("port")).error).toBe("");
    expect((await client.refreshCheck("bad")).error).toBe("non-2xx status code 500; one\ntwo");
    expect(seen[0]).toBe(`${host}:${port}`);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe("ending", () => {
  test("every process is reported, and none outlives close()", async () => {
    const events: [string, string, ProcessGroup][] = [];
    const { client, pebble } = await create({
      onProcess: (group, name, event) => events.push([name, event, group]),
    });
    const script = "sleep 300 & echo $!; trap : TERM; exec sleep 300";
    await client.addLayer("a", layer(`/bin/sh -c '${script}'`));
    await client.start(["web"]);
    const child = Number((await client.logs())[0]!.message);
    const [, , group] = events[0]!;
    expect(events.map(([name, event]) => [name, event])).toEqual([["web", "started"]]);
    expect(group.startTime).toBe(processStartTime(group.pid));
    await pebble.close();
    expect([isAlive(group.pid), isAlive(child)]).toEqual([false, false]);
    expect(events.at(-1)!.slice(0, 2)).toEqual(["web", "ended"]);
    await expect(client.systemInfo()).rejects.toMatchObject({
      code: "ERR_PEBBLE_UNREACHABLE",
      outcome: "waiting",
    });
  });

  test("what a service leaves in its group ends with Pebble", async () => {
    const { client, pebble } = await create();
    await client.addLayer(
      "a",
      layer("/bin/sh -c 'sleep 300 >/dev/null 2>&1 & echo $!'", { "on-success": "ignore" }),
    );
    await client.start(["web"]).catch(() => undefined);
    const [line] = await client.logs();
    expect(isAlive(Number(line!.message))).toBe(true);
    await pebble.close();
    await until(() => !isAlive(Number(line!.message)));
  });

  test.each([0, 1, 5, 20])("closing %i ms into a start leaves nothing", async (ms) => {
    const groups: ProcessGroup[] = [];
    const { client, pebble } = await create({
      startGraceMs: 10_000,
      onProcess: (group) => groups.push(group),
    });
    await client.addLayer("a", layer("/bin/sleep 300"));
    const starting = client.start(["web"]).catch((error: Error) => error);
    await new Promise((resolve) => setTimeout(resolve, ms));
    await pebble.close();
    expect(groups.filter(({ pid }) => isAlive(pid))).toEqual([]);
    expect(await starting).toBeInstanceOf(Error);
  });

  test("closing ends commands, waiting ones too, and those who wait for notices", async () => {
    const { client, pebble } = await create();
    const running = await client.startExec(["/bin/sleep", "300"]);
    const request = {
      method: "POST",
      path: "/v1/exec",
      body: Buffer.from('{"command":["/bin/cat"]}'),
    } as const;
    await pebble.handle.request(request);
    const result = running.result().catch((error: Error) => error);
    await pebble.close();
    expect(await result).toMatchObject({ code: "ERR_PEBBLE_UNREACHABLE" });
  });

  test.each<[string, object, string, ExitCode]>([
    ["on-failure: shutdown", { "on-failure": "shutdown" }, "exit 1", 10],
    ["on-failure: success-shutdown", { "on-failure": "success-shutdown" }, "exit 1", 0],
    ["on-success: shutdown", { "on-success": "shutdown" }, "exit 0", 0],
    ["on-success: failure-shutdown", { "on-success": "failure-shutdown" }, "exit 0", 10],
    ["on-check-failure: shutdown", { "on-check-failure": { bad: "shutdown" } }, "exec sleep 300", 11],
  ])("%s ends Pebble", async (_title, more, script, code) => {
    const ended = Promise.withResolvers<ExitCode>();
    const { client } = await create({ onExit: ended.resolve });
    const bad = {
      override: "replace",
      period: "10ms",
      threshold: 1,
      exec: { command: "/bin/false" },
    } as const;
    await client.addLayer("a", { ...layer(`/bin/sh -c '${script}'`, more) });
    const starting = client.start(["web"]).catch((error: Error) => error);
    if (code === 11) {
      await starting;
      await client.addLayer("b", { checks: { bad } });
    }
    expect(await ended.promise).toBe(code);
    await starting;
    await expect(client.systemInfo()).rejects.toMatchObject({ code: "ERR_PEBBLE_UNREACHABLE" });
  });

  test("after a killed controller its groups are ended, and nobody else's", async () => {
    const main = `
      import { createPebble } from ${JSON.stringify(path.join(import.meta.dirname, "index.ts"))};
      import { PebbleClient } from ${JSON.stringify(path.join(import.meta.dirname, "../index.ts"))};
      const onProcess = (group) => console.log(JSON.stringify(group));
      const pebble = await createPebble({ root: process.argv[1], image: "/", startGraceMs: 1, onProcess });
      const client = new PebbleClient(pebble.handle);
      const web = { override: "replace", command: "/bin/sleep 300" };
      await client.addLayer("a", { services: { web } });
      await client.start(["web"]);
    `;
    const args = [
      "--conditions=charmed-iap:source",
      "--input-type=module",
      "-e",
      main,
      path.join(folder, "root"),
    ];
    const controller = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await new Promise<Buffer[]>((resolve) => {
      controller.stdout.once("data", (data) => resolve([data]));
    });
    const group: ProcessGroup = JSON.parse(String(line));
    const gone = new Promise((resolve) => controller.once("close", resolve));
    controller.kill("SIGKILL");
    await Promise.race([gone, new Promise((resolve) => controller.once("exit", resolve))]);
    expect(isAlive(group.pid)).toBe(true);
    expect(endProcessGroups([{ ...group, startTime: "1" }])).toEqual([]);
    expect(isAlive(group.pid)).toBe(true);
    expect(endProcessGroups([group])).toEqual([group]);
    await until(() => !isAlive(group.pid));
    expect(endProcessGroups([group])).toEqual([]);
  });
});

describe("listen()", () => {
  test("serves only its own user, and takes over a socket that nobody serves", async () => {
    const socket = path.join(folder, "p.socket");
    await writeFile(socket, "");
    const { pebble } = await create();
    await pebble.listen(socket);
    expect((await stat(socket)).mode & 0o777).toBe(0o600);
    const client = new PebbleClient(unixSocket(socket));
    expect((await client.systemInfo())["boot-id"]).toBe(pebble.bootId);
    const second = await create({ root: path.join(folder, "second") });
    await expect(second.pebble.listen(socket)).rejects.toThrow("another Pebble serves it");
    await pebble.close();
    await second.pebble.listen(socket);
    expect((await client.systemInfo())["boot-id"]).toBe(second.pebble.bootId);
    client.close();
  });

  test("refuses a path that is too long for an address", async () => {
    const { pebble } = await create();
    await expect(pebble.listen(`/${"x".repeat(107)}`)).rejects.toThrow(RangeError);
  });
});

describe("createPebble()", () => {
  test("begins with the layers of a directory, and starts nothing", async () => {
    const layersDir = path.join(folder, "layers");
    await mkdir(layersDir);
    await writeFile(
      path.join(layersDir, "002-more.yaml"),
      "services: {web: {override: merge, startup: enabled}}",
    );
    await writeFile(
      path.join(layersDir, "001-base.yaml"),
      "services: {web: {override: replace, command: sleep 1}}",
    );
    const { client } = await create({ layersDir });
    expect(await client.services()).toEqual([{ name: "web", startup: "enabled", current: "inactive" }]);
    await writeFile(path.join(layersDir, "3.yaml"), "");
    await expect(create({ layersDir })).rejects.toMatchObject({ code: "ERR_PEBBLE_LAYER" });
  });

  test("users are ignored, and the task says so", async () => {
    const { client } = await create();
    await client.addLayer("a", layer("/bin/sleep 300", { user: "somebody" }));
    const change = await client.start(["web"]);
    expect(change.tasks[0]!.log).toEqual([
      expect.stringMatching(/ INFO User and group are ignored: everything runs as "/),
    ]);
  });

  test("metrics count starts and checks", async () => {
    const { client, pebble } = await create();
    await client.addLayer("a", {
      ...layer("/bin/sleep 300"),
      checks: { up: { override: "replace", exec: { command: "true" } } },
    });
    await client.start(["web"]);
    const { body } = await pebble.handle.request({ method: "GET", path: "/v1/metrics" });
    const text = new TextDecoder().decode(body);
    expect(text).toContain('pebble_service_start_count{service="web"} 1\n');
    expect(text).toContain('pebble_check_up{check="up"} 1\n');
  });
});
