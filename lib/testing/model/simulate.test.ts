import { active, defineCharm, option } from "charmed-iap/charm";
import { type FakeModel, SimulationError, simulate } from "charmed-iap/testing";
import { describe, expect, test } from "vitest";
import { keeper, reader, worker } from "./testdata/charms.ts";

function deployed(model: FakeModel): void {
  model.deploy(keeper, "keeper", { units: 2 });
  model.deploy(reader, "reader", { units: 2 });
  model.deploy(worker, "worker");
  model.integrate("reader:in", "keeper:out");
}

const broken = async (...args: Parameters<typeof simulate>): Promise<SimulationError> => {
  const error = await simulate(...args).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SimulationError);
  return error as SimulationError;
};

describe("simulate()", () => {
  test("is content with charms that mend whatever goes wrong", async () => {
    let ends = 0;
    await simulate(deployed, {
      runs: 25,
      mishaps: 6,
      actions: { "a secret rotates": (model) => model.advance(86_400_000) },
      invariant: (model) => expect(model.secrets("keeper")["key"] ?? {}).not.toHaveProperty("token"),
      settled: (model) => {
        ends += 1;
        expect(model.status()).toMatchObject({ keeper: "active", reader: "active" });
        expect(model.plan("worker", "work")?.services).toHaveProperty("work");
      },
    });
    expect(ends).toBe(25);
  });

  test("finds a charm that a lost pod breaks, and needs nothing else to show it", async () => {
    const starting = defineCharm({
      name: "web",
      summary: "x",
      containers: { web: { image: "i" } },
    }).implement({
      on: {
        // The mistake: `install` does not run again in a new pod.
        async install({ containers }) {
          await containers.web.apply({ services: { web: { command: "web" } }, files: {} });
        },
      },
      reconcile: () => active(),
    });
    const error = await broken((model) => model.deploy(starting), {
      runs: 40,
      actions: { "its port is opened": () => {} },
      settled: (model) => expect(model.plan("web", "web"), "web runs").toBeDefined(),
    });
    expect(error.story.steps).toHaveLength(1);
    expect(error.story.steps[0]?.what).toMatchObject({
      kind: expect.stringMatching(/pod lost|container restarted/),
    });
    expect(error.message).toMatch(/the smallest history is:\n {2}1\. .*(is lost|begins anew)\nand then/);
    expect(error.message).toContain("web runs");
    const again = await broken((model) => model.deploy(starting), {
      replay: error.story,
      settled: (model) => expect(model.plan("web", "web"), "web runs").toBeDefined(),
    });
    expect(again.story).toEqual(error.story);
  });

  test("finds what only one order of events does", async () => {
    const racing = defineCharm({
      name: "racing",
      summary: "x",
      config: { n: option.int({ default: 0, description: "x" }) },
    }).implement({ reconcile: () => active() });
    const order = (model: FakeModel) => {
      const [a, b] = ["racing/0 start", "racing/1 start"].map((event) => model.trace.indexOf(event));
      if (b! >= 0 && (a! < 0 || b! < a!)) throw new Error("the second was first");
    };
    const error = await broken((model) => model.deploy(racing, "racing", { units: 2 }), {
      invariant: order,
      runs: 20,
    });
    expect(error.story.steps).toEqual([]);
    expect(error.message).toContain("the order of events is enough");
    expect(error.message).toContain("the second was first");
  });

  test("what Juju refuses is no fault, and settling for ever is one", async () => {
    await simulate(deployed, { runs: 2, actions: { nothing: (model) => model.removeApplication("nobody") } });
    const error = await broken(deployed, { runs: 1, maxEvents: 3 });
    expect(error.message).toContain("Cannot settle within 3 events");
  });
});
