import { action, type CharmContract, defineCharm } from "charmed-iap/charm";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { toCharmcraft } from "./charmcraft.ts";
import { checkActions } from "./check-actions.ts";

/** A charm with one action. */
function acting(declared: { params?: v.GenericSchema; results?: v.GenericSchema }): CharmContract {
  return defineCharm({ name: "x", summary: "x", actions: { a: action({ description: "A.", ...declared }) } })
    .contract;
}
const taking = (p: v.GenericSchema) => acting({ params: v.object({ p }) });
const matching = (pattern: RegExp) => taking(v.pipe(v.string(), v.regex(pattern)));

interface Tree {
  readonly next?: Tree | undefined;
}
const tree: v.GenericSchema<Tree> = v.object({ next: v.optional(v.lazy(() => tree)) });

describe("checkActions()", () => {
  test.each([
    [
      matching(/^(?!no)/),
      'parameter "p": the pattern must do without "(?!", which Juju\'s do not have: the handler may check it (action-pattern)',
    ],
    [
      taking(v.object({ q: v.pipe(v.string(), v.regex(/(a)\1/)) })),
      'parameter "p.q": the pattern must do without "\\1", which Juju\'s do not have: the handler may check it (action-pattern)',
    ],
    [taking(v.picklist(["a", "a"])), 'parameter "p": its values must differ (action-params)'],
    [
      taking(v.pipe(v.string(), v.minLength(5), v.maxLength(3))),
      'parameter "p": minLength must not be above maxLength (action-params)',
    ],
    [
      taking(v.pipe(v.number(), v.gtValue(5), v.ltValue(3))),
      'parameter "p": minimum must not be above maximum (action-params)',
    ],
    [
      taking(v.pipe(v.number(), v.multipleOf(0))),
      'parameter "p": multipleOf must be above 0 (action-params)',
    ],
    [taking(v.optional(v.number(), Number.NaN)), 'parameter "p": the default must be finite (action-params)'],
    [
      acting({ params: v.object({ $ref: v.string() }) }),
      'parameter "$ref": Juju refuses the name, it must be another (action-params)',
    ],
    [taking(tree), 'parameter "p.next": must not be recursive (action-params)'],
    [acting({ params: v.string() }), "its parameters must be a schema of an object (action-params)"],
    [acting({ results: v.string() }), "its results must be a schema of an object (action-results)"],
    [
      acting({ results: v.object({ size: v.object({ inBytes: v.number() }) }) }),
      expect.stringContaining('result key "inBytes" must match'),
    ],
    [
      acting({ results: v.object({ stdout: v.string() }) }),
      expect.stringContaining('result key "stdout" must'),
    ],
  ])("finds the fault in the action of %#", async (contract, fault) => {
    const wanted = typeof fault === "string" ? `action "a": ${fault}` : fault;
    expect(await checkActions(contract)).toEqual([wanted]);
    await expect(toCharmcraft(contract)).rejects.toThrow('Cannot emit charmcraft.yaml: action "a": ');
  });

  test("says every fault of every action", async () => {
    const bad = action({ description: "A.", params: v.string(), results: v.string() });
    expect(await checkActions({ name: "x", summary: "x", actions: { a: bad, b: bad } })).toHaveLength(4);
  });

  test("results are no concern of Juju's, and what a handler alone can check is left to it", async () => {
    const contract = acting({
      params: v.object({
        p: v.pipe(
          v.string(),
          v.check((text) => text !== "no"),
        ),
      }),
      results: v.object({ size: v.object({ bytes: v.number() }) }),
    });
    expect(await toCharmcraft(contract)).toMatchObject({
      actions: { a: { description: "A.", params: { p: { type: "string" } }, additionalProperties: false } },
    });
  });

  test("flags of a pattern go with it, and a default is not taken for a schema", async () => {
    const params = v.object({
      p: v.pipe(v.string(), v.regex(/^on$/iu)),
      q: v.optional(v.record(v.string(), v.string()), { const: "a", $schema: "b" }),
    });
    expect(await toCharmcraft(acting({ params }))).toMatchObject({
      actions: {
        a: { params: { p: { pattern: "(?i:^on$)" }, q: { default: { const: "a", $schema: "b" } } } },
      },
    });
  });
});
