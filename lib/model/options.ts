/** Option values of an application: what is set, what is in force, and what `juju config` shows. */

import { type ConfigOption, optionValue } from "./charm-options.ts";
import { sortedKeys } from "./engine.ts";
import { ModelError } from "./errors.ts";
import type { ApplicationState, ConfigValue } from "./state.ts";

/** One option as `juju config` shows it. */
export interface OptionReport {
  readonly default?: ConfigValue;
  readonly description: string;
  readonly source: "default" | "user" | "unset";
  readonly type: string;
  readonly value?: ConfigValue;
}

/** The answer of `juju config <app>`, in its spelling. */
export interface ConfigReport {
  readonly application: string;
  readonly "application-config": Readonly<Record<string, OptionReport>>;
  readonly charm: string;
  readonly settings: Readonly<Record<string, OptionReport>>;
}

type EffectiveConfig = Readonly<Record<string, ConfigValue | null>>;

/** By the values that are set: they are replaced and never written into, as charms are. */
const known = new WeakMap<object, { readonly charm: object; readonly config: EffectiveConfig }>();

/** Every option with its value, else its default, else `null`. */
export function effectiveConfig({ charm, config: set }: ApplicationState): EffectiveConfig {
  const before = known.get(set);
  if (before?.charm === charm) return before.config;
  const names = sortedKeys(charm.options);
  const entries = names.map((name) => [name, set[name] ?? charm.options[name]?.default ?? null]);
  const config: EffectiveConfig = Object.freeze(Object.fromEntries(entries));
  known.set(set, { charm, config });
  return config;
}

/**
 * Checks values against the charm's options.
 *
 * @throws {ModelError} `ERR_CONFIG`, for the first fault in name order.
 */
export function checkedConfig(
  options: Readonly<Record<string, ConfigOption>>,
  values: Readonly<Record<string, unknown>>,
): Record<string, ConfigValue> {
  const checked: Record<string, ConfigValue> = {};
  for (const name of sortedKeys(values)) {
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (!option) throw new ModelError("ERR_CONFIG", `unknown option "${name}"`);
    checked[name] = optionValue(name, option, values[name]);
  }
  return checked;
}

/** Values that still fit after the charm changed; the others are dropped silently. */
export function keptConfig(
  options: Readonly<Record<string, ConfigOption>>,
  values: Readonly<Record<string, ConfigValue>>,
): Record<string, ConfigValue> {
  const kept: Record<string, ConfigValue> = {};
  for (const [name, value] of Object.entries(values)) {
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (!option) continue;
    try {
      kept[name] = optionValue(name, option, value);
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
    }
  }
  return kept;
}

function optionReport(option: ConfigOption, set: ConfigValue | undefined): OptionReport {
  const value = set ?? option.default;
  const source =
    value === undefined ? "unset" : set === undefined || set === option.default ? "default" : "user";
  return {
    ...(option.default === undefined ? {} : { default: option.default }),
    description: option.description,
    source,
    type: option.type,
    ...(value === undefined ? {} : { value }),
  };
}

export function configReport(app: ApplicationState): ConfigReport {
  const settings = sortedKeys(app.charm.options).map(
    (name) => [name, optionReport(app.charm.options[name]!, app.config[name])] as const,
  );
  const trust: OptionReport = {
    default: false,
    description: "Does this application have access to trusted credentials",
    source: app.trust ? "user" : "default",
    type: "bool",
    value: app.trust,
  };
  return {
    application: app.name,
    "application-config": { trust },
    charm: app.charm.name,
    settings: Object.fromEntries(settings),
  };
}
