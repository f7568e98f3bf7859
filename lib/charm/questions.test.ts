import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { action, active, defineCharm, type WantedPort } from "charmed-iap/charm";
import { transition } from "charmed-iap/testing";
import { afterAll, describe, expect, test } from "vitest";
import type { HookWorld } from "../model/world.ts";
import { oauth } from "./testdata/interfaces.ts";
import { recorded } from "./testdata/recorder.ts";

const folder = mkdtempSync(path.join(tmpdir(), "questions-"));
const image = path.join(folder, "content.yaml");
writeFileSync(image, "registrypath: ghcr.io/x/web:1\nusername: bob\npassword: hunter22\n");
afterAll(() => rmSync(folder, { recursive: true }));

const contract = defineCharm({
  name: "web",
  summary: "x",
  requires: { oauth: oauth.requirer({ optional: true }) },
  containers: { web: { image: "web-image" } },
  storage: { data: { type: "filesystem", multiple: "0+" } },
  resources: { rules: { type: "file", filename: "rules.json" } },
  extraBindings: ["metrics"],
  actions: { fail: action({ description: "x" }) },
});

type Reconcile = Parameters<typeof contract.implement>[0]["reconcile"];

const world: HookWorld = {
  model: { name: "iam", uuid: "u", type: "iaas" },
  unit: "web/0",
  machine: "0",
  leader: true,
  config: {},
  relations: [],
};

/** Runs a charm on a machine, and gives what it said and asked. */
async function run(reconcile: Reconcile, more: Partial<HookWorld> = {}, env: Record<string, string> = {}) {
  const program = contract.implement({
    reconcile,
    actions: {
      fail: () => {
        throw new RangeError("a bug\nwith lines");
      },
    },
  });
  const { commands, context, exitCode } = await recorded(
    program,
    { ...world, ...more },
    { env: { JUJU_MACHINE_ID: "0", JUJU_VERSION: "4.0.1", ...env } },
  );
  return { commands, exitCode, commit: context.commit() };
}

const said = (commands: readonly string[]) =>
  commands.at(-1)?.replace(/^status-set --application=false /, "");

describe("events", () => {
  test.each(["collect-metrics", "meter-status-changed"])("%s is ignored without a word", async (event) => {
    const { commands, exitCode } = await run(
      () => active("ran"),
      {},
      { JUJU_DISPATCH_PATH: `hooks/${event}` },
    );
    expect([exitCode, commands]).toEqual([0, []]);
  });

  test.each(["gone-relation-changed", "gone-pebble-ready", "gone-storage-attached", "brand-new"])(
    "%s, which the charm does not know, is a debug line and no failure",
    async (event) => {
      const { commands, exitCode } = await run(
        () => active("ran"),
        {},
        { JUJU_DISPATCH_PATH: `hooks/${event}` },
      );
      expect(exitCode).toBe(0);
      expect(commands).toEqual([`juju-log --log-level DEBUG -- event not known to this charm: ${event}`]);
    },
  );

  test("an upgrade of the machine: told what comes; what is stopped stays so until it is over", async () => {
    const heard: unknown[] = [];
    const program = defineCharm({ name: "bare", summary: "x" }).implement({
      on: {
        "pre-series-upgrade": (_ctx, { targetBase }) => void heard.push(targetBase),
        "post-series-upgrade": () => void heard.push("done"),
      },
      reconcile: () => active(`reconciled, ${heard.join()}`),
    });
    const machine = { modelType: "machine", jujuVersion: "3.6" } as const;
    const before = await transition(program, "pre-series-upgrade", machine);
    expect(before.statusHistory).toEqual([]);
    const after = await transition(program, "post-series-upgrade", machine);
    expect(after.status).toEqual(active("reconciled, ubuntu@24.04/stable,done"));
  });

  test("a unit of a machine model is on a machine", async () => {
    const program = defineCharm({ name: "bare", summary: "x" }).implement({
      reconcile: ({ place }) => active(`${place.kubernetes} ${place.machineId}`),
    });
    const { status } = await transition(program, "start", { modelType: "machine" });
    expect(status).toEqual(active("false 0"));
  });

  test("leader-settings-changed of Juju 3.6 runs reconcile", async () => {
    const { commands } = await run(
      () => active("ran"),
      {},
      { JUJU_DISPATCH_PATH: "hooks/leader-settings-changed" },
    );
    expect(said(commands)).toBe("active -- ran");
  });
});

