/** Options as the program is given them: flags, then variables, then the TOML file, then defaults. */
import { readFileSync } from "node:fs";
import { convertText, convertValue, type OptionValue, SHAPES } from "./convert.ts";
import { readEnvironment } from "./environment.ts";
import { readFlags, type Switches } from "./flags.ts";
import { flagOf, namesOf, variableOf } from "./names.ts";
import { isStructured, KEYS, type OPTIONS, type OptionKey, SPECS } from "./table.ts";
import { readToml } from "./toml.ts";

interface ValueOfKind {
  readonly string: string;
  readonly boolean: boolean;
  readonly integer: number;
  readonly duration: number;
  readonly list: readonly string[];
}

/** Every option with its value; durations in milliseconds. */
export type Options = {
  readonly [Key in OptionKey]: ValueOfKind[(typeof OPTIONS)[Key]["kind"]];
};

/** Options, and what was wrong with the input; options with a fault have their default. */
export interface OptionsReading {
  readonly options: Options;
  readonly switches: Switches;
  /** Keys that were given a value. */
  readonly given: ReadonlySet<OptionKey>;
  /** Faults of the command line: it ends with the usage. Sentences, without secret values. */
  readonly usage: readonly string[];
  /** Faults of variables and files. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** Where a value came from, for messages. */
type Source = { readonly name: string; readonly value: OptionValue | undefined; readonly said: unknown };

/** The file's values, and why it could not be read. */
function readFile(file: string, alpha: boolean): ReturnType<typeof readToml> {
  if (file === "") return { values: new Map(), problems: [] };
  try {
    return readToml(readFileSync(file, "utf8"), file, alpha);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return { values: new Map(), problems: [`Cannot read config file "${file}" (--config): ${code}`] };
  }
}

/** Reads variables and arguments; every fault is collected, none thrown. */
export function readOptions(
  environment: Readonly<Record<string, string | undefined>>,
  args: readonly string[],
): OptionsReading {
  const flags = readFlags(args);
  const alpha = flags.switches.alphaConfig !== "";
  const variables = readEnvironment(environment);
  const file = readFile(flags.switches.config, alpha);
  const problems = [...file.problems];
  const warnings = [...variables.warnings];
  const found = new Map<OptionKey, OptionValue>();
  const source = (key: OptionKey): Source | undefined => {
    const { kind } = SPECS[key];
    const flag = flags.values.get(key);
    if (flag !== undefined) return { name: `--${flagOf(key)}`, value: flag, said: flag };
    const text = variables.texts.get(key);
    if (text !== undefined && alpha && isStructured(key)) {
      warnings.push(`${variableOf(key)} is ignored beside --alpha-config: say it in that file instead`);
      return undefined;
    }
    if (text !== undefined) return { name: variableOf(key), value: convertText(kind, text), said: text };
    const value = file.values.get(key);
    return value === undefined
      ? undefined
      : { name: `${key} in "${flags.switches.config}"`, value: convertValue(kind, value), said: value };
  };
  for (const key of KEYS) {
    // One flag stands for both keys, and a flag wins over variables and files.
    if (key === "google_group" && flags.values.has("google_groups")) continue;
    const given = source(key);
    if (given === undefined) continue;
    if (given.value !== undefined) found.set(key, given.value);
    else {
      const { kind, secret } = SPECS[key];
      const said = secret || typeof given.said !== "string" ? "***" : `"${given.said}"`;
      problems.push(`Cannot read ${given.name}: ${namesOf(key)} must be ${SHAPES[kind]}, is ${said}`);
    }
  }
  return {
    options: withDefaults(found),
    switches: flags.switches,
    given: new Set(found.keys()),
    usage: flags.problems,
    problems,
    warnings,
  };
}

/** Every option: as found, else its default in the decision mode that was found. */
export function withDefaults(found: ReadonlyMap<OptionKey, OptionValue>): Options {
  const mode = found.get("decision_mode") ?? SPECS.decision_mode.default;
  const defaultOf = (key: OptionKey) => {
    const { kind, default: usual, strict } = SPECS[key];
    return convertText(kind, mode === "compat" ? usual : (strict ?? usual));
  };
  return Object.fromEntries(KEYS.map((key) => [key, found.get(key) ?? defaultOf(key)])) as Options;
}
