/**
 * Values as Juju's agent holds them when it prints: what decides between `1e+06` and `1000000`, or
 * between `null` and `[]`, is the type in the agent, so these types say it.
 *
 * @module
 */

import { perObject } from "../../per-object.ts";

/** An instant, printed as RFC 3339 without quotes. */
export class GoTime {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A list of strings made by a command; `--format smart` prints one per line. */
export class StringList {
  readonly items: readonly string[];
  /** A nil list is `null` in JSON and `[]` in YAML. */
  readonly nil: boolean;
  constructor(items: readonly string[], nil = false) {
    this.items = items;
    this.nil = nil;
  }
}

/** A record whose fields keep their order, and may be spelt differently in YAML and JSON. */
export class Struct {
  readonly yaml: readonly Field[];
  readonly json: readonly Field[];
  constructor(yaml: readonly Field[], json: readonly Field[] = yaml) {
    this.yaml = yaml;
    this.json = json;
  }
}

/** Texts by key that never change, and are asked for again and again: their JSON is made once. */
export class FixedTexts extends Map<string, string> {
  #json: Readonly<Record<string, string>> | undefined;

  /** @param make Makes the JSON value; it is frozen. */
  json(make: (texts: this) => Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    this.#json ??= Object.freeze(make(this));
    return this.#json;
  }
}

/** Databags and contents of secrets are replaced and never written into. */
const fixedTexts = perObject(
  (table: Readonly<Record<string, string>>) => new FixedTexts(Object.entries(table)),
);

const NOTHING: Readonly<Record<string, string>> = {};

/** A table of the model's as a map; without one an empty map. */
export function textsOf(table: Readonly<Record<string, string>> = NOTHING): FixedTexts {
  return fixedTexts(table);
}

/** A map that was never made: `null` in JSON, `{}` in YAML. */
export const nilMap: unique symbol = Symbol("nil map");

export type Field = readonly [name: string, value: GoValue];

/** Numbers are float64, bigints are integers, bytes are text that is not valid UTF-8. */
export type GoValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | GoTime
  | StringList
  | Struct
  | typeof nilMap
  | readonly GoValue[]
  | ReadonlyMap<string, GoValue>;

/** A value that came from JSON, with maps for objects; what JSON cannot hold becomes null. */
export function fromJson(value: unknown): GoValue {
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean" || typeof value === "number" || typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value !== "object") return null;
  return new Map(Object.entries(value).map(([key, item]) => [key, fromJson(item)]));
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text of bytes, or the bytes themselves where they are not valid UTF-8. */
export function textOrBytes(bytes: Uint8Array): string | Uint8Array {
  try {
    return strict.decode(bytes);
  } catch {
    // Not UTF-8: the printers know what to do with bytes.
    return bytes;
  }
}
