import type { ConfigValue as OptionValue } from "../../hook/commands/unit.ts";
import type { CharmContract } from "../contract.ts";
import { optionFault } from "../option.ts";
import { blocked, type Status } from "../status.ts";

/** Options as the handler sees them, and what is wrong with them. */
export interface ConfigView {
  readonly values: Readonly<Record<string, OptionValue | undefined>>;
  readonly faults: readonly Status<"blocked">[];
}

/**
 * Applies defaults and rules. Juju's own check covers types only; to it, empty text is a secret too, which operators set
 * to take one away.
 */
export function configView(
  contract: CharmContract,
  given: Readonly<Record<string, OptionValue>>,
): ConfigView {
  const values: Record<string, OptionValue | undefined> = {};
  const faults: Status<"blocked">[] = [];
  for (const [name, definition] of Object.entries(contract.config ?? {})) {
    const isAbsent = definition.type === "secret" && given[name] === "";
    const value = isAbsent ? undefined : (given[name] ?? (definition.default as OptionValue | undefined));
    values[name] = value;
    const fault = optionFault(definition, value);
    if (fault !== undefined) faults.push(blocked(`config: ${name} ${fault}`));
  }
  return { values, faults };
}
