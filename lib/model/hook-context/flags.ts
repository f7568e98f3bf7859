/**
 * Options in the GNU style of Juju's commands: options and arguments in any order, `--` ends options,
 * `--flag=value`, `-fvalue`, grouped single letters.
 *
 * @see juju/gnuflag: flag.go
 * @module
 */

import { parseBool, quote } from "./go/text.ts";

/** Wrong options or arguments: exit code 2, found before anything is done. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** Thrown for `--help`: not an error, the help goes to standard output. */
export class HelpRequest extends Error {
  override name = "HelpRequest";
}

/** One option. Several names may share one definition. */
export interface FlagDefinition {
  /** A boolean takes no argument, but may be given one: `--app=false`. */
  readonly kind: "bool" | "text";
  /** Takes the value; the text returned is why it cannot be used. */
  readonly set: (value: string) => string | undefined;
}

/** Arguments, taken one by one. */
export class Rest {
  readonly #args: readonly string[];
  #at = 0;

  constructor(args: readonly string[]) {
    this.#args = args;
  }

  next(): string | undefined {
    const taken = this.#args[this.#at];
    if (taken !== undefined) this.#at += 1;
    return taken;
  }

  /** Takes all that are left. */
  all(): string[] {
    const left = this.#args.slice(this.#at);
    this.#at = this.#args.length;
    return left;
  }

  get length(): number {
    return this.#args.length - this.#at;
  }
}

/** Options that several commands have. */
export interface FlagGroup {
  /** The option of this name, without dashes, if the group has it. */
  flag(name: string): FlagDefinition | undefined;
}

/** A name, without dashes, and its definition. */
export type Flag = readonly [name: string, flag: FlagDefinition];

/** A command's options: so few that looking through them is faster than a map. */
export type FlagTable = readonly (Flag | FlagGroup)[];

function flagOf(table: FlagTable, name: string): FlagDefinition | undefined {
  for (const entry of table) {
    const found = "flag" in entry ? entry.flag(name) : entry[0] === name ? entry[1] : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Reads options into their definitions and returns the other arguments, in order.
 *
 * @throws {UsageError} With Juju's text.
 * @throws {HelpRequest} For `-h` and `--help`.
 */
export function parseFlags(table: FlagTable, args: readonly string[]): string[] {
  const positional: string[] = [];
  const rest = new Rest(args);
  for (let argument = rest.next(); argument !== undefined; argument = rest.next()) {
    if (argument === "--") return [...positional, ...rest.all()];
    if (argument === "-" || !argument.startsWith("-")) positional.push(argument);
    else if (argument.startsWith("--")) readLong(table, argument, rest);
    else readShort(table, argument.slice(1), rest);
  }
  return positional;
}

function readLong(table: FlagTable, argument: string, rest: Rest): void {
  const equals = argument.indexOf("=");
  const name = argument.slice(2, equals < 0 ? undefined : equals);
  if (equals >= 0 && name === "") throw new UsageError(`empty option in argument ${quote(argument)}`);
  apply(table, name, equals < 0 ? undefined : argument.slice(equals + 1), rest);
}

function readShort(table: FlagTable, letters: string, rest: Rest): void {
  const characters = [...letters];
  for (let name = characters.shift(); name !== undefined; name = characters.shift()) {
    const isBool = flagOf(table, name)?.kind === "bool";
    const attached = isBool ? undefined : characters.join("") || undefined;
    apply(table, name, attached, rest);
    if (!isBool) return;
  }
}

function apply(table: FlagTable, name: string, attached: string | undefined, rest: Rest): void {
  const definition = flagOf(table, name);
  const shown = () => ([...name].length > 1 ? `--${name}` : `-${name}`);
  if (definition === undefined) {
    if (name === "help" || name === "h") throw new HelpRequest();
    throw new UsageError(`option provided but not defined: ${shown()}`);
  }
  const value = attached ?? (definition.kind === "bool" ? "true" : rest.next());
  if (value === undefined) throw new UsageError(`option needs an argument: ${shown()}`);
  const problem = definition.set(value);
  if (problem !== undefined) {
    throw new UsageError(`invalid value ${quote(value)} for option ${shown()}: ${problem}`);
  }
}

/** Option that is on or off. */
export function boolFlag(set: (value: boolean) => void): FlagDefinition {
  return {
    kind: "bool",
    set(text) {
      const parsed = parseBool(text);
      if ("error" in parsed) return parsed.error;
      set(parsed.value);
      return undefined;
    },
  };
}

/** Option with a value that needs no checking. */
export function textFlag(set: (value: string) => void): FlagDefinition {
  return {
    kind: "text",
    set(text) {
      set(text);
      return undefined;
    },
  };
}
