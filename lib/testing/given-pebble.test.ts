import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { active, defineCharm, maintenance, option, waiting } from "../charm/index.ts";
import { PebbleClient } from "../pebble/index.ts";
import { createPebble, type EmbeddedPebble } from "../pebble/server/index.ts";
import { interruptEverywhere } from "./interruptions.ts";
import { FakeModel } from "./model/fake-model.ts";
import { type RootedPebble, rooted } from "./pebble/rooted.ts";
import { type HookFailedError, transition } from "./transition.ts";

const charm = defineCharm({
  name: "greeter",
  summary: "Says what its file says.",
  config: { command: option.string({ default: "/bin/sleep 60", description: "What runs." }) },
  containers: { web: { image: "web-image" }, side: { image: "side-image" } },
}).implement({
  on: { "web-pebble-custom-notice": ({ log }, { notice }) => log.info(`heard ${notice?.key}`) },
  async reconcile({ config, containers: { web, side } }) {
    const file = web.path("/etc/greeting");
    await web.apply({
      files: { "/etc/greeting": "hello" },
      services: { web: { command: config.command, environment: { FILE: file } } },
    });
    await side.push("/etc/beside", side.path("/etc/beside"));
    const { stdout } = await web.exec(["/bin/cat", file]);
    return (await web.running("web")) ? active(stdout) : maintenance("web: starting");
  },
});

const begun: { folder: string; pebble: EmbeddedPebble; transport: RootedPebble; client: PebbleClient }[] = [];

async function begin() {
  const folder = await mkdtemp(path.join(tmpdir(), "given-"));
  const pebble = await createPebble({ root: folder, image: path.join(folder, "image"), startGraceMs: 60 });
  const transport = rooted(pebble.handle, folder);
  const one = { folder, pebble, transport, client: new PebbleClient(transport) };
  begun.push(one);
  return one;
}

let web: Awaited<ReturnType<typeof begin>>;
beforeEach(async () => {
  web = await begin();
});
afterEach(async () => {
  for (const { pebble, folder } of begun.splice(0)) {
    await pebble.close();
    await rm(folder, { recursive: true });
  }
});

describe("transition with another Pebble", () => {
  test("hooks act on it, and the outcome says what it says", async () => {
    const containers = { web: { pebble: web.transport } };
    const first = await transition(charm, "web-pebble-ready", { containers });
    expect(first.status).toEqual(active("hello"));
    const seen = first.containers.web;
    expect(seen.plan?.services["web"]?.command).toBe("/bin/sleep 60");
    expect(seen.plan?.services["web"]?.environment).toEqual({ FILE: path.join(web.folder, "etc/greeting") });
    expect([seen.running, seen.starts]).toEqual([["web"], { web: 1 }]);
    expect([seen.files, seen.execs]).toEqual([{}, []]);
    expect(seen.requests).toContain("POST /v1/layers");
    expect(seen.requests.some((request) => request.includes("websocket"))).toBe(true);
    expect(await readFile(path.join(web.folder, "etc/greeting"), "utf8")).toBe("hello");
    expect(first.containers.side.files).toEqual({ "/etc/beside": "/etc/beside" });

    const second = await transition(charm, "update-status", first.next);
    expect(second.status).toEqual(active("hello"));
    expect(second.containers.web.starts).toEqual({});
    expect(second.containers.web.requests).not.toContain("POST /v1/files");
  });

  test("a start that fails fails the hook as it does there, and nothing runs", async () => {
    const state = { containers: { web: { pebble: web.transport } }, config: { command: "/bin/false" } };
    const { status, containers } = await transition(charm, "web-pebble-ready", state);
    expect(status.name).toBe("waiting");
    expect([containers.web.running, containers.web.starts]).toEqual([[], {}]);
    expect(containers.web.plan?.services["web"]?.command).toBe("/bin/false");
  });

  test("faults come between", async () => {
    const containers = { web: { pebble: web.transport } };
    const gone = { pebble: { web: { request: "POST /v1/layers" } } };
    const outcome = await transition(charm, "web-pebble-ready", { containers, faults: gone });
    expect(outcome.status).toEqual(waiting("web: waiting for Pebble"));
    expect(outcome.containers.web.plan).toBeUndefined();
    const killed = { pebble: { web: { request: "POST /v1/exec", killed: true } } };
    const running = transition(charm, "web-pebble-ready", { containers, faults: killed });
    const { outcome: left } = (await running.catch((error: unknown) => error)) as HookFailedError;
    expect(left.containers).toMatchObject({ web: { running: ["web"] } });
    const silent = { web: { pebble: web.transport, canConnect: false } };
    const { status, next } = await transition(charm, "start", { containers: silent });
    expect(status).toEqual(waiting("web: waiting for Pebble"));
    expect(next.containers?.web).toBe(silent.web);
  });

  test("one that is gone leaves what was known of it", async () => {
    await web.pebble.close();
    const containers = { web: { pebble: web.transport } };
    const { status, containers: left } = await transition(charm, "start", { containers });
    expect(status).toEqual(waiting("web: waiting for Pebble"));
    expect(left.web).toMatchObject({ plan: undefined, running: [] });
  });

  test("what only the one in memory understands is a fault, and so is one without a root", async () => {
    const options = { pebble: web.transport, files: { "/a": "b" }, running: [], canConnect: true };
    await expect(transition(charm, "start", { containers: { web: options } })).rejects.toMatchObject({
      faults: [
        { path: "containers.web.files", rule: 'is for the Pebble in memory, and "pebble" is another' },
        { path: "containers.web.running", rule: 'is for the Pebble in memory, and "pebble" is another' },
      ],
    });
    // @ts-expect-error A transport alone has no root.
    const pebble: RootedPebble = web.pebble.handle;
    await expect(transition(charm, "start", { containers: { web: { pebble } } })).rejects.toThrow(
      "containers.web.pebble: has no root, so files of plans would be written where this machine has its own: must be rooted(transport, folder)",
    );
    expect(() => new FakeModel().deploy(charm, "web", { containers: { web: { pebble } } })).toThrow(
      "containers.web.pebble: has no root",
    );
  });

  test("cannot be interrupted everywhere: it cannot be put back", async () => {
    const state = { containers: { web: { pebble: web.transport } } };
    await expect(interruptEverywhere(charm, "start", state)).rejects.toThrow(
      'Cannot interrupt "start": the Pebble of web must be the one in memory',
    );
  });
});

