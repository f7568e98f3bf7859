import { readFileSync } from "node:fs";
import path from "node:path";
import { active, type Context, defineCharm, option, waiting } from "charmed-iap/charm";
import { databag, defineInterface } from "charmed-iap/interface";
import { HookFailedError, type StateOf, transition } from "charmed-iap/testing";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { proxyPeers } from "../charm/testdata/interfaces.ts";

const shop = defineInterface({
  name: "shop",
  version: 0,
  provider: { app: databag(v.object({ price: v.string() })), unit: databag(v.object({ host: v.string() })) },
  requirer: { app: databag(v.object({ wants: v.string() })), unit: databag(v.object({ at: v.string() })) },
});

const contract = defineCharm({
  name: "web",
  summary: "x",
  config: { size: option.int({ default: 1, description: "x" }) },
  requires: { shop: shop.requirer({ optional: true }) },
  peers: { peers: proxyPeers.peer() },
  containers: { web: { image: "web-image", mounts: { data: "/srv/data" } } },
  storage: { data: { type: "filesystem" }, logs: { type: "filesystem", multiple: "0+" } },
  resources: { banner: { type: "file", filename: "banner.txt" } },
  extraBindings: ["spare"],
});

type Ctx = Context<typeof contract.contract>;

/** Runs one thing in a hook of a charm that can do everything, and hands out what it returned. */
async function doing<T>(
  act: (ctx: Ctx) => T | Promise<T>,
  state: StateOf<ReturnType<typeof contract.implement>> = {},
  event: Parameters<typeof transition<typeof contract.contract>>[1] = "update-status",
) {
  let found: T | undefined;
  const charm = contract.implement({
    async reconcile(ctx) {
      found = await act(ctx);
      return active();
    },
  });
  const outcome = await transition(charm, event, state);
  return { found: found as T, outcome };
}

