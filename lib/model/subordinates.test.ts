import { describe, expect, test } from "vitest";
import { parseCharm } from "./charm-metadata.ts";
import { Bench, webCharm } from "./testdata/bench.ts";

const agent = (name: string) =>
  parseCharm({
    metadata: {
      name,
      summary: "s",
      description: "d",
      subordinate: true,
      requires: { info: { interface: "juju-info", scope: "container" } },
      provides: { data: { interface: "data" } },
    },
  });

/** Two `web` units with a `log` unit beside each. */
function beside(): Bench {
  const bench = new Bench({ type: "machine" });
  bench.model.deploy(webCharm(), { units: 2 });
  bench.model.deploy(agent("log"));
  bench.settle();
  bench.model.integrate("log", "web");
  bench.settle();
  return bench;
}

const unitsOf = (bench: Bench) =>
  Object.values(bench.model.state.units).map(({ name, principal = "", machine }) => [
    name,
    principal,
    machine,
  ]);
const of = (unit: string, hooks: readonly string[]) =>
  hooks.filter((hook) => hook.startsWith(`${unit} `)).map((hook) => hook.slice(unit.length + 1));

describe("subordinates", () => {
  test("have no units of their own, and one beside each principal unit that is related", () => {
    const bench = new Bench({ type: "machine" });
    bench.model.deploy(webCharm());
    bench.model.deploy(agent("log"), { units: 3 });
    bench.settle();
    expect(unitsOf(bench)).toEqual([["web/0", "", "0"]]);
    bench.model.integrate("log", "web");
    bench.settle();
    expect(unitsOf(bench)).toEqual([
      ["web/0", "", "0"],
      ["log/0", "web/0", "0"],
    ]);
    bench.model.addUnits("web");
    bench.settle();
    expect(unitsOf(bench).slice(2)).toEqual([
      ["web/1", "", "1"],
      ["log/1", "web/1", "1"],
    ]);
  });

  test("know their principal, and meet nobody else's", () => {
    const bench = new Bench({ type: "machine" });
    bench.model.deploy(webCharm(), { units: 2 });
    bench.model.deploy(agent("log"));
    bench.model.integrate("log", "web");
    const met = new Set<string>();
    const principals = new Set<string>();
    bench.settle((run, call) => {
      const { JUJU_REMOTE_UNIT = "", JUJU_PRINCIPAL_UNIT = "" } = run.environment;
      if (run.name === "info-relation-joined") {
        met.add(`${run.unit} ${JUJU_REMOTE_UNIT} ${call("relation-list")}`);
      }
      if (run.unit.startsWith("log/")) principals.add(`${run.unit} ${JUJU_PRINCIPAL_UNIT}`);
      return 0;
    });
    const beside = bench.model.state.units["log/0"]!.principal!;
    const other = beside === "web/0" ? "web/1" : "web/0";
    expect([...met].sort()).toEqual([`log/0 ${beside} ${beside}`, `log/1 ${other} ${other}`]);
    expect([...principals].sort()).toEqual([`log/0 ${beside}`, `log/1 ${other}`]);
  });

  test("have the address of their machine", () => {
    const { units } = beside().model.state;
    for (const name of ["log/0", "log/1"]) {
      expect(units[name]!.address).toBe(units[units[name]!.principal!]!.address);
    }
  });

  test("go with the relation: departed, broken, stop, remove; the principal stays", () => {
    const bench = beside();
    bench.model.removeRelation("log:info", "web:juju-info");
    const hooks = bench.settle();
    for (const unit of ["log/0", "log/1"]) {
      expect(of(unit, hooks)).toEqual(["info-relation-departed", "info-relation-broken", "stop", "remove"]);
    }
    expect(unitsOf(bench).map(([name]) => name)).toEqual(["web/0", "web/1"]);
    expect(Object.keys(bench.model.state.applications)).toEqual(["web", "log"]);
    bench.model.integrate("log", "web");
    bench.settle();
    expect(
      unitsOf(bench)
        .map(([name]) => name)
        .slice(2),
    ).toEqual(["log/2", "log/3"]);
  });

  test("go before their principal is gone", () => {
    const bench = beside();
    const log = Object.values(bench.model.state.units).find(({ principal }) => principal === "web/1")!.name;
    bench.model.removeUnit("web/1");
    const seen = new Set<string>();
    const hooks = bench.settle((run) => {
      if (bench.model.state.units[log] !== undefined) seen.add(`${"web/1" in bench.model.state.units}`);
      return run.name === "" ? 1 : 0;
    });
    expect([...seen]).toEqual(["true"]);
    expect(of(log, hooks).slice(-2)).toEqual(["stop", "remove"]);
    expect(of("web/1", hooks).slice(-2)).toEqual(["stop", "remove"]);
    expect(
      unitsOf(bench)
        .map(([name]) => name)
        .filter((name) => name === log || name === "web/1"),
    ).toEqual([]);
    expect(unitsOf(bench)).toHaveLength(2);
  });

  test("stay where another relation holds them, as another container relation with the principal does", () => {
    const bench = new Bench({ type: "machine" });
    bench.model.deploy(webCharm());
    const two = parseCharm({
      metadata: {
        name: "two",
        summary: "s",
        description: "d",
        subordinate: true,
        requires: {
          info: { interface: "juju-info", scope: "container" },
          site: { interface: "http", scope: "container" },
        },
      },
    });
    bench.model.deploy(two);
    bench.model.integrate("two:info", "web");
    bench.model.integrate("two:site", "web:site");
    bench.settle();
    expect(unitsOf(bench)).toHaveLength(2);
    bench.model.removeRelation("two:info", "web:juju-info");
    bench.settle();
    expect(unitsOf(bench)).toHaveLength(2);
    bench.model.removeRelation("two:site", "web:site");
    bench.settle();
    expect(unitsOf(bench)).toHaveLength(1);
  });

  test("leave nothing when applications go, in either order", () => {
    for (const order of [
      ["web", "log"],
      ["log", "web"],
    ]) {
      const bench = beside();
      for (const app of order) {
        bench.model.removeApplication(app);
        bench.settle();
      }
      expect([bench.model.state.units, bench.model.state.relations, bench.model.state.applications]).toEqual([
        {},
        {},
        {},
      ]);
    }
  });

  test("are not added or removed by themselves", () => {
    const { model } = beside();
    expect(() => model.addUnits("log")).toThrow("application is a subordinate");
    expect(() => model.removeUnit("log/0")).toThrow(
      'unit "log/0" is a subordinate, to remove use remove-relation. Note: this will remove all units of "log"',
    );
  });

  test("are shown under their principal", () => {
    const { applications } = beside().model.status();
    expect(applications["log"]).toMatchObject({ subordinate_to: ["web"] });
    expect(applications["log"]).not.toHaveProperty("units");
    const beneath = Object.values(applications["web"]?.units ?? {}).flatMap((report) =>
      Object.keys(report["subordinates"] as object),
    );
    expect(beneath.sort()).toEqual(["log/0", "log/1"]);
  });
});
