import { describe, expect, test } from "vitest";
import { Model } from "./model.ts";
import { seededRandom } from "./random.ts";
import { Bench, webCharm } from "./testdata/bench.ts";

function started(o: ConstructorParameters<typeof Bench>[0] = {}): Bench {
  const bench = new Bench(o);
  bench.model.deploy(webCharm({ container: true }), { resources: { image: "web:1" } });
  bench.settle();
  return bench;
}

const names = (hooks: readonly string[]) => hooks.map((hook) => hook.slice("web/0 ".length));

describe("Pebble events", () => {
  test("pebble-ready comes for each new boot id, and again 5 s after it failed", () => {
    const bench = started();
    bench.model.workloadReady("web/0", "app", "boot-1");
    expect(bench.settle(() => 1)).toEqual(["web/0 app-pebble-ready"]);
    expect(bench.model.status().applications["web"]?.units?.["web/0"]?.workload.status).not.toBe("error");
    expect(bench.settle()).toEqual([]);
    bench.time += 5_000;
    expect(bench.settle()).toEqual(["web/0 app-pebble-ready"]);
    bench.model.workloadReady("web/0", "app", "boot-1");
    expect(bench.settle()).toEqual([]);
    bench.model.workloadReady("web/0", "app", "boot-2");
    expect(bench.settle()).toEqual(["web/0 app-pebble-ready"]);
  });

  test("pebble-ready waits for install, not for start", () => {
    const bench = new Bench();
    bench.model.deploy(webCharm({ container: true }));
    bench.model.workloadReady("web/0", "app", "boot-1");
    const hooks = names(bench.settle());
    expect(hooks.indexOf("app-pebble-ready")).toBeGreaterThan(hooks.indexOf("install"));
    expect(hooks.indexOf("app-pebble-ready")).toBeLessThan(hooks.indexOf("start"));
  });

  test("notices and checks carry their variables", () => {
    const bench = started();
    bench.model.workloadReady("web/0", "app", "boot-1");
    bench.settle();
    bench.model.workloadNotice("web/0", "app", { id: "7", key: "example.com/x" });
    bench.model.workloadCheck("web/0", "app", { id: "8", check: "up", state: "failed" });
    bench.model.workloadCheck("web/0", "app", { id: "9", check: "up", state: "recovered" });
    const seen: unknown[] = [];
    const hooks = bench.settle((run) => {
      const {
        JUJU_WORKLOAD_NAME,
        JUJU_NOTICE_ID,
        JUJU_NOTICE_TYPE,
        JUJU_NOTICE_KEY,
        JUJU_PEBBLE_CHECK_NAME,
      } = run.environment;
      seen.push([
        JUJU_WORKLOAD_NAME,
        JUJU_NOTICE_ID,
        JUJU_NOTICE_TYPE,
        JUJU_NOTICE_KEY,
        JUJU_PEBBLE_CHECK_NAME,
      ]);
      return 0;
    });
    expect(names(hooks)).toEqual([
      "app-pebble-custom-notice",
      "app-pebble-check-failed",
      "app-pebble-check-recovered",
    ]);
    expect(seen).toEqual([
      ["app", "7", "custom", "example.com/x", undefined],
      ["app", undefined, undefined, undefined, "up"],
      ["app", undefined, undefined, undefined, "up"],
    ]);
  });

  test("a notice that failed brings all of them again, after an implicit start", () => {
    const bench = started();
    bench.model.workloadReady("web/0", "app", "boot-1");
    bench.model.workloadNotice("web/0", "app", { id: "1", key: "a.b/1" });
    bench.settle();
    bench.model.workloadNotice("web/0", "app", { id: "2", key: "a.b/2" });
    expect(names(bench.settle((run) => (run.name === "app-pebble-custom-notice" ? 1 : 0)))).toEqual([
      "app-pebble-custom-notice",
      "start",
    ]);
    bench.time += 5_000;
    expect(names(bench.settle())).toEqual(["app-pebble-custom-notice", "app-pebble-custom-notice"]);
  });
});