describe("what a charm sees", () => {
  test("units of both sides, whose databags have the addresses that Juju writes", async () => {
    const relation = { remoteApp: "shop", units: { 0: { data: { host: "a" } }, 3: {} } };
    const see = (jujuVersion: string) =>
      doing(
        ({ relations }) => relations.shop.all[0]?.units.map(({ unit, state, raw }) => ({ unit, state, raw })),
        {
          relations: { shop: relation },
          jujuVersion,
        },
      );
    const addresses = { "egress-subnets": "10.1.0.10/32", "ingress-address": "10.1.0.10" };
    expect((await see("4.1")).found?.[0]).toEqual({
      unit: "shop/0",
      state: "ready",
      raw: { ...addresses, host: "a" },
    });
    expect((await see("3.6")).found?.[0]?.raw).toHaveProperty("private-address");
    expect((await see("4.0")).found?.[1]).toMatchObject({ unit: "shop/3", state: "pending" });
  });

  test("nobody in a relation that is just created, nobody left in one that breaks", async () => {
    const state = { relations: { shop: [{ remoteApp: "shop" }, { remoteApp: "other" }] } };
    const units = async (event: "shop-relation-created" | "shop-relation-changed") =>
      (await doing(({ relations }) => relations.shop.all.map((one) => one.units.length), state, event)).found;
    expect(await units("shop-relation-created")).toEqual([0, 1]);
    expect(await units("shop-relation-changed")).toEqual([1, 1]);
  });

  test("peers, and how many units there should be", async () => {
    const planned = async (state: Parameters<typeof doing>[1]) =>
      (await doing((ctx) => ctx.plannedUnits(), state)).found;
    expect(await planned({})).toBe(1);
    expect(await planned({ plannedUnits: 3 })).toBe(3);
    expect(await planned({ relations: { peers: { units: 2 } }, unit: "web/7" })).toBe(3);
    expect(await planned({ relations: { peers: { units: { 1: { dying: true }, 2: {} } } } })).toBe(2);
  });

  test("storage with files: on its own disk while the event runs, and where containers mount it", async () => {
    let location = "";
    const { found, outcome } = await doing(
      async ({ storage, containers }) => {
        const [data] = await storage("data");
        location = data?.location ?? "";
        await containers.web.push("/srv/data/new", "2");
        return [readFileSync(path.join(location, "a/b"), "utf8"), await containers.web.pull("/srv/data/a/b")];
      },
      { storage: { data: [{ files: { "a/b": "1" } }], logs: ["/var/log/a", { index: 7 }] } },
    );
    expect(found).toEqual(["1", "1"]);
    expect(() => readFileSync(location)).toThrow("ENOENT");
    expect(outcome.storage).toEqual({
      data: [{ id: "data/0", files: { "a/b": "1", new: "2" } }],
      logs: [
        { id: "logs/1", files: {} },
        { id: "logs/7", files: {} },
      ],
    });
  });

  test("a container as it was: services, checks that fail, notices", async () => {
    const layers = {
      web: {
        services: {
          web: { override: "replace", command: "web", startup: "enabled" },
          old: { override: "replace", command: "old" },
        },
        checks: { up: { override: "replace", exec: { command: "true" } } },
      },
    } as const;
    const { found } = await doing(
      async ({ containers: { web } }) => ({
        running: [await web.running("web"), await web.running("old")],
        checks: await web.pebble.checks(),
        notices: (await web.pebble.notices({ keys: ["a.test/b"] })).map(({ id, key, occurrences }) => ({
          id,
          key,
          occurrences,
        })),
      }),
      {
        containers: {
          web: {
            layers,
            running: ["old"],
            failures: { up: 2 },
            notices: [{ key: "a.test/a" }, { key: "a.test/b", occurrences: 4 }],
          },
        },
      },
    );
    expect(found.running).toEqual([false, true]);
    expect(found.checks).toMatchObject([{ name: "up", status: "up", failures: 2 }]);
    expect(found.notices).toEqual([{ id: "2", key: "a.test/b", occurrences: 4 }]);
  });

  test("a resource by its content", async () => {
    const read = async ({ resource }: Ctx) => readFileSync(await resource("banner"), "utf8");
    expect((await doing(read, { resources: { banner: { content: "hello" } } })).found).toBe("hello");
  });

  test("networks of bindings that are no endpoints, and storage that is asked for", async () => {
    const { found, outcome } = await doing(
      async ({ network, requestStorage }) => {
        requestStorage("logs");
        requestStorage("logs", 2);
        return [(await network("spare")).bindAddress, (await network("juju-info")).bindAddress];
      },
      { networks: { spare: { bindAddress: "10.9.0.1" } } },
    );
    expect(found).toEqual(["10.9.0.1", "10.1.0.10"]);
    expect(outcome.requestedStorage).toEqual([{ name: "logs", count: 3 }]);
  });

  test("networks: the usual one, more of them, and none yet", async () => {
    const see = async (networks: object) =>
      (await doing(({ network }) => network("shop"), { networks })).found;
    expect(await see({})).toEqual({
      bindAddress: "10.1.0.10",
      ingressAddress: "10.152.183.10",
      egressSubnets: ["10.152.183.10/32"],
      ingressAddresses: ["10.152.183.10"],
      interfaces: [{ name: "", address: "10.1.0.10", hostname: "", subnet: "" }],
    });
    const interfaces = { eth1: { addresses: [{ value: "192.0.2.7", cidr: "192.0.2.0/24" }] } };
    expect(await see({ shop: { interfaces, egressSubnets: ["192.0.2.0/24"] } })).toMatchObject({
      bindAddress: "192.0.2.7",
      egressSubnets: ["192.0.2.0/24"],
    });
    expect((await see({ shop: "none" })).bindAddress).toBeUndefined();
  });

  test("secrets: granted, refused, tracked and latest", async () => {
    const id = "0".repeat(19);
    const secrets = [
      { id: `${id}a`, content: { value: "old" }, latest: { value: "new" }, revision: 4 },
      { id: `${id}b`, content: { value: "x" }, granted: false },
    ];
    const { found, outcome } = await doing(
      async ({ secrets: seen }) => [
        (await seen.get(`secret:${id}a`))["value"]?.reveal(),
        (await seen.get(`secret:${id}a`, { refresh: true }))["value"]?.reveal(),
        await seen.get(`secret:${id}b`).catch((error: Error) => error.message),
      ],
      { secrets },
    );
    expect(found.slice(0, 2)).toEqual(["old", "new"]);
    expect(found[2]).toContain(`${id}b`);
    expect(outcome.next.secrets).toEqual([
      { id: `${id}a`, content: { value: "new" }, revision: 5 },
      { id: `${id}b`, content: { value: "x" }, revision: 1, granted: false },
    ]);
  });

  test("an application-databag change has no unit; a departure names who goes", async () => {
    const events: unknown[] = [];
    const charm = contract.implement({
      reconcile: () => active(),
      on: {
        "shop-relation-changed": (_ctx, event) => void events.push(event),
        "shop-relation-departed": (_ctx, event) => void events.push(event),
      },
    });
    const state = { relations: { shop: { remoteApp: "shop", units: 2 } } };
    await transition(charm, "shop-relation-changed", state);
    await transition(charm, { event: "shop-relation-changed", remoteUnit: "shop/1" }, state);
    await transition(charm, "shop-relation-departed", state);
    await transition(charm, { event: "shop-relation-departed", departingUnit: "web/0" }, state);
    expect(events).toEqual([
      expect.not.objectContaining({ remoteUnit: expect.anything() }),
      expect.objectContaining({ remoteUnit: "shop/1" }),
      expect.objectContaining({ remoteUnit: "shop/0", departingUnit: "shop/0" }),
      expect.objectContaining({ remoteUnit: "shop/0", departingUnit: "web/0" }),
    ]);
  });
});

