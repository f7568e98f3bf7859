import { type CharmContract, endpointsOf } from "../contract.ts";

const OF_EVERY_CHARM =
  /^(install|start|stop|remove|config-changed|update-status|upgrade-charm|leader-elected|leader-settings-changed|secret-(changed|rotate|remove|expired))$/;

const OF_A_PART =
  /^(.+)-(?:(relation)-(?:created|joined|changed|departed|broken)|(pebble)-(?:ready|custom-notice|check-failed|check-recovered)|(storage)-(?:attached|detaching))$/;

/** Whether an event is one of this charm's: every charm's, or one of its endpoints, containers or storage. */
export function isKnown(contract: CharmContract, event: string): boolean {
  if (OF_EVERY_CHARM.test(event)) return true;
  const [, name = "", relation, pebble, storage] = OF_A_PART.exec(event) ?? [];
  if (relation !== undefined) return endpointsOf(contract).some(([endpoint]) => endpoint === name);
  if (pebble !== undefined) return Object.hasOwn(contract.containers ?? {}, name);
  return storage !== undefined && Object.hasOwn(contract.storage ?? {}, name);
}
