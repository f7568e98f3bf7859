import type { StateFault } from "./fault.ts";
import type { Checked } from "./rules/checked.ts";
import { containerRules } from "./rules/containers.ts";
import { eventRules } from "./rules/events.ts";
import { faultRules } from "./rules/faults.ts";
import { actionRules, optionRules } from "./rules/options.ts";
import { assetRules, placeRules, plannedRules } from "./rules/place.ts";
import { relationRules } from "./rules/relations.ts";
import { secretRules } from "./rules/secrets.ts";

const rules: readonly ((checked: Checked) => void)[] = [
  placeRules,
  optionRules,
  relationRules,
  plannedRules,
  containerRules,
  secretRules,
  assetRules,
  eventRules,
  actionRules,
  faultRules,
];

/**
 * Everything in a state and event that Juju could never produce, with its place and the rule it breaks.
 *
 * What is only unusual passes: a container that does not answer any more when its `pebble-ready` runs, for example.
 */
export function inconsistencies(checked: Omit<Checked, "report">): readonly StateFault[] {
  const faults: StateFault[] = [];
  const report = (path: string, rule: string): void => void faults.push({ path, rule });
  const all = { ...checked, report };
  for (const rule of rules) rule(all);
  return faults;
}