describe("what a charm did", () => {
  test("commands in containers, with what they were given", async () => {
    const exec = { "cat -n": (_command: readonly string[], stdin: string) => ({ stdout: `1 ${stdin}` }) };
    const { found, outcome } = await doing(
      ({ containers }) =>
        containers.web.exec(["cat", "-n"], { stdin: "x", environment: { A: "1" }, user: "ann" }),
      { containers: { web: { exec } } },
    );
    expect(found.stdout).toBe("1 x");
    expect(outcome.containers.web.execs).toEqual([
      { command: ["cat", "-n"], stdin: "x", exitCode: 0, environment: { A: "1" }, user: "ann" },
    ]);
  });

  test("secrets that were made, granted, changed and removed", async () => {
    const old = { owner: "app", label: "old", content: { value: "1" } } as const;
    const state = {
      leader: true,
      relations: { shop: { id: 3 } },
      secrets: [
        { ...old, grants: [3], rotate: "daily" },
        { ...old, label: "gone" },
      ],
    } as const;
    const { outcome } = await doing(async ({ secrets, relations }) => {
      const fresh = await secrets.ensure("fresh", () => ({ value: "2" }), { description: "d" });
      if (fresh !== undefined) secrets.grant(fresh, relations.shop.all[0]!);
      await secrets.set("old", { value: "3" });
      const gone = await secrets.byLabel("gone");
      if (gone !== undefined) secrets.remove(gone);
    }, state);
    expect(outcome.secrets.map(({ id: _id, tracked: _tracked, ...rest }) => rest)).toEqual([
      { label: "fresh", owner: "app", revision: 1, content: { value: "2" }, grants: [3], description: "d" },
      { label: "old", owner: "app", revision: 2, content: { value: "3" }, grants: [3], rotate: "daily" },
    ]);
    expect(outcome.removedSecrets).toEqual([{ id: `${"0".repeat(19)}2` }]);
  });

  test("statuses in order, and every hook command", async () => {
    const { outcome } = await doing(() => undefined);
    expect(outcome.statusHistory).toEqual([{ name: "active", message: "" }]);
    expect(outcome.commands.at(-1)).toMatch(/^status-set/);
    expect(outcome.reboot).toBe("none");
  });

  test("the next event finds what this one left", async () => {
    const charm = contract.implement({
      async reconcile({ relations, containers, state, setPorts, setWorkloadVersion, secrets }) {
        relations.shop.publish({ wants: "tea" });
        relations.shop.publishUnit({ at: "x" });
        await secrets.ensure("key", () => ({ value: "1" }));
        await containers.web.apply({ services: { web: { command: "web" } }, files: { "/etc/web": "1" } });
        state.set("runs", String(Number((await state.get("runs")) ?? 0) + 1));
        setPorts(80);
        setWorkloadVersion("1.0");
        return relations.shop.status.name === "active" ? active() : waiting("for the shop");
      },
    });
    const first = await transition(charm, "install", { leader: true, relations: { shop: { id: 5 } } });
    const second = await transition(charm, "update-status", first.next);
    expect(second.state).toEqual({ runs: "2" });
    expect(second.relations).toEqual(first.relations);
    expect(second.openedPorts).toEqual(["80/tcp"]);
    expect(second.secrets).toMatchObject([{ label: "key", revision: 1 }]);
    expect(second.containers.web).toMatchObject({ running: ["web"], starts: {}, files: { "/etc/web": "1" } });
    expect(
      second.commands.filter((line) => /^(relation|secret|open|close)-(set|add|port)/.test(line)),
    ).toEqual([]);
    expect(second.next.unitStatus).toEqual({ name: "waiting", message: "for the shop" });
  });
});

