import { describe, expect, test } from "vitest";
import { Bench, webCharm } from "./testdata/bench.ts";

function related(type: "kubernetes" | "machine" = "kubernetes", version = "4.0.15"): Bench {
  const bench = new Bench({ type, version });
  bench.model.deploy(webCharm());
  bench.model.deploy(webCharm({ name: "db" }), { app: "db" });
  bench.settle();
  return bench;
}

describe("the order of hooks", () => {
  test("a leader starts: install, created, leader-elected, config-changed, start", () => {
    const bench = new Bench();
    bench.model.deploy(webCharm());
    expect(bench.settle()).toEqual([
      "web/0 install",
      "web/0 peers-relation-created",
      "web/0 leader-elected",
      "web/0 config-changed",
      "web/0 start",
    ]);
  });

  test.each([
    ["3.6.28", ["leader-settings-changed", "config-changed"]],
    ["4.0.15", ["config-changed"]],
  ])("%s: a follower starts with %j", (version, expected) => {
    const bench = new Bench({ version });
    bench.model.deploy(webCharm(), { units: 2 });
    const hooks = bench.settle().filter((hook) => hook.startsWith("web/1"));
    expect(hooks.slice(0, 2 + expected.length)).toEqual(
      ["install", "peers-relation-created", ...expected].map((hook) => `web/1 ${hook}`),
    );
  });

  test.each([
    ["kubernetes", ["install", "data-storage-attached"]],
    ["machine", ["data-storage-attached", "install"]],
  ] as const)("on %s: %j", (type, expected) => {
    const bench = new Bench({ type });
    bench.model.deploy(webCharm({ metadata: { storage: { data: { type: "filesystem" } } } }));
    const hooks = bench.settle().map((hook) => hook.slice("web/0 ".length));
    expect(hooks.filter((hook) => (expected as readonly string[]).includes(hook))).toEqual(expected);
  });

  test("a relation begins: created on each side, then joined and its changed", () => {
    const bench = related();
    bench.model.integrate("web:back", "db:site");
    const hooks = bench.settle();
    expect(hooks.filter((hook) => hook.startsWith("web/0"))).toEqual([
      "web/0 back-relation-created",
      "web/0 back-relation-joined",
      "web/0 back-relation-changed",
    ]);
    expect(hooks.filter((hook) => hook.startsWith("db/0"))).toEqual([
      "db/0 site-relation-created",
      "db/0 site-relation-joined",
      "db/0 site-relation-changed",
    ]);
  });

  test("an application's changed comes before the first joined, once it wrote something", () => {
    const bench = related();
    bench.model.integrate("web:back", "db:site");
    bench.step("db/0", (run, call) => {
      call("relation-set", "-r", run.environment["JUJU_RELATION_ID"]!, "--app", "a=b");
      return 0;
    });
    const remotes: string[] = [];
    bench.settle((run) => {
      if (run.unit === "web/0") remotes.push(`${run.kind} ${run.environment["JUJU_REMOTE_UNIT"]}`);
      return 0;
    });
    expect(remotes).toEqual([
      "relation-created ",
      "relation-changed ",
      "relation-joined db/0",
      "relation-changed db/0",
    ]);
  });

  test("several writes are one changed, and the same content is none", () => {
    const bench = related();
    bench.model.integrate("web:back", "db:site");
    bench.settle();
    const write = (value: string) => {
      bench.model.setConfig("db", { text: value });
      bench.step("db/0", (_run, call) => {
        call("relation-set", "-r", "2", "k=same");
        return 0;
      });
    };
    write("1");
    write("2");
    expect(bench.settle()).toEqual(["web/0 back-relation-changed"]);
    write("3");
    expect(bench.settle()).toEqual([]);
  });

  test("a leader that writes the peer databag hears of it; others too", () => {
    const bench = new Bench();
    bench.model.deploy(webCharm(), { units: 2 });
    bench.settle();
    bench.model.setConfig("web", { text: "x" });
    const hooks = bench.settle((run, call) => {
      if (run.unit === "web/0" && run.name === "config-changed")
        call("relation-set", "-r", "0", "--app", "a=b");
      return 0;
    });
    expect(hooks.filter((hook) => hook.endsWith("peers-relation-changed")).sort()).toEqual([
      "web/0 peers-relation-changed",
      "web/1 peers-relation-changed",
    ]);
  });

  test("a relation ends: departed names who leaves, then broken, then it is gone", () => {
    const bench = related();
    bench.model.integrate("web:back", "db:site");
    bench.settle();
    bench.model.removeRelation("web", "db");
    const departing: (string | undefined)[] = [];
    const hooks = bench.settle((run) => {
      if (run.kind === "relation-departed") departing.push(run.environment["JUJU_DEPARTING_UNIT"]);
      return 0;
    });
    expect(hooks).toContain("web/0 back-relation-departed");
    expect(hooks.at(-1)).toMatch(/-relation-broken$/);
    expect(departing.sort()).toEqual(["db/0", "web/0"]);
    expect(Object.values(bench.model.state.relations).map((relation) => relation.key)).toEqual([
      "web:peers",
      "db:peers",
    ]);
  });

  test("an application goes: its unit departs itself, breaks, stops and is removed", () => {
    const bench = related();
    bench.model.integrate("web:back", "db:site");
    bench.settle();
    bench.model.removeApplication("web");
    const hooks = bench.settle((run) => {
      if (run.unit === "web/0" && run.kind === "relation-departed") {
        expect(run.environment["JUJU_DEPARTING_UNIT"]).toBe("web/0");
      }
      return 0;
    });
    expect(hooks.filter((hook) => hook.startsWith("web/0"))).toEqual([
      "web/0 back-relation-departed",
      "web/0 back-relation-broken",
      "web/0 peers-relation-broken",
      "web/0 stop",
      "web/0 remove",
    ]);
    expect(Object.keys(bench.model.state.applications)).toEqual(["db"]);
  });

  test("scaling down removes the highest ordinal, which comes back under its name", () => {
    const bench = new Bench();
    bench.model.deploy(webCharm(), { units: 3 });
    bench.settle();
    bench.model.scale("web", 1);
    bench.settle();
    expect(Object.keys(bench.model.state.units)).toEqual(["web/0"]);
    bench.model.scale("web", 2);
    expect(bench.settle()[0]).toBe("web/1 install");
  });

  test.each([
    ["3.6.28", ["stop", "remove"]],
    ["4.0.15", ["peers-relation-broken", "stop", "remove"]],
  ])("%s: the last unit of an application ends with %j", (version, expected) => {
    const bench = new Bench({ version });
    bench.model.deploy(webCharm());
    bench.settle();
    bench.model.removeApplication("web");
    expect(bench.settle()).toEqual(expected.map((hook) => `web/0 ${hook}`));
  });

  test("a unit that leads again is elected again", () => {
    const bench = new Bench();
    bench.model.deploy(webCharm(), { units: 2 });
    bench.settle();
    bench.model.expireLeadership("web");
    expect(bench.settle()).toEqual(["web/1 leader-elected"]);
    bench.model.setLeader("web/0");
    expect(bench.settle()).toEqual(["web/0 leader-elected"]);
  });

  test("leader-elected that failed is dropped when leadership goes", () => {
    const bench = new Bench();
    bench.model.deploy(webCharm(), { units: 2 });
    bench.settle((run) => (run.name === "leader-elected" ? 1 : 0));
    bench.model.setLeader("web/1");
    bench.wake();
    expect(bench.settle()).not.toContain("web/0 leader-elected");
    expect(bench.log.map((record) => record.message)).toContain(
      'unit is no longer the leader; skipping "leader-elected" execution',
    );
  });
});
