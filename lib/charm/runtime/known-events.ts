import { type CharmContract, endpointsOf } from "../contract.ts";

/** No pattern: to compile one costs a hook more than all that is asked of it. */
const OF_EVERY_CHARM: readonly string[] = [
  "install",
  "start",
  "stop",
  "remove",
  "config-changed",
  "update-status",
  "upgrade-charm",
  "leader-elected",
  "leader-settings-changed",
  "pre-series-upgrade",
  "post-series-upgrade",
  "secret-changed",
  "secret-rotate",
  "secret-remove",
  "secret-expired",
];

const OF_A_PART =
  /^(.+)-(?:(relation)-(?:created|joined|changed|departed|broken)|(pebble)-(?:ready|custom-notice|check-failed|check-recovered)|(storage)-(?:attached|detaching))$/;

/** Whether an event is one of this charm's: every charm's, or one of its endpoints, containers or storage. */
export function isKnown(contract: CharmContract, event: string): boolean {
  if (OF_EVERY_CHARM.includes(event)) return true;
  const [, name = "", relation, pebble, storage] = OF_A_PART.exec(event) ?? [];
  if (relation !== undefined) return endpointsOf(contract).some(([endpoint]) => endpoint === name);
  if (pebble !== undefined) return Object.hasOwn(contract.containers ?? {}, name);
  return storage !== undefined && Object.hasOwn(contract.storage ?? {}, name);
}
