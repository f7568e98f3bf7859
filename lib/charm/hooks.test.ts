import { action, active, blocked, defineCharm, option } from "charmed-iap/charm";
import { transition } from "charmed-iap/testing";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { oauth } from "./testdata/interfaces.ts";

const contract = defineCharm({
  name: "web",
  summary: "Hooks and actions.",
  config: {
    ttl: option.int({ default: 60, min: 10, max: 100, description: "x" }),
    mode: option.oneOf(["a", "b"], { description: "x" }),
    url: option.string({
      check: (value) => (value.startsWith("https:") ? undefined : "must be https"),
      description: "x",
    }),
  },
  requires: { oauth: oauth.requirer({ limit: 1, optional: true }) },
  containers: { web: { image: "web-image" } },
  storage: { data: { type: "filesystem" } },
  actions: {
    dump: action({ description: "x", params: v.object({ depth: v.optional(v.number(), 1) }) }),
    ping: action({ description: "x" }),
    measure: action({
      description: "x",
      params: v.object({ depth: v.number() }),
      results: v.object({
        depth: v.pipe(v.number(), v.maxValue(9, "must be at most 9")),
        in: v.optional(v.object({ unit: v.optional(v.string(), "m") }), {}),
      }),
    }),
  },
});

const events: unknown[] = [];
const charm = contract.implement({
  reconcile(ctx) {
    events.push("reconcile");
    return active(JSON.stringify(ctx.config));
  },
  on: {
    install: (_ctx, event) => void events.push(event),
    stop: (ctx, event) => {
      events.push(event);
      ctx.state.set("stopped", "yes");
    },
    "oauth-relation-departed": (_ctx, event) => void events.push(event),
    "secret-expired": (_ctx, event) => void events.push(event),
    "web-pebble-custom-notice": (_ctx, event) => void events.push(event),
    "web-pebble-check-failed": (_ctx, event) => void events.push(event),
    "data-storage-attached": (_ctx, event) => void events.push(event),
  },
  actions: {
    dump: async (ctx, { depth }, run) => {
      run.log("dumping");
      ctx.state.set("dumped", String(depth));
      if (depth > 5) run.fail("too deep");
      if (depth < 0) throw new Error("bug");
      return { depth, nested: { list: [1, 2], none: undefined, yes: true } };
    },
    ping: () => undefined,
    measure: (ctx, { depth }, { id }) => {
      ctx.state.set("measured", id);
      return { depth };
    },
  },
});

async function heard(
  ...args: Parameters<typeof transition<typeof contract.contract>> extends [unknown, ...infer R] ? R : never
) {
  events.length = 0;
  const after = await transition(charm, ...args);
  return { events: [...events], after };
}

describe("on", () => {
  test("the event's handler runs first, then reconcile", async () => {
    expect((await heard("install")).events).toEqual([{ name: "install" }, "reconcile"]);
  });

  test("an event without a handler runs reconcile", async () => {
    expect((await heard("update-status")).events).toEqual(["reconcile"]);
  });

  test("a unit that stops is not made right again; what its handler wrote is kept, no status is set", async () => {
    const { events: seen, after } = await heard("stop");
    expect(seen).toEqual([{ name: "stop" }]);
    expect(after).toMatchObject({ state: { stopped: "yes" }, status: { name: "unknown" } });
  });

  test.each([
    [
      { event: "oauth-relation-departed", departingUnit: "hydra/0" },
      {
        relationId: 4,
        endpoint: "oauth",
        remoteApp: "hydra",
        remoteUnit: "hydra/0",
        departingUnit: "hydra/0",
      },
    ],
    [
      { event: "secret-expired", secret: "key", revision: 3 },
      { secretId: `secret:${"0".repeat(19)}1`, label: "key", revision: 3 },
    ],
    [
      { event: "web-pebble-custom-notice", notice: { key: "a.test/b" } },
      { container: "web", notice: { id: "1", type: "custom", key: "a.test/b" } },
    ],
    [
      { event: "web-pebble-check-failed", check: "up" },
      { container: "web", check: "up" },
    ],
    [
      { event: "data-storage-attached", storageId: "data/0" },
      { storageId: "data/0", kind: "filesystem", location: "/data" },
    ],
  ] as const)("%j carries what would be lost", async (event, expected) => {
    const state = {
      leader: true,
      relations: { oauth: { id: 4, remoteApp: "hydra" } },
      secrets: [
        { owner: "app", label: "key", content: { value: "v" }, revision: 3, expire: new Date("2026-01-01") },
      ],
      storage: { data: ["/data"] },
      containers: {
        web: { layers: { web: { checks: { up: { override: "replace", exec: { command: "true" } } } } } },
      },
    } as const;
    expect((await heard(event, state)).events).toEqual([{ name: event.event, ...expected }, "reconcile"]);
  });
});

