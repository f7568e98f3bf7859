import { HOOK_COMMANDS } from "../../hook/command-names.ts";
import { type Checked, isCount, unknownNames } from "./checked.ts";

/** What a test orders to go wrong: commands and containers that are there, calls that can be counted. */
export function faultRules(checked: Checked): void {
  const { contract, state, report } = checked;
  const { faults = {} } = state;
  unknownNames(checked, "faults.pebble", faults.pebble, Object.keys(contract.containers ?? {}));
  for (const key of ["killedAfter", "leadershipLostAfter"] as const)
    if (faults[key] !== undefined && !isCount(faults[key]))
      report(`faults.${key}`, "must be a whole number from 0");
  if (faults.leadershipLostAfter !== undefined && !state.leader)
    report("faults.leadershipLostAfter", "only a leader can lose leadership");
  for (const [name, fault] of Object.entries(faults.pebble ?? {}))
    if (fault.killed && fault.refusal !== undefined)
      report(`faults.pebble.${name}`, "either the hook is killed or Pebble refuses");
  for (const [index, { command, call }] of (faults.commands ?? []).entries()) {
    const known = [...HOOK_COMMANDS["3.6"], ...HOOK_COMMANDS["4.x"]].includes(command);
    if (!known) report(`faults.commands[${index}].command`, `"${command}" is not a hook command`);
    if (call !== undefined && (!isCount(call) || call === 0))
      report(`faults.commands[${index}].call`, "must be a whole number from 1");
  }
}