describe("setPorts()", () => {
  const opening =
    (...ports: readonly WantedPort<"oauth">[]): Reconcile =>
    ({ setPorts }) => {
      setPorts(...ports);
      return active();
    };
  const ports = (commands: readonly string[]) => commands.filter((line) => /^(open|close)-port/.test(line));

  test.each<[string, Reconcile, Record<string, string[]>, string[]]>([
    ["a range and icmp", opening("8000-8010/tcp", "icmp"), {}, ["open-port 8000-8010/tcp", "open-port icmp"]],
    ["the same again", opening("8000-8010/tcp", "icmp", 80), { "": ["8000-8010/tcp", "icmp", "80/tcp"] }, []],
    [
      "other ports: what is not wanted goes first",
      opening("90/udp"),
      { "": ["80/tcp", "icmp"] },
      ["close-port icmp", "close-port 80/tcp", "open-port 90/udp"],
    ],
    [
      "for one endpoint",
      opening({ port: 80, endpoints: ["oauth"] }),
      {},
      ["open-port --endpoints oauth 80/tcp"],
    ],
    ["for one endpoint, again", opening({ port: 80, endpoints: ["oauth"] }), { oauth: ["80/tcp"] }, []],
  ])("%s", async (_title, reconcile, opened, expected) => {
    const { commands } = await run(reconcile, { ports: { "web/0": opened } });
    expect(ports(commands)).toEqual(expected);
  });

  test("what is no port fails the hook before anything is sent", async () => {
    const { exitCode, commands } = await run(opening(70_000));
    expect([exitCode, ports(commands)]).toEqual([1, []]);
  });
});

describe("questions", () => {
  test("are asked once, whatever reads them again", async () => {
    const { commands } = await run(
      async ({ network, storage, resource, goalState, plannedUnits, cloud }) => {
        for (let times = 0; times < 2; times += 1) {
          await Promise.all([network("metrics"), storage("data"), resource("rules"), cloud()]);
          await Promise.all([goalState(), plannedUnits()]);
        }
        return active();
      },
      {
        networks: { metrics: { "ingress-addresses": ["10.0.0.2"] } },
        storage: [{ id: "data/0", kind: "filesystem", location: "/d" }],
        resources: { rules: { path: "/r" } },
        "goal-state": { units: {}, relations: {} },
        "cloud-spec": { type: "lxd", name: "localhost" },
      },
    );
    expect(commands.filter((line, index) => commands.indexOf(line) !== index)).toEqual([]);
  });

  test("storage that is not there yet, or is just detaching, is not there", async () => {
    const { commands } = await run(
      async ({ storage }) => active((await storage("data")).map(({ id }) => id).join()),
      {
        storage: [
          { id: "data/0", kind: "filesystem", location: "/0" },
          { id: "data/1", kind: "filesystem", "not-provisioned": true },
          { id: "data/2", kind: "filesystem", location: "/2" },
        ],
      },
      { JUJU_DISPATCH_PATH: "hooks/data-storage-detaching", JUJU_STORAGE_ID: "data/0" },
    );
    expect(said(commands)).toBe("active -- data/2");
  });

  test("requestStorage() adds up and is sent once", async () => {
    const { commands } = await run(({ requestStorage }) => {
      requestStorage("data");
      requestStorage("data", 2);
      return active();
    });
    expect(commands).toContain("storage-add -- data=3");
  });

  test("reboot() is asked for after every other write", async () => {
    const { commands } = await run(({ reboot, setWorkloadVersion }) => {
      reboot();
      setWorkloadVersion("1");
      return active();
    });
    expect(commands.slice(-3, -1)).toEqual(["application-version-set -- 1", "juju-reboot"]);
  });

  test("an image is read; its password does not print", async () => {
    const { commands } = await run(
      async ({ image }) => {
        const { registryPath, username, password } = await image("web-image");
        return active(`${registryPath} ${username} ${password} ${password?.reveal()}`);
      },
      { resources: { "web-image": { path: image } } },
    );
    expect(said(commands)).toBe("active -- ghcr.io/x/web:1 bob *** ***");
  });

  test("a resource that nobody attached blocks", async () => {
    const { commands } = await run(async ({ resource }) => active(await resource("rules")), {
      resources: {},
    });
    expect(said(commands)).toBe("blocked -- resource rules: must be attached");
  });

  test("the cloud without trust blocks", async () => {
    const { commands } = await run(async ({ cloud }) => active((await cloud()).type));
    expect(said(commands)).toBe("blocked -- trust required: juju trust web");
  });

  test("place is what Juju says of it, and nothing where it says nothing", async () => {
    const { commands } = await run(
      ({ place }) =>
        active([place.machineId, place.kubernetes, place.proxy.http, place.availabilityZone].join()),
      {},
      { JUJU_CHARM_HTTP_PROXY: "http://proxy", JUJU_AVAILABILITY_ZONE: "" },
    );
    expect(said(commands)).toBe("active -- 0,false,http://proxy,");
  });
});

test("a bug in an action is two lines on its standard error, and the stack in the log", async () => {
  const stderr: string[] = [];
  const program = contract.implement({
    reconcile: () => active(),
    actions: {
      fail: () => {
        throw new RangeError("a bug\nwith lines");
      },
    },
  });
  const { exitCode, commands } = await recorded(
    program,
    { ...world, action: { name: "fail" } },
    { env: { JUJU_DISPATCH_PATH: "actions/fail" }, stderr: (text) => stderr.push(text) },
  );
  expect(exitCode).toBe(1);
  expect(stderr.join("")).toBe(
    "Uncaught RangeError in charm code: a bug\nUse `juju debug-log` to see the full stack.\n",
  );
  expect(commands.at(-1)).toMatch(/^juju-log --log-level ERROR -- RangeError: a bug\nwith lines\n +at /);
});
