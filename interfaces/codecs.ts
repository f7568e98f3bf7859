/**
 * Forms of text that several interfaces share, because their first libraries were written in Python.
 *
 * @module
 */

import { type Codec, json } from "charmed-iap/interface";

/** Text that older readers try as JSON first: a quoted JSON string means the text inside, all else means itself. */
export const looseText: Codec = {
  decode(raw) {
    const result = raw.startsWith('"') ? json.decode(raw) : undefined;
    return { ok: true, value: result?.ok && typeof result.value === "string" ? result.value : raw };
  },
  // Text that readers would take the quotes off is quoted once more.
  encode: (value) =>
    (looseText.decode(String(value)) as { value: unknown }).value === value
      ? String(value)
      : JSON.stringify(value),
};

/** A JSON list in the order given. Reads a single text, quoted or bare, as a list of one. */
export const jsonList: Codec = {
  decode(raw) {
    const result = json.decode(raw);
    if (result.ok) return typeof result.value === "string" ? { ok: true, value: [result.value] } : result;
    return /^\s*[[{"]/.test(raw) ? result : { ok: true, value: [raw] };
  },
  encode: (value) => json.encode(value),
};

/** A JSON list whose order means nothing: written sorted and without repeats, so that equal sets are equal text. */
export const jsonSet: Codec = {
  decode: jsonList.decode,
  encode: (value) => json.encode(Array.isArray(value) ? sortedSet(value) : value),
};

/** `True` or `False`; reads the words and digits that Python's libraries take for one of them, in any letter case. */
export const looseBoolean: Codec = {
  decode(raw) {
    const word = raw
      .trim()
      .replace(/^"(.*)"$/, "$1")
      .toLowerCase();
    if (TRUE.has(word)) return { ok: true, value: true };
    return FALSE.has(word) ? { ok: true, value: false } : { ok: false, message: 'must be "True" or "False"' };
  },
  encode: (value) => (value === true ? "True" : "False"),
};

const TRUE = new Set(["y", "yes", "t", "true", "on", "1", "1.0"]);
const FALSE = new Set(["n", "no", "f", "false", "off", "0", "0.0"]);

/** Sorted by code unit, each text once. */
export function sortedSet<T>(values: Iterable<T>): T[] {
  return [...new Set(values)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
