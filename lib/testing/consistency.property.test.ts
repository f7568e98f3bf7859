import type { CharmContract } from "charmed-iap/charm";
import { schemaArbitrary, transition } from "charmed-iap/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { endpointsOf } from "../charm/contract.ts";
import type { AnyDatabag } from "../charm/databag.ts";
import charm from "../charm/testdata/charm.ts";
import type { AnyEventInput } from "./event.ts";

const { contract }: { readonly contract: CharmContract } = charm;

const said = (bag: AnyDatabag | undefined) =>
  bag === undefined ? fc.constant(undefined) : fc.option(schemaArbitrary(fc, bag.schema), { nil: undefined });

const defined = (record: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));

/** Relations of one endpoint as far as its limit allows. */
function relations(name: string, [, { local, remote, options }]: ReturnType<typeof endpointsOf>[number]) {
  const one = fc
    .record({
      remoteApp: fc.constantFrom("hydra", "traefik", `${name}-other`),
      remoteAppData: said(remote.app),
      localAppData: said(local.app),
      units: fc.integer({ min: 0, max: 3 }),
    })
    .map(defined);
  return fc.array(one, { maxLength: options.limit ?? 3 });
}

/** Any state that the contract allows. */
const states = fc.record({
  leader: fc.boolean(),
  unit: fc.constantFrom("forward-auth-k8s/0", "auth/11"),
  jujuVersion: fc.constantFrom("3.6", "4.0", "4.1", "3.6.13"),
  config: fc.record({ "session-ttl": fc.integer(), "cookie-domain": fc.string() }, { requiredKeys: [] }),
  relations: fc.record(
    Object.fromEntries(endpointsOf(contract).map((entry) => [entry[0], relations(entry[0], entry)])),
    { requiredKeys: [] },
  ),
  containers: fc.record({ proxy: fc.record({ canConnect: fc.boolean() }) }),
  openedPorts: fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { maxLength: 3 }),
  secrets: fc.array(
    fc.record({
      owner: fc.constantFrom("app", "unit", "other"),
      content: fc.dictionary(fc.constantFrom("key", "value", "a-b-c"), fc.string(), { minKeys: 1 }),
    }),
    { maxLength: 3 },
  ),
  state: fc.dictionary(fc.constantFrom("a", "b"), fc.string()),
  plannedUnits: fc.integer({ min: 1, max: 5 }),
});

/** Every event that can come over a state. */
function eventsOf(state: { leader: boolean; relations: object }): readonly (string | AnyEventInput)[] {
  const plain = ["install", "start", "config-changed", "update-status", "upgrade-charm", "stop", "remove"];
  const ofRelations = Object.entries(state.relations).flatMap(
    ([name, list]: [string, { units: number }[]]) => {
      if (list.length === 0) return [];
      const joined = (list[0]?.units ?? 0) > 0 ? ["joined", "departed"] : [];
      return [...joined, "changed", "broken"].map((suffix) => `${name}-relation-${suffix}`);
    },
  );
  return [
    ...plain,
    ...ofRelations,
    ...(state.leader ? ["leader-elected"] : []),
    "proxy-pebble-ready",
    { event: "proxy-pebble-custom-notice", notice: { key: "a.test/b" } },
    { action: "revoke-sessions", params: { subject: "ann" } },
  ];
}

test("whatever a contract allows is possible, and no event over it fails", async () => {
  const cases = fc.asyncProperty(states, fc.nat(), async (state, pick) => {
    const events = eventsOf(state);
    const event = events[pick % events.length];
    const after = await transition(charm, event as "start", state as never);
    expect(after.logs.filter(({ level }) => level === "ERROR")).toEqual([]);
    // What is left is possible too, and all that is to be said has been said, unless the unit was ending.
    const again = await transition(charm, "update-status", after.next);
    if (event !== "stop" && event !== "remove" && typeof event === "string")
      expect(again.commands.filter((line) => /^(relation-set|secret-)/.test(line))).toEqual([]);
  });
  await fc.assert(cases, { numRuns: 300 });
});
