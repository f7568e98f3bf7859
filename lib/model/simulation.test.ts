import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Scenario, Simulation } from "./testdata/simulation.ts";

const scenarios = fc.record({
  seed: fc.nat(),
  type: fc.constantFrom("kubernetes" as const, "machine" as const),
  version: fc.constantFrom("4.0.15", "3.6.28"),
  steps: fc.constantFrom(40, 150),
  overlap: fc.boolean(),
});

const play = (scenario: Scenario) => new Simulation(scenario).run();

describe("Model under random commands", () => {
  test("sends no hook that Juju would not, keeps its state whole and comes to rest", () => {
    fc.assert(
      fc.property(scenarios, (scenario) => {
        expect(play(scenario).faults).toEqual([]);
      }),
      { numRuns: 120 },
    );
  });

  test("leaves nothing behind when every application is removed", () => {
    fc.assert(
      fc.property(scenarios, (scenario) => {
        const simulation = new Simulation(scenario);
        simulation.run();
        expect(simulation.teardown().faults).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test("does the same for the same seed", () => {
    fc.assert(
      fc.property(scenarios, (scenario) => {
        expect(play(scenario).events).toEqual(play(scenario).events);
      }),
      { numRuns: 20 },
    );
  });

  test("has the same future after a snapshot is restored", () => {
    fc.assert(
      fc.property(scenarios, fc.nat(149), (drawn, restoreAt) => {
        const scenario = { ...drawn, overlap: false };
        const straight = play(scenario);
        const restored = play({ ...scenario, restoreAt: restoreAt % scenario.steps });
        expect(restored.events).toEqual(straight.events);
        expect(restored.model.snapshot()).toEqual(straight.model.snapshot());
      }),
      { numRuns: 30 },
    );
  });
});
