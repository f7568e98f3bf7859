/**
 * Command-line flags as oauth2-proxy takes them: two dashes, `--name=value` or `--name value`, a boolean alone is true, a
 * list may repeat and each time is a CSV record. Positional arguments are ignored; `--` ends the flags.
 *
 * @see spf13/pflag: FlagSet.Parse
 */
import { convertText, type OptionValue, parseBoolean, SHAPES } from "./convert.ts";
import { CsvError, readRecord } from "./csv.ts";
import { flagOf, KEY_OF_FLAG } from "./names.ts";
import { nearest } from "./nearest.ts";
import { isStructured, type OptionKey, SPECS } from "./table.ts";

/** What the program is told to do, beside its options. */
export interface Switches {
  /** TOML file. */
  readonly config: string;
  /** YAML file. */
  readonly alphaConfig: string;
  readonly configTest: boolean;
  readonly convertConfigToAlpha: boolean;
  readonly version: boolean;
  readonly help: boolean;
}

/** Flags as they were read. */
export interface FlagsReading {
  readonly switches: Switches;
  readonly values: ReadonlyMap<OptionKey, OptionValue>;
  /** Sentences, without secret values. */
  readonly problems: readonly string[];
}

/** Flags that are no options, by what follows them. */
const SWITCHES = {
  config: { name: "config", valued: true },
  "alpha-config": { name: "alphaConfig", valued: true },
  "config-test": { name: "configTest", valued: false },
  "convert-config-to-alpha": { name: "convertConfigToAlpha", valued: false },
  version: { name: "version", valued: false },
} as const;

type SwitchFlag = keyof typeof SWITCHES;

/** Names of the flags that are no options, without dashes in front. */
const SWITCH_FLAGS = Object.keys(SWITCHES) as SwitchFlag[];

const isSwitch = (name: string): name is SwitchFlag => Object.hasOwn(SWITCHES, name);

interface Parts {
  readonly name: string;
  readonly inline: string | undefined;
}

/** One reading of the arguments. */
class FlagParser {
  readonly switches: { -readonly [Name in keyof Switches]: Switches[Name] } = {
    config: "",
    alphaConfig: "",
    configTest: false,
    convertConfigToAlpha: false,
    version: false,
    help: false,
  };
  readonly values = new Map<OptionKey, OptionValue>();
  readonly problems: string[] = [];
  readonly structured: OptionKey[] = [];
  readonly #rest: string[];

  constructor(args: readonly string[]) {
    this.#rest = [...args];
  }

  parse(): void {
    for (let argument = this.#rest.shift(); argument !== undefined; argument = this.#rest.shift()) {
      if (argument === "--") return;
      if (argument.startsWith("--")) this.#long(argument);
      else if (argument.startsWith("-h")) this.switches.help = true;
      else if (argument.length > 1 && argument.startsWith("-")) this.#oneDash(argument);
    }
  }

  #oneDash(argument: string): void {
    const name = /^-([\w-]*)/.exec(argument)?.[1] ?? "";
    this.problems.push(`Cannot read "-${name}": unknown shorthand flag, flags begin with two dashes`);
  }

  #long(argument: string): void {
    const at = argument.indexOf("=");
    const name = argument.slice(2, at === -1 ? undefined : at);
    const parts = { name, inline: at === -1 ? undefined : argument.slice(at + 1) };
    if (name === "" || name.startsWith("-")) {
      this.problems.push("Cannot read an argument: bad flag syntax, flags have the form --name=value");
    } else if (isSwitch(name)) this.#switch(name, parts);
    else if (name === "help") this.switches.help = true;
    else this.#option(parts);
  }

  /** The value of a flag: what follows `=`, else the next argument. */
  #value({ name, inline }: Parts, bare: boolean): string | undefined {
    if (inline !== undefined) return inline;
    if (bare) return "true";
    const next = this.#rest.shift();
    if (next === undefined) this.problems.push(`Cannot read --${name}: flag needs an argument`);
    return next;
  }

  #switch(flag: SwitchFlag, parts: Parts): void {
    const { name, valued } = SWITCHES[flag];
    const text = this.#value(parts, !valued);
    if (text === undefined) return;
    if (name === "config" || name === "alphaConfig") this.switches[name] = text;
    else {
      const value = parseBoolean(text);
      if (value === undefined)
        this.problems.push(`Cannot read --${flag}: must be true or false, is "${text}"`);
      else this.switches[name] = value;
    }
  }

  #option(parts: Parts): void {
    const key = KEY_OF_FLAG.get(parts.name);
    if (key === undefined) {
      const known = [...KEY_OF_FLAG.keys(), ...SWITCH_FLAGS];
      const name = parts.name.slice(0, 80);
      this.problems.push(`Cannot read --${name}: unknown flag, the nearest is --${nearest(name, known)}`);
      return;
    }
    const text = this.#value(parts, SPECS[key].kind === "boolean" && SPECS[key].valued !== true);
    if (isStructured(key)) this.structured.push(key);
    if (text !== undefined) this.#set(key, parts.name, text);
  }

  #set(key: OptionKey, name: string, text: string): void {
    const { kind, secret } = SPECS[key];
    if (kind === "list") {
      this.#add(key, name, text);
      return;
    }
    const value = text === "" && kind !== "string" ? undefined : convertText(kind, text);
    if (value !== undefined) this.values.set(key, value);
    else {
      const said = secret ? "***" : `"${text}"`;
      this.problems.push(`Cannot read --${name}: invalid argument, must be ${SHAPES[kind]}, is ${said}`);
    }
  }

  #add(key: OptionKey, name: string, text: string): void {
    try {
      const before = this.values.get(key) as readonly string[] | undefined;
      this.values.set(key, [...(before ?? []), ...readRecord(text)]);
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
      this.problems.push(`Cannot read --${name}: invalid argument, ${error.message}`);
    }
  }
}

/** Reads arguments; every fault is collected, none thrown. */
export function readFlags(args: readonly string[]): FlagsReading {
  const parser = new FlagParser(args);
  parser.parse();
  const { switches, values, problems } = parser;
  const outside = switches.alphaConfig === "" ? [] : parser.structured;
  for (const key of outside) {
    problems.push(
      `Cannot read --${flagOf(key)}: unknown flag beside --alpha-config, say it in the file instead`,
    );
  }
  return { switches, values, problems };
}
