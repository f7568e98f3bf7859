import { toJsonSchema } from "@valibot/to-json-schema";
import { actionEntryWith } from "../../charm/action-schema.ts";
import { withoutActions } from "../../charm/charmcraft.ts";
import type { CharmContract } from "../../charm/contract.ts";
import { type CharmMetadata, parseCharm } from "../../model/index.ts";

const known = new WeakMap<CharmContract, CharmMetadata>();

/**
 * What Juju would read in the `charmcraft.yaml` of a contract, the schemas of its actions included.
 *
 * @throws {TypeError} With every rule that the contract breaks.
 */
export function charmOfContract(contract: CharmContract): CharmMetadata {
  const before = known.get(contract);
  if (before !== undefined) return before;
  const entries = Object.entries(contract.actions ?? {}).map(([name, action]) => [
    name,
    actionEntryWith(toJsonSchema, name, action),
  ]);
  const actions = entries.length === 0 ? {} : { actions: Object.fromEntries(entries) };
  const charm = parseCharm({ metadata: withoutActions(contract), ...actions });
  known.set(contract, charm);
  return charm;
}
