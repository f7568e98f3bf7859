/**
 * Options as the program is given them: flags first, then variables, then defaults, as oauth2-proxy does. What it
 * does not know is refused, never ignored: an ignored option may be one that was meant to keep somebody out.
 */
import { parseDuration } from "./duration.ts";
import { nearest } from "./nearest.ts";
import { OPTIONS, type OptionKey, type OptionKind, type OptionSpec } from "./table.ts";

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
  /** Keys that were given a value. */
  readonly given: ReadonlySet<OptionKey>;
  /** Sentences, without secret values. */
  readonly problems: readonly string[];
}

const PREFIX = "OAUTH2_PROXY_";
const KEYS = Object.keys(OPTIONS) as OptionKey[];
const SPECS: Readonly<Record<OptionKey, OptionSpec>> = OPTIONS;

/** Kubernetes adds these for a Service whose name begins with `oauth2-proxy`. */
const SERVICE_LINK =
  /^OAUTH2_PROXY_(?:.+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_.+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/;

const TRUE = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const FALSE = new Set(["0", "f", "F", "FALSE", "false", "False"]);

/** The flag of an option, without dashes in front: `http-address`. */
export function flagOf(key: OptionKey): string {
  return SPECS[key].flag ?? key.replaceAll("_", "-");
}

/** The variable of an option: `OAUTH2_PROXY_HTTP_ADDRESS`. */
export function variableOf(key: OptionKey): string {
  return PREFIX + key.toUpperCase();
}

const KEY_OF_FLAG = new Map(KEYS.map((key) => [flagOf(key), key]));
const KEY_OF_VARIABLE = new Map(KEYS.map((key) => [variableOf(key), key]));

/** Converts one value; undefined when the text is none of its kind. */
function convert(kind: OptionKind, text: string): string | boolean | number | readonly string[] | undefined {
  switch (kind) {
    case "string":
      return text;
    case "boolean":
      return TRUE.has(text) ? true : FALSE.has(text) ? false : undefined;
    case "integer":
      return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
    case "duration":
      return parseDuration(text);
    case "list":
      return text === "" ? [] : text.split(",");
  }
}

const SHAPES: Readonly<Record<OptionKind, string>> = {
  string: "text",
  boolean: "true or false",
  integer: "a whole number",
  duration: 'a duration such as "1h30m"',
  list: "a list",
};

/** Variables of ours; a variable that is empty counts as unset. */
function fromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  texts: Map<OptionKey, string>,
  problems: string[],
): void {
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith(PREFIX) || text === undefined || text === "" || SERVICE_LINK.test(name)) continue;
    const key = KEY_OF_VARIABLE.get(name);
    if (key !== undefined) texts.set(key, text);
    else
      problems.push(
        `Cannot read ${name}: unknown option, the nearest is ${nearest(name, KEY_OF_VARIABLE.keys())}`,
      );
  }
}

/** Flags: `--name=value`, `--name value`, and `--name` alone for a boolean. Lists may repeat. */
function fromFlags(args: readonly string[], texts: Map<OptionKey, string>, problems: string[]): void {
  const listed = new Set<OptionKey>();
  for (let index = 0; index < args.length; index++) {
    const [, name, , inline] = /^--([^=]+)(=([\s\S]*))?$/.exec(args[index] ?? "") ?? [];
    const key = name === undefined ? undefined : KEY_OF_FLAG.get(name);
    if (name === undefined) {
      problems.push(`Cannot read argument ${index + 1}: flags have the form --name=value`);
      continue;
    }
    if (key === undefined) {
      problems.push(
        `Cannot read --${name}: unknown flag, the nearest is --${nearest(name, KEY_OF_FLAG.keys())}`,
      );
      continue;
    }
    const bare = SPECS[key].kind === "boolean" ? "true" : args[index + 1];
    if (inline === undefined && SPECS[key].kind !== "boolean") index++;
    const text = inline ?? bare;
    if (text === undefined) problems.push(`Cannot read --${name}: a value should follow`);
    else if (SPECS[key].kind === "list" && listed.has(key)) texts.set(key, `${texts.get(key)},${text}`);
    else texts.set(key, text);
    listed.add(key);
  }
}

/** Reads variables and arguments; every fault is collected, none thrown. */
export function readOptions(
  environment: Readonly<Record<string, string | undefined>>,
  args: readonly string[],
): OptionsReading {
  const texts = new Map<OptionKey, string>();
  const problems: string[] = [];
  fromEnvironment(environment, texts, problems);
  fromFlags(args, texts, problems);
  const values: Partial<Record<OptionKey, unknown>> = {};
  for (const key of KEYS) {
    const spec = SPECS[key];
    const text = texts.get(key);
    const value = text === undefined ? undefined : convert(spec.kind, text);
    if (text !== undefined && value === undefined) {
      problems.push(
        `Cannot read ${variableOf(key)}: must be ${SHAPES[spec.kind]}, is ${spec.secret ? "***" : `"${text}"`}`,
      );
    }
    values[key] = value ?? convert(spec.kind, spec.default);
  }
  return { options: values as Options, given: new Set(texts.keys()), problems };
}
