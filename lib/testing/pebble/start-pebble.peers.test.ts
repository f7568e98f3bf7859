import { access, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildPebble, PEBBLE_VERSION } from "../../../test/peers/pebble.ts";
import { active, defineCharm, option } from "../../charm/index.ts";
import { conformance } from "../../pebble/conformance/conformance.ts";
import { files } from "../../pebble/conformance/files.suite.ts";
import { PebbleClient } from "../../pebble/index.ts";
import { FakeModel } from "../model/fake-model.ts";
import { transition } from "../transition.ts";
import { DIFFERS } from "./rooted-differences.ts";
import { type StartedPebble, startPebble } from "./start-pebble.ts";

const peer = await buildPebble();

const charm = defineCharm({
  name: "clock",
  summary: "Counts.",
  config: { program: option.string({ default: "/bin/sh", description: "What runs." }) },
  containers: { clock: { image: "clock-image" } },
}).implement({
  async reconcile({ config, containers: { clock } }) {
    const script = clock.path("/etc/clock/run.sh");
    const count = clock.path("/var/lib/clock/count");
    await clock.apply({
      files: { "/etc/clock/run.sh": `echo started >> ${count}; exec sleep 60\n`, "/var/lib/clock/about": "" },
      services: { clock: { command: `${config.program} ${script}`, reads: ["/etc/clock/run.sh"] } },
    });
    const { stdout } = await clock.exec(["/bin/sh", "-c", `echo $GREETING $(wc -l < ${count})`]);
    return active(stdout.trim());
  },
});

const isThere = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

describe.skipIf("missing" in peer)(`transition with the real Pebble ${PEBBLE_VERSION}`, () => {
  const program = "missing" in peer ? "" : peer.program;
  let pebble: StartedPebble;
  beforeEach(async () => {
    pebble = await startPebble({ program, environment: { GREETING: "hello" } });
  });
  afterEach(() => pebble.stop());

  test("files, a service and a command; a second hook changes nothing; one that cannot start", async () => {
    const containers = { clock: { pebble: pebble.transport } };
    const first = await transition(charm, "clock-pebble-ready", { containers });
    expect(first.status).toEqual(active("hello 1"));
    expect(first.containers.clock).toMatchObject({ running: ["clock"], starts: { clock: 1 } });
    const script = path.join(pebble.root, "etc/clock/run.sh");
    expect(first.containers.clock.plan?.services["clock"]?.command).toBe(`/bin/sh ${script}`);
    expect(await readFile(script, "utf8")).toContain(`${pebble.root}/var/lib/clock/count`);
    expect(await isThere("/etc/clock")).toBe(false);

    const second = await transition(charm, "update-status", first.next);
    expect(second.status).toEqual(first.status);
    expect(second.containers.clock).toMatchObject({ running: ["clock"], starts: {} });
    expect(second.containers.clock.requests).not.toContain("POST /v1/files");

    const config = { program: "/bin/false" };
    const third = await transition(charm, "config-changed", { ...second.next, config });
    expect(third.status.name).toBe("waiting");
    expect(third.containers.clock.running).toEqual([]);
    const client = new PebbleClient(pebble.transport);
    const failed = (await client.changes({ select: "all" })).filter(({ err }) => err !== undefined);
    expect(failed.map(({ err }) => err)).toEqual([expect.stringContaining("exited quickly with code 1")]);
  });

  test("a model's unit runs on it", async () => {
    const model = new FakeModel();
    model.deploy(charm, "clock", { containers: { clock: { pebble: () => pebble.transport } } });
    await model.settle();
    expect(model.status()).toEqual({ clock: "active: hello 1" });
    await new PebbleClient(pebble.transport).notify("example.com/tick");
    await model.settle();
    expect(model.trace.at(-1)).toBe("clock/0 clock-pebble-custom-notice");
    expect(model.starts("clock", "clock")).toEqual({ clock: 1 });
  });

  test("nothing is left of one that was stopped; what is no Pebble does not start", async () => {
    const other = await startPebble({ program });
    const socketFolder = path.dirname(path.dirname(other.socket));
    expect((await readdir(socketFolder)).sort()).toEqual(["p", "root"]);
    await other.stop();
    expect(await isThere(socketFolder)).toBe(false);
    await expect(startPebble({ program: "/no/pebble" })).rejects.toThrow("spawn /no/pebble ENOENT");
    await expect(startPebble({ program, args: ["--bogus"] })).rejects.toThrow("unknown flag `bogus'");
  });
});

if (!("missing" in peer)) {
  conformance({
    name: `the real ${PEBBLE_VERSION}, rooted in a folder`,
    hasSocket: true,
    topics: [files],
    differs: (title) => DIFFERS[title],
    async start() {
      const { transport, stop } = await startPebble({ program: peer.program });
      await new PebbleClient(transport).makeDir("/tmp");
      return { transport, directory: "/tmp", httpAddress: "", close: stop };
    },
  });
}
