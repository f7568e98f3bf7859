import { action, active, defineCharm, option } from "charmed-iap/charm";
import { databag, defineInterface } from "charmed-iap/interface";
import { FakeModel } from "charmed-iap/testing";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { hydra } from "../../charm/testdata/stand-ins.ts";
import { worker } from "./testdata/charms.ts";

const events = (model: FakeModel, from: number) => model.trace.slice(from);
const stateOf = (model: FakeModel, unit: string) => model.engine.state.units[unit]?.charmState ?? {};

async function working(): Promise<FakeModel> {
  const model = new FakeModel({ seed: 2 });
  model.deploy(worker, "worker", { resources: { list: "/tmp/list.txt" } });
  await model.settle();
  return model;
}

describe("refresh()", () => {
  const version = (number: number, charm: { extra?: boolean } = {}) =>
    defineCharm({
      name: "web",
      summary: "x",
      containers: { web: { image: "web-image" } },
      config: charm.extra ? { extra: option.string({ default: "more", description: "x" }) } : {},
    }).implement({
      async reconcile({ containers, config }) {
        await containers.web.apply({ services: { web: { command: `web ${number}` } }, files: {} });
        return active(`version ${number} ${Object.values(config).join()}`);
      },
    });

  test("replaces the pod: the old charm stops, the new one upgrades with its new options", async () => {
    const model = new FakeModel();
    model.deploy(version(1), "web");
    await model.settle();
    const before = model.trace.length;
    model.refresh("web", version(2, { extra: true }));
    expect(model.status()["web"]).toBe("active: version 1 ");
    await model.settle();
    expect(model.status()["web"]).toBe("active: version 2 more");
    expect(events(model, before)[0]).toBe("web/0 stop");
    expect(events(model, before)).toEqual(
      expect.arrayContaining([
        "web/0 upgrade-charm",
        "web/0 config-changed",
        "web/0 start",
        "web/0 web-pebble-ready",
      ]),
    );
    expect(model.plan("web", "web")?.services["web"]?.command).toBe("web 2");
    expect(model.starts("web", "web")).toEqual({ web: 1 });
  });

  test("before the first hook there is nothing to upgrade", async () => {
    const model = new FakeModel();
    model.deploy(version(1), "web");
    model.refresh("web", version(2));
    await model.settle();
    expect(model.trace).not.toContain("web/0 upgrade-charm");
    expect(model.status()["web"]).toBe("active: version 2 ");
  });

  test("refuses a charm that would break a relation", async () => {
    const model = new FakeModel();
    model.deploy(hydra);
    model.deploy(hydra, "other");
    const bare = defineCharm({ name: "hydra", summary: "x" }).implement({ reconcile: () => active() });
    model.refresh("other", bare);
    model.deploy(
      defineCharm({
        name: "web",
        summary: "x",
        requires: { oauth: { ...hydra.contract.provides.oauth, role: "requirer" as const } },
      }).implement({
        reconcile: () => active(),
      }),
      "web",
    );
    model.integrate("web:oauth", "hydra:oauth");
    expect(() => model.refresh("hydra", bare)).toThrow('would break relation "web:oauth hydra:oauth"');
  });
});

describe("a hook that fails", () => {
  const failing = (healthy: () => boolean) =>
    defineCharm({
      name: "web",
      summary: "x",
      config: { n: option.int({ default: 0, description: "x" }) },
    }).implement({
      reconcile({ config }) {
        if (!healthy()) throw new Error("not yet");
        return active(String(config.n));
      },
    });

  test("is done for Juju after resolved() without retry, and runs again with it", async () => {
    let healthy = true;
    const model = new FakeModel();
    model.deploy(failing(() => healthy));
    await model.settle();
    healthy = false;
    model.setConfig("web", { n: 1 });
    await model.step("web/0");
    expect(model.unitStatus("web/0")).toBe('error: hook failed: "config-changed"');
    model.resolved("web/0", { retry: false });
    await model.settle();
    expect(model.unitStatus("web/0")).toBe("active: 0");
    model.setConfig("web", { n: 2 });
    await model.step("web/0");
    healthy = true;
    const before = model.trace.length;
    model.resolved("web/0");
    expect(await model.step("web/0")).toBe("config-changed");
    expect(events(model, before)).toEqual(["web/0 config-changed"]);
    expect(model.unitStatus("web/0")).toBe("active: 2");
    expect(() => model.resolved("web/0")).toThrow("is not in an error state");
  });
});

