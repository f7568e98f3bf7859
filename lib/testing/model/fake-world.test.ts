import { active, defineCharm } from "charmed-iap/charm";
import { type FakeModel, FakeWorld } from "charmed-iap/testing";
import { describe, expect, test } from "vitest";
import { keeper, reader, shared } from "./testdata/charms.ts";

const DAY = 24 * 3_600_000;

interface Two {
  readonly world: FakeWorld;
  readonly safe: FakeModel;
  readonly apps: FakeModel;
}

/** `keeper` in one model offers what `reader` in the other one consumes. */
async function two(seed: number): Promise<Two> {
  const world = new FakeWorld({ seed });
  const [safe, apps] = [world.model("safe"), world.model("apps")];
  safe.deploy(keeper, "keeper", { units: 2 });
  expect(safe.offer("keeper:out", "secrets")).toBe("admin/safe.secrets");
  apps.deploy(reader, "reader", { units: 2 });
  apps.integrate("reader:in", apps.consume(safe, "secrets"));
  await world.settle();
  return { world, safe, apps };
}

const environmentOf = (model: FakeModel) => {
  const seen: Record<string, string>[] = [];
  const { engine } = model;
  const next = engine.next.bind(engine);
  engine.next = (unit) => {
    const run = next(unit);
    if (run) seen.push({ ...run.environment });
    return run;
  };
  return seen;
};

describe.each([1, 2, 3])("a relation between models, seed %i", (seed) => {
  test("carries databags and units both ways, under the names Juju gives them", async () => {
    const { safe, apps } = await two(seed);
    expect([safe.status(), apps.status()]).toEqual([{ keeper: "active" }, { reader: "active" }]);
    const [here] = apps.databags("reader:in");
    const [there] = safe.databags("keeper:out");
    expect(here).toMatchObject({ remoteApp: "secrets", remoteAppData: there?.localAppData });
    expect(there?.remoteApp).toMatch(/^remote-[0-9a-f]{32}$/);
    expect(there?.remoteAppData).toEqual({ count: "2" });
    expect(Object.keys(here?.unitData ?? {}).sort()).toEqual([
      "reader/0",
      "reader/1",
      "secrets/0",
      "secrets/1",
    ]);
    expect(Object.keys(there?.unitData ?? {}).filter((unit) => unit.startsWith("remote-"))).toHaveLength(2);
  });

  test("a granted secret is read on the other side, and its news and obsolete revisions get through", async () => {
    const { world, safe, apps } = await two(seed);
    const { id, consumers } = Object.values(safe.engine.state.secrets)[0]!;
    expect(apps.databags("reader:in")[0]?.remoteAppData["secret"]).toBe(`secret://${safe.engine.uuid}/${id}`);
    expect(Object.keys(consumers).filter((unit) => unit.startsWith("remote-"))).toHaveLength(2);
    safe.advance(DAY);
    await world.settle();
    expect(apps.trace).toEqual(
      expect.arrayContaining(["reader/0 secret-changed", "reader/1 secret-changed"]),
    );
    const length = String(safe.secrets("keeper")["key"]?.["password"]?.length);
    expect(apps.engine.state.units["reader/0"]?.charmState["length"]).toBe(length);
    expect(Object.keys(safe.engine.state.secrets[id]?.content ?? {})).toEqual(["2"]);
  });

  test("its end on either side is its end on both, with departed before broken", async () => {
    for (const end of ["consuming", "offering", "application"] as const) {
      const { world, safe, apps } = await two(seed);
      const [before, after] = [safe.trace.length, apps.trace.length];
      if (end === "consuming") apps.removeRelation("reader:in", "secrets:out");
      if (end === "offering") safe.removeOffer("secrets", { force: true });
      if (end === "application") safe.removeApplication("keeper");
      await world.settle();
      const told = apps.trace.slice(after).filter((event) => event.startsWith("reader/0 in-"));
      expect(told, end).toEqual([
        "reader/0 in-relation-departed",
        "reader/0 in-relation-departed",
        "reader/0 in-relation-broken",
      ]);
      expect(safe.trace.slice(before).filter((event) => event.endsWith("out-relation-broken"))).toHaveLength(
        2,
      );
      expect([safe, apps].map((model) => Object.keys(model.engine.state.relations).length)).toEqual([0, 0]);
      expect(Object.keys(safe.engine.state.remotes ?? {})).toEqual([]);
      expect(apps.engine.state.secrets).toEqual({});
      expect(apps.status()).toEqual({ reader: "blocked: in: relation required" });
    }
  });
});

test("what a hook is told on each side", async () => {
  const world = new FakeWorld();
  const [safe, apps] = [world.model("safe"), world.model("apps")];
  const [told, heard] = [environmentOf(safe), environmentOf(apps)];
  const asking = defineCharm({
    name: "asking",
    summary: "x",
    requires: { in: shared.requirer({ limit: 1 }) },
  }).implement({
    reconcile: () => active(),
  });
  safe.deploy(keeper);
  safe.offer("keeper:out");
  apps.deploy(asking);
  apps.integrate("asking:in", apps.consume(safe, "keeper", "elsewhere"));
  await world.settle();
  const joined = heard.find((environment) => environment["JUJU_HOOK_NAME"] === "in-relation-joined");
  expect(joined).toMatchObject({ JUJU_REMOTE_APP: "elsewhere", JUJU_REMOTE_UNIT: "elsewhere/0" });
  const other = told.find((environment) => environment["JUJU_HOOK_NAME"] === "out-relation-joined");
  expect(other?.["JUJU_REMOTE_UNIT"]).toMatch(/^remote-[0-9a-f]{32}\/0$/);
  apps.engine.enqueueExec("asking/0", "true");
  const run = apps.engine.next("asking/0")!;
  const ask = (...argv: string[]) => {
    const { stdout } = run.context.run(argv[0]!, argv.slice(1));
    return new TextDecoder().decode(stdout);
  };
  expect(JSON.parse(ask("relation-model-get", "-r", "0", "--format=json"))).toEqual({
    uuid: safe.engine.uuid,
  });
  expect(Object.keys(JSON.parse(ask("goal-state", "--format=json")).relations.in)).toEqual(["elsewhere"]);
  run.finish({ exitCode: 0 });
  expect(apps.engine.status()["saas"]).toMatchObject({
    elsewhere: { url: "admin/safe.keeper", relations: { out: ["asking"] } },
  });
  expect(safe.engine.status()["offers"]).toMatchObject({
    keeper: { application: "keeper", total: 1, active: 1 },
  });
});

test("what cannot be offered, consumed or removed", async () => {
  const { safe, apps } = await two(1);
  expect(() => safe.offer("keeper")).toThrow("an offer must at least specify application endpoint");
  expect(() => safe.offer("nobody:out")).toThrow('application "nobody" not found');
  expect(() => safe.offer("keeper:none")).toThrow('application "keeper" has no "none" relation');
  expect(() => safe.removeOffer("secrets")).toThrow("offer has 1 relation");
  expect(() => apps.consume(safe, "none")).toThrow('application offer "admin/safe.none" not found');
  expect(() => apps.consume(safe, "secrets", "reader")).toThrow("application already exists");
  expect(() => apps.removeSaas("reader")).toThrow('saas application "reader" not found');
  expect(() => apps.integrate("reader:in", "secrets:out")).toThrow("already exists");
});