describe("FakeModel with other Pebbles", () => {
  test("gives each unit its own, and hears their notices", async () => {
    const pebbles = new Map([
      ["web/0", web],
      ["web/1", await begin()],
    ]);
    const model = new FakeModel();
    const pebble = (unit: string) => pebbles.get(unit)!.transport;
    model.deploy(charm, "web", { units: 2, containers: { web: { pebble } } });
    await model.settle();
    expect(model.status()).toEqual({ web: "active: hello" });
    expect(model.starts("web/1", "web")).toEqual({ web: 1 });
    expect(model.plan("web/1", "web")?.services["web"]?.environment).toEqual({
      FILE: path.join(pebbles.get("web/1")!.folder, "etc/greeting"),
    });
    expect(model.report()).toContain("web/0 web plan services.web.command: /bin/sleep 60");

    await web.client.notify("example.com/done");
    await model.settle();
    expect(model.logs.filter((line) => line.includes("heard"))).toEqual([
      "web/0 INFO heard example.com/done",
    ]);
    await model.settle();
    expect(model.trace.filter((event) => event.endsWith("custom-notice"))).toHaveLength(1);
    expect(model.starts("web/0", "web")).toEqual({ web: 1 });
  });

  test("a lost pod asks for its Pebble again, a cut one does not answer", async () => {
    const asked: string[] = [];
    const pebble = (unit: string) => {
      asked.push(unit);
      return web.transport;
    };
    const model = new FakeModel();
    model.deploy(charm, "web", { containers: { web: { pebble } } });
    await model.settle();
    model.killUnit("web/0");
    await model.settle();
    expect(asked).toEqual(["web/0", "web/0"]);
    model.setPebble("web/0", "web", "down");
    model.setConfig("web", { command: "/bin/sleep 61" });
    await model.settle();
    expect(model.status()).toEqual({ web: "waiting: web: waiting for Pebble" });
    model.setPebble("web/0", "web", "up");
    await model.settle();
    expect(model.status()).toEqual({ web: "active: hello" });
    expect(model.plan("web", "web")?.services["web"]?.command).toBe("/bin/sleep 61");
    expect(model.trace.at(-1)).toBe("web/0 web-pebble-ready");
    model.setPebble("web/0", "web", "restarted");
    await model.settle();
    expect(model.trace.filter((event) => event === "web/0 web-pebble-ready")).toHaveLength(4);
  });

  test("two units cannot share one, and what only the one in memory can do is refused", async () => {
    const model = new FakeModel();
    const containers = { web: { pebble: web.transport } };
    model.deploy(charm, "web", { containers });
    expect(() => model.scale("web", 2)).toThrow(
      "Cannot give web/1 the Pebble of web/0: each unit must have its own, pebble: (unit) => …",
    );
    const refused = '" in web/0: its Pebble must be the one in memory; do it with the one you gave';
    expect(() => model.files("web/0", "web")).toThrow(`Cannot list files of "web${refused}`);
    expect(() => model.notify("web/0", "web", "a.b/c")).toThrow(`Cannot make a notice of "web${refused}`);
    expect(() => model.setCheck("web/0", "web", "up", "down")).toThrow(
      `Cannot set a check of "web${refused}`,
    );
  });
});