describe("pods", () => {
  test("refresh replaces the pod: stop, then upgrade-charm, config-changed, start, pebble-ready", () => {
    const bench = started();
    bench.model.workloadReady("web/0", "app", "boot-1");
    bench.settle();
    expect(bench.model.refresh("web", webCharm({ container: true })).revision).toBe(1);
    expect(names(bench.settle())).toEqual(
      ["stop", "upgrade-charm", "app-pebble-ready", "config-changed", "start"].sort(byPlace),
    );
  });

  test("a new pod has none of the old one's notices", () => {
    const bench = started();
    bench.model.workloadReady("web/0", "app", "boot-1");
    bench.model.workloadNotice("web/0", "app", { id: "1", key: "a.b/1" });
    bench.settle();
    bench.model.unitRestarted("web/0");
    expect(names(bench.settle()).filter((hook) => hook.startsWith("app-"))).toEqual(["app-pebble-ready"]);
    bench.model.workloadNotice("web/0", "app", { id: "1", key: "a.b/1" });
    bench.settle();
    bench.model.unitRestarted("web/0", { podReplaced: false });
    expect(names(bench.settle())).toEqual(["start", "app-pebble-custom-notice"]);
  });

  test("a lost pod comes back without install and stop", () => {
    const bench = started();
    bench.model.unitAgentLost("web/0");
    expect(bench.model.runnable()).toEqual([]);
    bench.model.unitRestarted("web/0");
    expect(names(bench.settle())).toEqual(["upgrade-charm", "config-changed", "start"]);
  });

  test("with autoStart off, nothing runs until the host says so, before and after stop", () => {
    const bench = started({ autoStart: false });
    expect(bench.model.runnable()).toEqual([]);
    expect(bench.model.status().applications["web"]?.status).toMatchObject({
      status: "waiting",
      message: "installing agent",
    });
    bench.model.unitStarted("web/0");
    expect(names(bench.settle())[0]).toBe("install");
    bench.model.unitStopping("web/0");
    expect(names(bench.settle())).toEqual(["stop"]);
    bench.model.unitRestarted("web/0");
    expect(names(bench.settle())).toEqual(["upgrade-charm", "config-changed", "start"]);
  });

  test("a new address is a config-changed", () => {
    const bench = started();
    bench.model.unitAddress("web/0", "10.1.9.9");
    expect(names(bench.settle())).toEqual(["config-changed"]);
  });

  test("a new service address is in the databags at once", () => {
    const bench = started();
    bench.model.serviceAddress("web", "10.152.9.9");
    expect(bench.model.state.relations[0]?.unitData["web/0"]).toEqual({
      "egress-subnets": "10.152.9.9/32",
      "ingress-address": "10.152.9.9",
    });
    expect(names(bench.settle())).toEqual(["config-changed"]);
  });

  test("machines run upgrade-charm and config-changed in place", () => {
    const bench = new Bench({ type: "machine" });
    bench.model.deploy(webCharm());
    bench.settle();
    bench.model.refresh("web", undefined, { resources: { image: "x" } });
    expect(names(bench.settle())).toEqual(["upgrade-charm", "config-changed"]);
  });
});

function byPlace(a: string, b: string): number {
  const order = ["stop", "upgrade-charm", "config-changed", "start", "app-pebble-ready"];
  return order.indexOf(a) - order.indexOf(b);
}

describe("time", () => {
  test("update-status comes an interval after the last hook, give or take a fifth, and is put off by any hook", () => {
    const bench = started();
    const wait = (bench.model.nextWake()! - bench.time) / 60_000;
    expect(wait).toBeGreaterThanOrEqual(4);
    expect(wait).toBeLessThanOrEqual(6);
    bench.time += 3 * 60_000;
    bench.model.setConfig("web", { text: "x" });
    bench.settle();
    bench.time += 3.9 * 60_000;
    expect(bench.settle()).toEqual([]);
    bench.wake();
    expect(names(bench.settle())).toEqual(["update-status"]);
  });
});

describe("snapshot()", () => {
  test("a hook that ran when it was taken has failed in the restored model", () => {
    const bench = started();
    bench.model.setConfig("web", { text: "x" });
    bench.model.next("web/0");
    const snapshot = JSON.parse(JSON.stringify(bench.model.snapshot()));
    const restored = Model.restore(snapshot, {
      name: "iam",
      uuid: bench.model.uuid,
      version: "4.0.15",
      type: "kubernetes",
      clock: { now: () => bench.time },
      random: seededRandom(1),
    });
    expect(restored.status().applications["web"]?.units?.["web/0"]?.workload).toMatchObject({
      status: "error",
      message: 'hook failed: "config-changed"',
    });
    restored.resolved("web/0");
    expect(restored.next("web/0")?.name).toBe("config-changed");
  });
});
