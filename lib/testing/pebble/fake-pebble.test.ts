import { PebbleClient } from "charmed-iap/pebble";
import { describe, expect, test } from "vitest";
import { FakePebble } from "./fake-pebble.ts";

/** Takes apart all that is in a value. */
function spoil(value: object): void {
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === "object" && inner !== null) spoil(inner);
    else Reflect.set(value, key, "spoilt");
  }
}

const client = (pebble: FakePebble) => new PebbleClient(pebble.transport());

describe("FakePebble", () => {
  test("keeps files with their permissions, and says which there are", async () => {
    const pebble = client(new FakePebble("web", { files: { "/etc/a": "old" } }));
    await pebble.write("/etc/web/b.conf", "text", { permissions: "600", makeDirs: true });
    expect(await pebble.readText("/etc/a")).toBe("old");
    expect(await pebble.readText("/etc/web/b.conf")).toBe("text");
    expect((await pebble.listFiles("/etc")).map(({ name, type }) => [name, type])).toEqual([
      ["a", "file"],
      ["web", "directory"],
    ]);
    expect((await pebble.listFiles("/etc/web/b.conf", { itself: true }))[0]).toMatchObject({
      permissions: "600",
      size: 4,
    });
    await pebble.remove("/etc/web", { recursive: true });
    await expect(pebble.read("/etc/web/b.conf")).rejects.toMatchObject({ kind: "not-found" });
  });

  test("what it answers is the asker's own: nothing that is done with it reaches the next answer", async () => {
    const pebble = client(new FakePebble("web", { files: { "/etc/a": "old" } }));
    await pebble.addLayer("web", {
      services: { a: { override: "replace", command: "a", startup: "enabled" } },
      checks: { up: { override: "replace", exec: { command: "true" } } },
    });
    const { id } = await pebble.replan();
    const ask = async () =>
      await Promise.all([
        pebble.change(id),
        pebble.services(),
        pebble.checks(),
        pebble.listFiles("/etc"),
        pebble.systemInfo(),
        pebble.read("/etc/a"),
      ]);
    const first = await ask();
    const before = structuredClone(first);
    spoil(first);
    expect(structuredClone(await ask())).toEqual(before);
  });

  test("replan() restarts what changed, starts what should run, and leaves the rest", async () => {
    const fake = new FakePebble("web");
    const pebble = client(fake);
    const service = { override: "replace", command: "a", startup: "enabled" } as const;
    await pebble.addLayer("web", {
      services: { a: service, b: service, idle: { ...service, startup: "disabled" } },
    });
    await pebble.replan();
    await pebble.addLayer("web", { services: { a: { ...service, command: "a2" } } });
    await pebble.replan();
    await pebble.replan();
    expect(Object.fromEntries(fake.starts)).toEqual({ a: 2, b: 1 });
    expect((await pebble.services()).map(({ name, current }) => [name, current])).toEqual([
      ["a", "active"],
      ["b", "active"],
      ["idle", "inactive"],
    ]);
    expect((await pebble.plan()).services["a"]?.command).toBe("a2");
  });

  test("autostart() starts what is enabled, and says so when nothing is", async () => {
    const fake = new FakePebble("web");
    const pebble = client(fake);
    await expect(pebble.autostart()).rejects.toMatchObject({ status: 400, kind: "no-default-services" });
    const service = { override: "replace", command: "a", startup: "enabled" } as const;
    await pebble.addLayer("web", {
      services: { a: service, b: service, idle: { ...service, startup: "disabled" } },
    });
    expect(await pebble.autostart()).toMatchObject({
      kind: "autostart",
      summary: 'Autostart service "a" and 1 more',
      status: "Done",
    });
    expect([...fake.starts.keys()]).toEqual(["a", "b"]);
    expect((await pebble.replan()).kind).toBe("replan");
  });

  test("logs that are followed are none, and end", async () => {
    const pebble = client(new FakePebble("web"));
    const lines: string[] = [];
    for await (const { message } of pebble.followLogs()) lines.push(message);
    expect(lines).toEqual([]);
  });

  test("a command in the context of a service needs that service", async () => {
    const pebble = client(new FakePebble("web", { exec: { ls: {} } }));
    await expect(pebble.exec(["ls"], { serviceContext: "web" })).rejects.toMatchObject({
      status: 400,
      detail: 'context service "web" not found',
    });
  });

  test("a failing service is a change in error", async () => {
    const pebble = client(new FakePebble("web", { failing: { a: "exited quickly with code 1" } }));
    await pebble.addLayer("web", {
      services: { a: { override: "replace", command: "a", startup: "enabled" } },
    });
    await expect(pebble.replan()).rejects.toMatchObject({ code: "ERR_PEBBLE_CHANGE" });
  });

  test("exec() answers by the longest beginning, with input, output and exit code", async () => {
    const exec = {
      hydra: { stderr: "no", exitCode: 3 },
      "hydra migrate": (command: readonly string[], stdin: string) => ({
        stdout: `${command.length} ${stdin}`,
      }),
    };
    const pebble = client(new FakePebble("web", { exec }));
    expect(await pebble.exec(["hydra", "migrate", "sql"], { stdin: "in" })).toMatchObject({
      stdout: "3 in",
      exitCode: 0,
    });
    await expect(pebble.exec(["hydra", "serve"])).rejects.toMatchObject({ exitCode: 3, stderr: "no" });
    await expect(pebble.exec(["other"])).rejects.toThrow('cannot find executable "other"');
  });

  test("checks are up unless told otherwise", async () => {
    const pebble = client(
      new FakePebble("web", {
        down: ["b"],
        layers: {
          web: {
            checks: {
              a: { override: "replace", tcp: { port: 80 } },
              b: { override: "replace", tcp: { port: 81 }, level: "ready" },
            },
          },
        },
      }),
    );
    expect((await pebble.checks()).map(({ name, status }) => [name, status])).toEqual([
      ["a", "up"],
      ["b", "down"],
    ]);
    expect(await pebble.healthy()).toBe(false);
  });

  test("does not answer while it cannot connect", async () => {
    const pebble = client(new FakePebble("web", { canConnect: false }));
    await expect(pebble.systemInfo()).rejects.toMatchObject({ code: "ERR_PEBBLE_UNREACHABLE" });
  });
});
