/**
 * How one value of a databag becomes text and back. Juju stores text only; which form of text is up to
 * each interface, and real ones mix several in one databag.
 *
 * @module
 */

/** What reading one text gave: a value, or one sentence that says what the text should be. */
export type CodecResult =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string };

/** Reads and writes the text of one key. `decode` never throws. */
export interface Codec {
  decode(text: string): CodecResult;
  /** `undefined` leaves the key out. */
  encode(value: unknown): string | undefined;
}

const ok = (value: unknown): CodecResult => ({ ok: true, value });

/** The text is the value; numbers and booleans are written as JavaScript writes them. */
export const text: Codec = { decode: ok, encode: (value) => String(value) };

/** The text is JSON. Object keys are written sorted, so that equal values are equal text. */
export const json: Codec = {
  decode(raw) {
    const value = parsed(raw);
    return value === undefined ? { ok: false, message: "must be JSON" } : ok(value);
  },
  encode: (value) => canonicalJson(value),
};

/**
 * JSON if it parses, else the text itself, as several Python libraries read; text is written raw and
 * everything else as JSON. Text that looks like JSON (`"1"`, `"true"`) does not survive the round trip.
 */
export const jsonOrText: Codec = {
  decode(raw) {
    const value = parsed(raw);
    return ok(value === undefined ? raw : value);
  },
  encode: (value) => (typeof value === "string" ? value : canonicalJson(value)),
};

/** Python's `str(True)`: writes `True` and `False`, reads any letter case. */
export const pythonBoolean: Codec = {
  decode(raw) {
    const lower = raw.trim().toLowerCase();
    if (lower === "true") return ok(true);
    return lower === "false" ? ok(false) : { ok: false, message: 'must be "True" or "False"' };
  },
  encode: (value) => (value === true ? "True" : "False"),
};

/** A whole or decimal number in plain text. */
export const decimal: Codec = {
  decode: (raw) =>
    /^-?\d+(\.\d+)?$/.test(raw.trim()) ? ok(Number(raw)) : { ok: false, message: "must be a number" },
  encode: (value) => String(value),
};

/** JSON values cannot be `undefined`, which therefore marks text that is none. */
function parsed(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return undefined; // Text from elsewhere: being no JSON is an answer, not a fault.
  }
}

/** JSON with sorted keys and without blanks: the same value is the same text, whatever made it. */
export function canonicalJson(value: unknown): string | undefined {
  return JSON.stringify(sorted(value));
}

/** The value as JSON would have it, with the keys of all objects sorted. */
function sorted(value: unknown, key = ""): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("toJSON" in value && typeof value.toJSON === "function") return sorted(value.toJSON(key));
  if (Array.isArray(value)) return value.map((item, index) => sorted(item, String(index)));
  const record = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(sortedKeys(record).map((name) => [name, sorted(record[name], name)]));
}

/** @internal Keys in order, in which most objects have them already. */
export function sortedKeys(record: object): string[] {
  const keys = Object.keys(record);
  return keys.every((key, index) => index === 0 || keys[index - 1]! < key) ? keys : keys.sort();
}
