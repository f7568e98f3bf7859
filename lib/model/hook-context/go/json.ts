import { compareText } from "./text.ts";
import { type Field, GoTime, type GoValue, nilMap, StringList, Struct } from "./value.ts";

/** Compact JSON as Go's encoder writes it: keys of maps sorted by bytes, `<`, `>` and `&` escaped. */
export function formatJson(value: GoValue): string {
  if (value === null || value === nilMap) return "null";
  if (typeof value === "boolean" || typeof value === "bigint") return value.toString();
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : JSON.stringify(value);
  if (typeof value === "string") return jsonText(value);
  if (value instanceof Uint8Array) return `"${lossyText(value)}"`;
  if (value instanceof GoTime) return jsonText(value.text);
  if (value instanceof StringList) return value.nil ? "null" : list(value.items);
  if (value instanceof Struct) return object(value.json);
  if (value instanceof Map) {
    return object(value.size < 2 ? [...value] : [...value].sort(([a], [b]) => compareText(a, b)));
  }
  return list(value as readonly GoValue[]);
}

function list(items: readonly GoValue[]): string {
  let inside = "";
  for (const item of items) inside += inside === "" ? formatJson(item) : `,${formatJson(item)}`;
  return `[${inside}]`;
}

function object(fields: readonly Field[]): string {
  let inside = "";
  for (const [key, value] of fields) {
    const field = `${jsonText(key)}:${formatJson(value)}`;
    inside += inside === "" ? field : `,${field}`;
  }
  return `{${inside}}`;
}

/** Text that is written as it is. */
const PLAIN = /^[ !#-%'-;=?-[\]-~]*$/;

function jsonText(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  return JSON.stringify(text.toWellFormed()).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/**
 * The inside of a JSON text for bytes that are not UTF-8: a byte that starts no character becomes an
 * escaped U+FFFD.
 *
 * The platform's decoder replaces a cut-off sequence as a whole, Go byte by byte.
 */
function lossyText(bytes: Uint8Array): string {
  let out = "";
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  for (let at = 0; at < bytes.length; ) {
    const size = sequenceLength(bytes[at] ?? 0);
    try {
      out += jsonText(strict.decode(bytes.subarray(at, at + size))).slice(1, -1);
      at += size;
    } catch {
      // The byte at this place belongs to no character.
      out += "\\ufffd";
      at += 1;
    }
  }
  return out;
}

function sequenceLength(first: number): number {
  if (first >= 0xf0) return 4;
  if (first >= 0xe0) return 3;
  return first >= 0xc0 ? 2 : 1;
}
