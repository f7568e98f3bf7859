import type { CharmContract } from "../charm/contract.ts";
import { inconsistencies } from "./consistency.ts";
import { Disk } from "./disk.ts";
import type { AnyEventInput } from "./event.ts";
import { InconsistentStateError, type StateFault } from "./fault.ts";
import { listRelations, relationsOfState } from "./relations-of-state.ts";
import type { AnyState, ResourceState } from "./state.ts";
import { storageOfState } from "./storage-of-state.ts";
import { placeOf, type WorldInput } from "./world-of-state.ts";

/**
 * What one hook over a state sees.
 *
 * @param disk Where files of the state are put that the charm itself reads.
 * @throws {InconsistentStateError} When Juju could never produce this state or event.
 */
export function inputOf(
  contract: CharmContract,
  event: AnyEventInput,
  state: AnyState,
  disk: Disk = new Disk(),
): WorldInput {
  const place = placeOf(contract, state);
  const faults: StateFault[] = [];
  const listed = listRelations(contract, state);
  const report = (path: string, rule: string): void => void faults.push({ path, rule });
  const relations = relationsOfState({ listed, event, place, report });
  const storage = storageOfState(contract, state, disk);
  faults.push(...inconsistencies({ contract, state, event, place, listed, relations, storage }));
  if (faults.length > 0) throw new InconsistentStateError(eventName(event), faults);
  return { contract, state, event, relations, place, storage, resources: resourcesOf(state, disk) };
}

/** An event in words, for messages. */
export function eventName(event: AnyEventInput): string {
  return event.event ?? `action ${event.action}`;
}

function resourcesOf({ resources = {} }: AnyState, disk: Disk): Readonly<Record<string, string>> {
  const path = (name: string, given: ResourceState): string =>
    typeof given === "string" ? given : disk.file("resources", name, given.content);
  return Object.fromEntries(Object.entries(resources).map(([name, given]) => [name, path(name, given)]));
}