describe("what goes wrong", () => {
  const saying = contract.implement({
    async reconcile({ relations, containers }) {
      relations.shop.publish({ wants: "tea" });
      await containers.web.apply({ services: { web: { command: "web" } } });
      return active();
    },
  });
  const state = { leader: true, relations: { shop: { id: 5 } } } as const;

  test("leadership that is lost while the hook runs: the controller refuses what it wrote", async () => {
    const run = (after: number, jujuVersion = "4.0") =>
      transition(saying, "update-status", { ...state, jujuVersion, faults: { leadershipLostAfter: after } });
    await expect(run(9)).rejects.toThrow(
      "Cannot run relation-set: exit code 1: cannot write relation settings",
    );
    await expect(run(9, "3.6")).rejects.toThrow(HookFailedError);
    const calm = await transition(saying, "update-status", state);
    await expect(run(calm.commands.length)).rejects.toThrow(
      'the hook failed: executing leadership func: "web/0" is not leader of "web"',
    );
  });

  test("a command that fails fails the hook; what happened at once stays", async () => {
    const faults = { commands: [{ command: "relation-set", stderr: "ERROR no space" }] };
    const error = await transition(saying, "update-status", { ...state, faults }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(HookFailedError);
    const { message, outcome } = error as HookFailedError;
    expect(message).toContain("Cannot run relation-set: exit code 1: no space");
    expect(outcome.containers).toMatchObject({ web: { running: ["web"] } });
    expect(outcome.relations).toMatchObject({ shop: [{ localAppData: {} }] });
  });

  test("one call of a command may fail and the others not", async () => {
    const faults = { commands: [{ command: "relation-ids", call: 2 }] };
    await expect(transition(saying, "update-status", { ...state, faults })).rejects.toThrow(
      "Cannot run relation-ids",
    );
    const late = { commands: [{ command: "relation-ids", call: 3 }] };
    await expect(transition(saying, "update-status", { ...state, faults: late })).resolves.toBeDefined();
  });

  test("a process that is killed before any command leaves nothing that the next run does not repair", async () => {
    const { commands } = await transition(saying, "update-status", state);
    for (let killedAfter = 0; killedAfter < commands.length; killedAfter += 1) {
      const error = await transition(saying, "update-status", { ...state, faults: { killedAfter } }).catch(
        (thrown: unknown) => thrown as HookFailedError,
      );
      expect(error).toBeInstanceOf(HookFailedError);
      const again = await transition(
        saying,
        "update-status",
        (error as HookFailedError).outcome.next as never,
      );
      expect(again.relations.shop[0]?.localAppData).toEqual({ wants: "tea" });
      expect(again.containers.web.running).toEqual(["web"]);
    }
  });

  test.each([1, 2, 3])("Pebble that is gone at request %d is waited for", async (call) => {
    const faults = { pebble: { web: { call } } };
    const { status } = await transition(saying, "update-status", { ...state, faults });
    expect(status).toEqual(waiting("web: waiting for Pebble"));
  });

  test("Pebble that refuses a layer fails the hook with its words", async () => {
    const refusal = { status: 500, message: "disk full" };
    const faults = { pebble: { web: { request: "POST /v1/layers", refusal } } };
    await expect(transition(saying, "update-status", { ...state, faults })).rejects.toThrow("disk full");
  });
});