describe("config", () => {
  test("a secret that was taken away, which Juju says as empty text, is not there", async () => {
    const { contract } = defineCharm({
      name: "mail",
      summary: "x",
      config: { key: option.secret({ description: "x" }), name: option.string({ description: "x" }) },
    });
    const mail = defineCharm(contract).implement({ reconcile: ({ config }) => active(`${config.key}`) });
    const { status } = await transition(mail, "config-changed", { config: { key: "" } });
    expect(status).toEqual(active("undefined"));
  });

  test("defaults are applied; options without one may be absent", async () => {
    const { after } = await heard("config-changed", { config: { url: "https://a" } });
    expect(JSON.parse(after.status.message)).toEqual({ ttl: 60, url: "https://a" });
  });

  test.each([
    [{ ttl: 5 }, "config: ttl must be at least 10"],
    [{ ttl: 500 }, "config: ttl must be at most 100"],
    [{ mode: "c" as "a" }, "config: mode must be one of a, b"],
    [{ url: "http://a" }, "config: url must be https"],
  ])("%j blocks, and reconcile does not run", async (config, message) => {
    const { events: seen, after } = await heard("config-changed", { config });
    expect(after.status).toEqual(blocked(message));
    expect(seen).toEqual([]);
  });
});

describe("actions", () => {
  test("results are flattened, parameters validated with their defaults", async () => {
    const { events: seen, after } = await heard({ action: "dump" });
    expect(after.action).toEqual({
      results: { depth: "1", nested: { list: "[1,2]", yes: "true" } },
      log: ["dumping"],
    });
    expect(after.state).toEqual({ dumped: "1" });
    expect(seen).toEqual([]);
  });

  test("fail() ends the action with its message, and nothing is written", async () => {
    const { after } = await heard({ action: "dump", params: { depth: 6 } });
    expect(after.action).toMatchObject({ failure: "too deep", results: {} });
    expect(after.state).toEqual({});
  });

  test("declared results are held to their schema, which may add to them", async () => {
    const { after } = await heard({ action: "measure", params: { depth: 9 } });
    expect(after.action?.results).toEqual({ depth: "9", in: { unit: "m" } });
    expect(after.state).toEqual({ measured: "1" }); // the number of the task
    // A fault of the charm: Juju drops what the action wrote.
    await expect(heard({ action: "measure", params: { depth: 10 } })).rejects.toThrow(
      'TypeError: Cannot set results of action "measure": depth: must be at most 9',
    );
  });

  test("no results are no results", async () => {
    expect((await heard({ action: "ping" })).after.action).toEqual({ results: {}, log: [] });
  });

  test("a bug is a failed process, with its stack in the log", async () => {
    await expect(heard({ action: "dump", params: { depth: -1 } })).rejects.toThrow("Error: bug");
  });
});

test("questions asked when they are read: storage, network, resources, units, state, time", async () => {
  const asking = defineCharm({
    name: "ask",
    summary: "x",
    requires: { oauth: oauth.requirer({ limit: 1, optional: true }) },
    storage: { data: { type: "filesystem", multiple: "0+" } },
    resources: { rules: { type: "file", filename: "rules.json" } },
  }).implement({
    async reconcile({ storage, network, resource, plannedUnits, state, now, jujuVersion, modelUuid }) {
      state.set("b", "2");
      state.delete("a");
      const answers = [
        ...(await storage("data")).map(({ id, location }) => `${id}=${location}`),
        (await network("oauth")).bindAddress,
        (await network("oauth")).ingressAddress,
        await resource("rules"),
        await plannedUnits(),
        await state.get("a"),
        await state.get("b"),
        await state.get("c"),
        new Date(now()).getUTCFullYear(),
        jujuVersion,
        modelUuid.length,
      ];
      return active(answers.join(" "));
    },
  });
  const { status, state } = await transition(asking, "update-status", {
    storage: { data: ["/a", "/b"] },
    networks: { oauth: { bindAddress: "10.0.0.1", ingressAddress: "10.0.0.2" } },
    resources: { rules: "/rules.json" },
    plannedUnits: 3,
    state: { a: "1", c: "3" },
    now: new Date("2027-01-01T00:00:00Z"),
    jujuVersion: "3.6.28",
  });
  expect(status.message).toBe("data/0=/a data/1=/b 10.0.0.1 10.0.0.2 /rules.json 3  2 3 2027 3.6.28 36");
  expect(state).toEqual({ b: "2", c: "3" });
});
