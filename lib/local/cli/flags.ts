import { parseBool, parseInteger, quote } from "../../model/hook-context/go/text.ts";
import { parseDuration } from "../../model/hook-context/go/time.ts";
import { usage } from "./errors.ts";

/** What an option takes. `texts` may be given several times, `names` is a list with commas. */
export type FlagKind = "bool" | "text" | "texts" | "names" | "int" | "uint" | "uintFlag" | "duration";

/** An option: its kind, or its kind with a check of one value that answers what is wrong. */
export type FlagSpec =
  | FlagKind
  | { readonly kind: FlagKind; readonly check: (value: string) => string | undefined };

export type FlagTable = Readonly<Record<string, FlagSpec>>;

/** Options as given; numbers are numbers, durations milliseconds. */
export class Flags {
  readonly #values = new Map<string, unknown[]>();

  add(name: string, value: unknown): void {
    this.#values.set(name, [...(this.#values.get(name) ?? []), value]);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  on(name: string): boolean {
    return this.#values.get(name)?.at(-1) === true;
  }

  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1) as string | undefined;
  }

  number(name: string): number | undefined {
    return this.#values.get(name)?.at(-1) as number | undefined;
  }

  all(name: string): string[] {
    return (this.#values.get(name) ?? []).flat() as string[];
  }
}

/** Several spellings of one option lead to the first. */
export type AliasTable = Readonly<Record<string, string>>;

interface Option {
  readonly shown: string;
  readonly name: string;
  readonly spec: FlagSpec;
}

/**
 * Reads options and arguments as Juju's commands do: options may stand between arguments, `--` ends them.
 *
 * @throws {LocalError} `ERR_USAGE`, exit code 2.
 * @see juju/gnuflag
 */
export function parseFlags(
  argv: readonly string[],
  table: FlagTable,
  aliases: AliasTable = {},
): { readonly flags: Flags; readonly args: string[] } {
  const flags = new Flags();
  const args: string[] = [];
  const find = (spelling: string): Option => {
    const name = aliases[spelling] ?? spelling;
    const shown = spelling.length === 1 ? `-${spelling}` : `--${spelling}`;
    const spec = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!spec) throw usage(`option provided but not defined: ${shown}`);
    return { shown, name, spec };
  };
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? "";
    if (word === "--") {
      args.push(...argv.slice(at + 1));
      break;
    }
    if (word.length < 2 || !word.startsWith("-")) {
      args.push(word);
      continue;
    }
    const { option, value } = splitWord(word, find);
    if (kindOf(option.spec) === "bool") flags.add(option.name, booleanValue(option, value));
    else if (value !== undefined) flags.add(option.name, parsedValue(option, value));
    else {
      at += 1;
      if (at >= argv.length) throw usage(`option needs an argument: ${option.shown}`);
      flags.add(option.name, parsedValue(option, argv[at] ?? ""));
    }
  }
  return { flags, args };
}

function kindOf(spec: FlagSpec): FlagKind {
  return typeof spec === "string" ? spec : spec.kind;
}

/** `--name=value`, `--name`, `-n` or `-nvalue`. */
function splitWord(
  word: string,
  find: (spelling: string) => Option,
): { option: Option; value: string | undefined } {
  if (!word.startsWith("--")) {
    const option = find(word.charAt(1));
    const rest = word.slice(2);
    return { option, value: rest === "" ? undefined : rest };
  }
  const [, spelling = "", , value] = /^--([^=]*)(=([\s\S]*))?$/.exec(word) ?? [];
  return { option: find(spelling), value };
}

function booleanValue(option: Option, value: string | undefined): boolean {
  if (value === undefined) return true;
  const parsed = parseBool(value);
  if ("error" in parsed) throw invalid(option, value, parsed.error);
  return parsed.value;
}

function invalid(option: Option, value: string, why: string): Error {
  return usage(`invalid value ${quote(value)} for option ${option.shown}: ${why}`);
}

function parsedValue(option: Option, value: string): unknown {
  const problem = typeof option.spec === "string" ? undefined : option.spec.check(value);
  if (problem !== undefined) throw invalid(option, value, problem);
  switch (kindOf(option.spec)) {
    case "int": {
      const parsed = parseInteger(value, "ParseInt");
      if ("error" in parsed) throw invalid(option, value, parsed.error);
      return parsed.value;
    }
    case "uint":
      if (!/^\d+$/.test(value))
        throw invalid(option, value, `strconv.ParseUint: parsing ${quote(value)}: invalid syntax`);
      return Number(value);
    case "uintFlag":
      if (!/^\d+$/.test(value)) throw invalid(option, value, `invalid value ${quote(value)} for uint flag`);
      return Number(value);
    case "duration":
      return duration(option, value);
    case "names":
      return value
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name !== "");
    default:
      return value;
  }
}

function duration(option: Option, value: string): number {
  const nanoseconds = parseDuration(value);
  if (nanoseconds !== undefined) return Number(nanoseconds) / 1e6;
  const what = /^[-+]?\d+(\.\d*)?$/.test(value) ? "missing unit in duration" : "invalid duration";
  throw invalid(option, value, `time: ${what} ${quote(value)}`);
}
