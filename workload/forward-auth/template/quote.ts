/** Texts in quotes as Go writes them. */

const NAMED: ReadonlyMap<string, string> = new Map([
  ["\u0007", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"],
  ["\\", "\\\\"],
  ['"', '\\"'],
]);

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, "0");

/** A character that cannot be printed, as an escape. */
function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${hex(code, 2)}`;
  return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
}

const SPECIAL = /["\\]|[^\x20-\x7e]/;
const UNPRINTABLE = /["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

/**
 * A text in double quotes, with escapes for what cannot be printed.
 *
 * @see Go strconv.Quote
 */
export function quoted(text: string): string {
  if (!SPECIAL.test(text)) return `"${text}"`;
  return `"${text.replace(UNPRINTABLE, (character) => NAMED.get(character) ?? escaped(character))}"`;
}

/** Anything but printable ASCII: nearly no text has it, and it is found at once. */
const UNUSUAL = /[^\x20-\x7e]/;

/** True for a text of printable ASCII but for its last character. */
export const isPrintableLine = (text: string): boolean => !/[^\x20-\x7e](?!$)/.test(text);

/** Control characters, line separators, and what turns the direction of writing: they can make a line look like another. */
const CONTROL = /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;
const CONTROLS = new RegExp(CONTROL, "g");

/** A text whose control characters are escapes, so that it stays on its line. */
export function oneLine(text: string): string {
  if (!UNUSUAL.test(text) || !CONTROL.test(text)) return text;
  return text.replace(CONTROLS, (character) => NAMED.get(character) ?? escaped(character));
}

/** What makes a JSON text differ from the text itself, or from plain ASCII. */
const NOT_PLAIN = /[^\x20\x21\x23-\x5b\x5d-\x7e]/;

/** A text as JSON that no terminal takes for a command. */
export function jsonText(text: string): string {
  return NOT_PLAIN.test(text) ? escapeControls(JSON.stringify(text)) : `"${text}"`;
}

/**
 * JSON text whose remaining control characters are escapes too.
 *
 * @param ends `line`: a line break at the end stays.
 */
export function escapeControls(json: string, ends?: "line"): string {
  const body = ends === "line" && json.endsWith("\n") ? json.slice(0, -1) : json;
  if (!CONTROL.test(body)) return json;
  const safe = body.replace(CONTROLS, (unit) => `\\u${hex(unit.charCodeAt(0), 4)}`);
  return body.length === json.length ? safe : `${safe}\n`;
}
