/** Values of every source become values of their option's kind. */
import { parseDuration } from "./duration.ts";
import type { OptionKind } from "./spec.ts";

const TRUE = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const FALSE = new Set(["0", "f", "F", "FALSE", "false", "False"]);

/** Reads a boolean as Go does; undefined when the text is none. @see Go: strconv.ParseBool */
export function parseBoolean(text: string): boolean | undefined {
  return TRUE.has(text) ? true : FALSE.has(text) ? false : undefined;
}

/** Reads a whole number as Go does: decimal, or with `0x`, `0o`, `0`, `0b`; underscores between digits. @see Go: strconv.ParseInt with base 0 */
export function parseInteger(text: string): number | undefined {
  const [, sign = "", digits = ""] = /^([+-]?)([0-9a-z_]+)$/i.exec(text) ?? [];
  if (digits === "" || /^_|_$|__/.test(digits)) return undefined;
  if (digits.includes("_") && !/^0/.test(digits)) return undefined;
  const plain = digits.replaceAll("_", "").toLowerCase();
  const octal = /^0[0-7]+$/.test(plain) ? `0o${plain.slice(1)}` : plain;
  if (!/^(?:0|[1-9]\d*|0x[0-9a-f]+|0o[0-7]+|0b[01]+)$/.test(octal)) return undefined;
  const value = Number(octal);
  if (!Number.isSafeInteger(value)) return undefined;
  return sign === "-" ? 0 - value : value;
}

/** A value of an option. */
export type OptionValue = string | boolean | number | readonly string[];

/** Converts a text of a variable or a file; undefined when it is none of the kind. A list is split at every comma, without trimming. */
export function convertText(kind: OptionKind, text: string): OptionValue | undefined {
  switch (kind) {
    case "string":
      return text;
    case "boolean":
      return text === "" ? false : parseBoolean(text);
    case "integer":
      return text === "" ? 0 : parseInteger(text);
    case "duration":
      return parseDuration(text);
    case "list":
      return text === "" ? [] : text.split(",");
  }
}

type Scalar = string | boolean | number | bigint;

const isScalar = (value: unknown): value is Scalar =>
  ["string", "boolean", "number", "bigint"].includes(typeof value);

/** A number or a truth value as text, in oauth2-proxy's way. */
const textOf = (value: Scalar): string => (typeof value === "boolean" ? (value ? "1" : "0") : String(value));

/**
 * Converts a value of a TOML or YAML file, weakly as oauth2-proxy does: a number is taken for text or a list, any text that a
 * variable may have for the other kinds. A bare number as duration is nanoseconds.
 *
 * @returns Undefined when the value is none of the kind.
 */
export function convertValue(kind: OptionKind, value: unknown): OptionValue | undefined {
  if (kind === "list" && Array.isArray(value)) {
    return value.every(isScalar) ? value.map(textOf) : undefined;
  }
  if (!isScalar(value) || (typeof value === "number" && !Number.isFinite(value))) return undefined;
  if (typeof value === "string") return convertText(kind, value);
  switch (kind) {
    case "string":
      return textOf(value);
    case "list":
      return [textOf(value)];
    case "boolean":
      return typeof value === "boolean" ? value : Number(value) !== 0;
    case "integer":
      return Number.isSafeInteger(Math.trunc(Number(value))) ? Math.trunc(Number(value)) : undefined;
    case "duration":
      return Math.trunc(Number(value)) / 1e6;
  }
}

/** What a value of each kind looks like, for messages. */
export const SHAPES: Readonly<Record<OptionKind, string>> = {
  string: "text",
  boolean: "true or false",
  integer: "a whole number",
  duration: 'a duration such as "1h30m"',
  list: "a list of texts",
};