test("with automatically-retry-hooks false a failed hook waits for resolved(), and actions run meanwhile", async () => {
  let healthy = false;
  const web = defineCharm({
    name: "web",
    summary: "x",
    actions: { look: action({ description: "Looks." }) },
  }).implement({
    reconcile() {
      if (!healthy) throw new Error("not healthy");
      return active();
    },
    actions: { look: () => ({ seen: "yes" }) },
  });
  const model = new FakeModel();
  model.setModelConfig({ "automatically-retry-hooks": false });
  model.deploy(web);
  await model.settle();
  model.advance(3_600_000);
  await model.settle();
  expect(model.status()).toEqual({ web: 'error: hook failed: "install"' });
  expect(model.trace).toEqual(["web/0 install"]);
  expect(await model.run("web/0", "look")).toMatchObject({ status: "completed", results: { seen: "yes" } });
  healthy = true;
  model.resolved("web/0");
  await model.settle();
  expect(model.status()).toEqual({ web: "active" });
});

describe("actions", () => {
  test("Juju refuses what does not fit the schema before the charm sees it", async () => {
    const model = await working();
    expect(await model.run("worker/0", "add", { n: 2 })).toMatchObject({
      status: "completed",
      results: { sum: "3" },
    });
    expect(await model.run("worker/0", "add", { n: 0 })).toMatchObject({
      status: "error",
      message:
        'cannot run "add" action: validation failed: (root).n : must be greater than or equal to 1, given 0',
    });
    expect(await model.run("worker/0", "add", { n: 1, x: 1 })).toMatchObject({
      message: expect.stringContaining('additional property "x" is not allowed'),
    });
    expect(await model.run("worker/0", "add")).toMatchObject({
      message: expect.stringContaining('"n" property is missing and required'),
    });
    expect(await model.run("worker/0", "refuse")).toMatchObject({ status: "failed", message: "not today" });
  });

  test("cancel: one that waits never runs, one that runs is killed", async () => {
    const model = await working();
    const [first, second] = [
      model.enqueue("worker/0", "add", { n: 1 }),
      model.enqueue("worker/0", "add", { n: 2 }),
    ];
    await model.settle({
      onEvent: (event) => {
        if (event !== "worker/0 add" || model.task(first).status !== "running") return;
        model.cancel(second);
        model.cancel(first);
      },
    });
    expect([model.task(first).status, model.task(second).status]).toEqual(["aborted", "cancelled"]);
    expect(model.task(first).results).not.toHaveProperty("sum");
  });
});

describe("what a unit has", () => {
  test("storage comes, goes and comes back", async () => {
    const model = await working();
    expect(stateOf(model, "worker/0")["storage"]).toBe("data/0");
    const before = model.trace.length;
    const second = model.addStorage("worker/0", "data");
    await model.settle();
    expect(stateOf(model, "worker/0")["storage"]).toBe("data/0 data/1");
    expect(() => model.addStorage("worker/0", "data")).toThrow("allows at most 2 instances");
    model.detachStorage(second);
    await model.settle();
    expect(events(model, before)).toEqual([
      "worker/0 data-storage-attached",
      "worker/0 data-storage-detaching",
    ]);
    model.attachStorage("worker/0", second);
    await model.settle();
    expect(stateOf(model, "worker/0")["storage"]).toBe("data/0 data/1");
    expect(() => model.attachStorage("worker/0", second)).toThrow('storage "data/1" not found');
  });

  test("a new file for a resource is an upgrade-charm", async () => {
    const model = await working();
    const before = model.trace.length;
    model.attachResource("worker", "list", "/tmp/other.txt");
    await model.settle();
    expect(events(model, before)).toContain("worker/0 upgrade-charm");
    expect(() => model.attachResource("worker", "none", "/tmp/x")).toThrow('unrecognized resource "none"');
  });

  test("notices and checks of its Pebble", async () => {
    const model = await working();
    model.notify("worker/0", "work", "example.com/done");
    model.setCheck("worker/0", "work", "up", "down");
    await model.settle();
    expect(stateOf(model, "worker/0")).toMatchObject({ notice: "example.com/done", check: "up failed" });
    model.setCheck("worker/0", "work", "up", "down");
    model.setCheck("worker/0", "work", "up", "up");
    const before = model.trace.length;
    await model.settle();
    expect(events(model, before)).toEqual(["worker/0 work-pebble-check-recovered"]);
  });
});

