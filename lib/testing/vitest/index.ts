/**
 * Vitest for tests of charms: matchers that read as sentences, and contract tests of all endpoints. Public as
 * `charmed-iap/testing/vitest`; importing it adds the matchers.
 *
 * @module
 */

import { describe, expect, test } from "vitest";
import type { CharmContract, CharmProgram } from "../../charm/contract.ts";
import { type ContractOptions, contractCases } from "../contract/cases.ts";
import type { EventInput } from "../event.ts";
import { type InterruptionOptions, interruptEverywhere } from "../interruptions.ts";
import type { State } from "../state.ts";
import { type CharmMatchers, matchers } from "./matchers.ts";

export type { CharmMatchers } from "./matchers.ts";

declare module "vitest" {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown>
    extends CharmMatchers<R> {}
}

expect.extend(matchers);

/**
 * Defines a test for everything that the other side of each endpoint may say.
 *
 * @example
 * ```ts
 * contractTests(charm, { state: complete });
 * ```
 */
export function contractTests<M extends CharmContract>(
  charm: CharmProgram<M>,
  options: ContractOptions<M> = {},
): void {
  const cases = contractCases(charm, options);
  for (const endpoint of new Set(cases.map((one) => one.endpoint))) {
    describe(`${charm.contract.name}: ${endpoint}`, () => {
      const mine = cases.filter((one) => one.endpoint === endpoint);
      test.each(mine.map((one) => [one.title, one] as const))("%s", async (_title, one) => await one.run());
    });
  }
}

/**
 * Defines a test for each of these events: interrupted after any hook command and at any request to Pebble, the next run makes
 * everything as if nothing had been.
 *
 * @param state One in which the events end well.
 *
 * @example
 * ```ts
 * interruptionTests(charm, ["config-changed", "web-pebble-ready"], complete);
 * ```
 */
export function interruptionTests<M extends CharmContract>(
  charm: CharmProgram<M>,
  events: readonly EventInput<M>[],
  state: State<M>,
  options: InterruptionOptions<M> = {},
): void {
  describe(`${charm.contract.name}: interrupted anywhere`, () => {
    test.each(events.map((event) => [JSON.stringify(event), event] as const))(
      "%s is repaired by the next run",
      async (_title, event) => {
        const { commands } = await interruptEverywhere(charm, event, state, options);
        expect(commands).toBeGreaterThan(1);
      },
      300_000,
    );
  });
}
