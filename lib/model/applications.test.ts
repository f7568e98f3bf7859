import { describe, expect, test } from "vitest";
import { isModelError } from "./errors.ts";
import { Bench, webCharm } from "./testdata/bench.ts";

function deployed(): Bench {
  const bench = new Bench();
  bench.model.deploy(webCharm());
  bench.settle();
  return bench;
}

function refused(bench: Bench, action: () => unknown): string {
  const before = bench.model.snapshot();
  try {
    action();
  } catch (error) {
    if (!isModelError(error)) throw error;
    expect(bench.model.snapshot()).toEqual(before);
    return error.message;
  }
  return "nothing was refused";
}

describe("configuration", () => {
  test.each([
    [{ port: "abc" }, 'option "port" expected int, got "abc"'],
    [{ port: "" }, 'option "port" expected int, got ""'],
    [{ on: "maybe" }, 'option "on" expected boolean, got "maybe"'],
    [{ ratio: "1,5" }, 'option "ratio" expected float, got "1,5"'],
    [{ x: "1" }, 'unknown option "x"'],
    [{ constructor: "1" }, 'unknown option "constructor"'],
    [{ text: "kept?", port: "no" }, 'option "port" expected int, got "no"'],
  ])("%j: %s", (values, message) => {
    const bench = deployed();
    expect(refused(bench, () => bench.model.setConfig("web", values))).toBe(message);
    expect(refused(bench, () => bench.model.deploy(webCharm(), { app: "other", config: values }))).toBe(
      message,
    );
  });

  test("values are typed, and reach the charm once", () => {
    const bench = deployed();
    bench.model.setConfig("web", { port: "8080", on: "T", ratio: "1e3", text: "" });
    let config = "";
    const hooks = bench.settle((_run, call) => {
      config = call("config-get", "--format=json");
      return 0;
    });
    expect(hooks).toEqual(["web/0 config-changed"]);
    expect(JSON.parse(config)).toEqual({ on: true, port: 8080, ratio: 1000, text: "" });
    bench.model.setConfig("web", { port: 8080 });
    expect(bench.settle()).toEqual([]);
    bench.model.resetConfig("web", ["port"]);
    expect(bench.settle()).toEqual(["web/0 config-changed"]);
  });

  test("configOf() tells where each value comes from", () => {
    const bench = deployed();
    bench.model.setConfig("web", { port: 80, text: "x" });
    bench.model.trust("web", true);
    const { settings, "application-config": application } = bench.model.configOf("web");
    expect(settings).toEqual({
      on: { description: "", source: "unset", type: "boolean" },
      port: { default: 80, description: "", source: "default", type: "int", value: 80 },
      ratio: { description: "", source: "unset", type: "float" },
      text: { default: "", description: "", source: "user", type: "string", value: "x" },
    });
    expect(application["trust"]).toMatchObject({ source: "user", value: true });
    expect(bench.settle()).toEqual(["web/0 config-changed"]);
  });
});

describe("deploy()", () => {
  test.each([
    [{}, 'cannot add application "web": application already exists'],
    [{ app: "Web" }, 'application name "Web" not valid'],
    [{ app: "b", units: -1 }, "--num-units must be a positive integer"],
    [{ app: "b", resources: { x: "1" } }, 'unrecognized resource "x"'],
  ])("%j: %s", (o, message) => {
    const bench = deployed();
    expect(refused(bench, () => bench.model.deploy(webCharm(), o))).toBe(message);
  });

  test("local charms get the next revision of their name, store charms their own", () => {
    const { model } = new Bench();
    expect(model.deploy(webCharm(), { app: "a" }).revision).toBe(0);
    expect(model.deploy(webCharm(), { app: "b" }).revision).toBe(1);
    expect(
      model.deploy(webCharm(), { app: "c", charmOrigin: { source: "charm-hub", revision: 42 } }).revision,
    ).toBe(42);
    expect(model.refresh("a", webCharm()).revision).toBe(2);
  });
});

describe("refresh()", () => {
  test("keeps values that still fit, adds peers, and refuses to break a relation or to forget storage", () => {
    const bench = deployed();
    bench.model.setConfig("web", { port: "81" });
    bench.model.deploy(webCharm({ name: "db" }), { app: "db" });
    bench.model.integrate("web:back", "db:site");
    const without = webCharm({ metadata: { requires: {} } });
    expect(refused(bench, () => bench.model.refresh("web", without))).toBe(
      'cannot upgrade application "web" to charm "web": would break relation "web:back db:site"',
    );
    bench.model.deploy(webCharm({ name: "disk", metadata: { storage: { data: { type: "filesystem" } } } }));
    bench.settle();
    expect(refused(bench, () => bench.model.refresh("disk", webCharm({ name: "disk" })))).toBe(
      'cannot upgrade application "disk" to charm "disk": in-use storage "data" removed',
    );
    bench.model.refresh(
      "web",
      webCharm({ metadata: { peers: { peers: { interface: "p" }, more: { interface: "q" } } } }),
    );
    expect(Object.values(bench.model.state.relations).map((relation) => relation.key)).toContain("web:more");
    expect(bench.model.state.applications["web"]?.config).toEqual({ port: 81 });
  });
});

describe("scale and removal", () => {
  test("say what cannot be", () => {
    const bench = deployed();
    const { model } = bench;
    expect(refused(bench, () => model.scale("web", -1))).toBe("scale must be a positive integer");
    expect(refused(bench, () => model.removeUnit("web/0"))).toMatch(
      /^k8s models do not support removing named units/,
    );
    expect(refused(bench, () => model.removeApplication("nope"))).toBe('application "nope" not found');
    expect(refused(bench, () => model.addUnits("web", 0))).toBe("--num-units must be a positive integer");
  });

  test("force removes an application with a failing unit at once", () => {
    const bench = deployed();
    bench.model.setConfig("web", { text: "x" });
    bench.settle(() => 1);
    bench.model.removeApplication("web");
    expect(bench.model.runnable()).toEqual([]);
    bench.model.removeApplication("web", { force: true });
    expect(bench.model.state.applications).toEqual({});
  });

  test("a run that ends after its unit was removed changes nothing", () => {
    const bench = deployed();
    bench.model.setConfig("web", { text: "x" });
    const run = bench.model.next("web/0")!;
    run.context.run("state-set", ["a=1"]);
    bench.model.removeApplication("web", { force: true });
    bench.model.deploy(webCharm());
    run.finish({ exitCode: 0 });
    expect(bench.model.state.units["web/0"]?.charmState).toEqual({});
    expect(bench.settle()[0]).toBe("web/0 install");
  });
});