describe("how many units there are", () => {
  test("down to none and up again; the highest goes first, nothing of them is left", async () => {
    const model = await working();
    model.scale("worker", 3);
    await model.settle();
    expect(model.leader("worker")).toBe("worker/0");
    model.scale("worker", 0);
    await model.settle();
    expect([model.units("worker"), model.leader("worker")]).toEqual([[], undefined]);
    expect(model.trace.filter((event) => event.endsWith(" remove"))).toHaveLength(3);
    model.scale("worker", 1);
    await model.settle();
    expect(model.units("worker")).toEqual(["worker/0"]);
    expect(model.plan("worker", "work")?.services["work"]).toBeDefined();
  });

  test("a unit that goes departs, breaks, stops and is removed, in this order", async () => {
    const model = new FakeModel();
    model.deploy(hydra);
    const user = defineCharm({
      name: "user",
      summary: "x",
      requires: { oauth: { ...hydra.contract.provides.oauth, role: "requirer" as const } },
    }).implement({ reconcile: () => active() });
    model.deploy(user);
    model.integrate("user:oauth", "hydra:oauth");
    await model.settle();
    const before = model.trace.length;
    model.removeApplication("user");
    await model.settle();
    expect(events(model, before).filter((event) => event.startsWith("user/0"))).toEqual([
      "user/0 oauth-relation-departed",
      "user/0 oauth-relation-broken",
      "user/0 stop",
      "user/0 remove",
    ]);
    expect(events(model, before)).toContain("hydra/0 oauth-relation-broken");
    expect(Object.keys(model.engine.state.relations)).toEqual([]);
  });

  test("machines: units are added and removed by name", async () => {
    const model = new FakeModel({ type: "machine" });
    model.deploy(hydra, "hydra", { units: 2 });
    model.addUnits("hydra");
    await model.settle();
    model.removeUnit("hydra/0");
    await model.settle();
    expect(model.units("hydra")).toEqual(["hydra/1", "hydra/2"]);
    expect(model.leader("hydra")).not.toBe("hydra/0");
  });
});

describe("leadership", () => {
  test("lost in the middle of a hook: what the hook wrote for the application is refused", async () => {
    const model = new FakeModel({ seed: 1 });
    let lost: string | undefined;
    const leading = defineCharm({
      name: "web",
      summary: "x",
      config: { n: option.int({ default: 0, description: "x" }) },
    }).implement({
      async reconcile({ leader, secrets, config, unit }) {
        if (leader) await secrets.set("key", { value: `by ${unit}, ${config.n}` });
        if (leader && config.n === 1 && lost === undefined) {
          lost = unit;
          model.expireLeadership("web");
        }
        return active(leader ? "leads" : "follows");
      },
    });
    model.deploy(leading, "web", { units: 2 });
    await model.settle();
    model.setConfig("web", { n: 1 });
    await model.settle();
    const leader = model.leader("web");
    expect([lost, leader].sort()).toEqual(["web/0", "web/1"]);
    expect(model.logs.join("\n")).toContain(
      "Cannot run secret-set: exit code 1: this unit is not the leader",
    );
    expect(model.secrets("web")).toEqual({ key: { value: `by ${leader}, 1` } });
    expect([model.unitStatus(leader!), model.unitStatus(lost!)]).toEqual([
      "active: leads",
      "active: follows",
    ]);
  });
});

test("a subordinate runs beside every unit of its principal, on machines", async () => {
  const seen = defineInterface({
    name: "seen",
    version: 0,
    provider: { unit: databag(v.object({ path: v.string() })) },
    requirer: {},
  });
  const principal = defineCharm({
    name: "web",
    summary: "x",
    provides: { logs: seen.provider({ optional: true, scope: "container" }) },
  }).implement({
    reconcile({ relations, unit }) {
      for (const { publishUnit } of relations.logs.all) publishUnit({ path: `/var/log/${unit}` });
      return active();
    },
  });
  const subordinate = defineCharm({
    name: "log",
    summary: "x",
    subordinate: true,
    requires: { logs: seen.requirer({ limit: 1, scope: "container" }) },
  }).implement({
    reconcile({ relations: { logs } }) {
      if (logs.state !== "ready") return logs.status;
      return active(logs.units.map((unit) => (unit.state === "ready" ? unit.data.path : "")).join(" "));
    },
  });
  const model = new FakeModel({ type: "machine", seed: 3 });
  model.deploy(principal, "web", { units: 2 });
  model.deploy(subordinate);
  model.integrate("log:logs", "web:logs");
  await model.settle();
  const units = Object.values(model.engine.state.units).filter(({ app }) => app === "log");
  expect(units).toHaveLength(2);
  for (const { name, principal: beside } of units) {
    expect(model.unitStatus(name)).toBe(`active: /var/log/${beside}`);
  }
});
