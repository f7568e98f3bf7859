import { type CharmContract, type CharmProgram, endpointsOf } from "../../charm/contract.ts";
import type { AnyRelationState, AnyState, State, StorageState } from "../state.ts";
import { fullOf, type Samples } from "./variants.ts";

/** Databags of the other side, by endpoint, where the schema does not tell enough. */
export type SamplesByEndpoint = Readonly<Record<string, { readonly app?: Samples; readonly unit?: Samples }>>;

/** Relations of the endpoints that a charm cannot do without, each with somebody who says everything. */
export function requiredRelations(
  contract: CharmContract,
  samples: SamplesByEndpoint = {},
): Readonly<Record<string, AnyRelationState>> {
  const required = endpointsOf(contract).filter(
    ([, { role, options }]) => role !== "peer" && options.optional !== true,
  );
  const entries = required.map(([name, { remote }]) => {
    const { app: ofApp, unit: ofUnit } = samples[name] ?? {};
    const app = remote.app === undefined ? {} : { remoteAppRaw: fullOf(remote.app, ofApp) };
    const units = remote.unit === undefined ? {} : { units: { 0: { raw: fullOf(remote.unit, ofUnit) } } };
    return [name, { ...app, ...units }] as const;
  });
  return Object.fromEntries(entries);
}

/**
 * A state that lacks nothing, made from a charm's contract: the unit leads, every endpoint that is not optional is related to somebody
 * who says all that the interface has, and the storage that must be there is there. Containers answer and options have their
 * defaults in every state.
 *
 * @param more What is otherwise; relations and storage by name.
 *
 * @example
 * ```ts
 * const { status } = await transition(charm, "config-changed", completeState(charm, { leader: false }));
 * ```
 */
export function completeState<M extends CharmContract>(
  charm: CharmProgram<M>,
  more: NoInfer<State<M>> = {},
): State<M> {
  const { contract } = charm;
  const given: AnyState = more as AnyState;
  const storage = Object.entries(contract.storage ?? {}).flatMap(([name, { multiple }]) => {
    const instances = Array<StorageState>(leastOf(multiple)).fill({});
    return instances.length === 0 ? [] : [[name, instances] as const];
  });
  return {
    leader: true,
    ...given,
    relations: { ...requiredRelations(contract), ...given.relations },
    storage: { ...Object.fromEntries(storage), ...given.storage },
  } as State<M>;
}

/** `2`, `2-4` and `2+` are at least two; without a word it is one. */
function leastOf(multiple = "1"): number {
  return Number.parseInt(multiple, 10);
}
