/** Go's `%q`, number parsers and their error texts. */

const short: Readonly<Record<string, string>> = {
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  '"': '\\"',
  "\\": "\\\\",
};

/** Text in double quotes with Go's escapes; printable characters stay as they are. */
export function quote(text: string): string {
  let out = '"';
  for (const character of text) out += short[character] ?? escaped(character);
  return `${out}"`;
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code >= 0xd800 && code <= 0xdfff) return "\ufffd";
  if (character === " " || /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(character)) return character;
  return code > 0xffff
    ? `\\U${code.toString(16).padStart(8, "0")}`
    : `\\u${code.toString(16).padStart(4, "0")}`;
}

/** Bytes of the text in UTF-8; what `len` counts in Go. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text, "utf8");
}

const HIGH = /[\ud800-\uffff]/;

/** Orders texts as Go does: by bytes, which is by code point, not by UTF-16 unit. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  // Units and code points are in the same order where no surrogate competes with what follows it.
  if (!HIGH.test(a) && !HIGH.test(b)) return a < b ? -1 : 1;
  return Buffer.compare(Buffer.from(a, "utf8"), Buffer.from(b, "utf8"));
}

const space = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** Removes what Go's `strings.TrimSpace` removes. */
export function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && space.test(text[start] ?? "")) start += 1;
  while (end > start && space.test(text[end - 1] ?? "")) end -= 1;
  return text.slice(start, end);
}

/** Removes a character from the end, however often it stands there. */
export function trimEnd(text: string, character: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === character) end -= 1;
  return text.slice(0, end);
}

export type Parsed<T> = { readonly value: T } | { readonly error: string };

const maxInt64 = 2n ** 63n - 1n;
const minInt64 = -(2n ** 63n);

/** Decimal integer; the error is Go's, named after the function that reports it. */
export function parseInteger(text: string, caller: "Atoi" | "ParseInt"): Parsed<number> {
  if (/^[0-9]{1,15}$/.test(text)) return { value: Number(text) };
  const fail = (why: string) => ({ error: `strconv.${caller}: parsing ${quote(text)}: ${why}` });
  if (!/^[-+]?[0-9]+$/.test(text)) return fail("invalid syntax");
  // More digits than 64 bits hold need not be read.
  const digits = text.replace(/^[-+]?0*(?=[0-9])/, "");
  const value = digits.length > 20 ? maxInt64 + 1n : BigInt(text.startsWith("-") ? `-${digits}` : digits);
  if (value > maxInt64 || value < minInt64) return fail("value out of range");
  return { value: Number(value) };
}

/** Integer with Go's base prefixes and digit separators, as numeric options accept it. */
export function parsePrefixedInteger(text: string): Parsed<number> {
  const match = /^([-+]?)(0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]+|[0-9][0-9_]*)$/.exec(text);
  const digits = match?.[2] ?? "";
  const plain = digits.replaceAll("_", "");
  const separated = !digits.includes("_") || (!digits.endsWith("_") && !digits.includes("__"));
  const octal = /^0[oO]?[0-7]+$/.test(plain);
  const fits = plain.length <= 80;
  if (
    match === null ||
    !separated ||
    !fits ||
    (/^0[0-9]/.test(plain) && !octal) ||
    /^0[xXbBoO]$/.test(plain)
  ) {
    return { error: `strconv.ParseInt: parsing ${quote(text)}: invalid syntax` };
  }
  const magnitude = BigInt(octal ? `0o${plain.replace(/^0[oO]?/, "")}` : plain.toLowerCase());
  const value = match[1] === "-" ? -magnitude : magnitude;
  if (value > maxInt64 || value < minInt64) {
    return { error: `strconv.ParseInt: parsing ${quote(text)}: value out of range` };
  }
  return { value: Number(value) };
}

/** Go's spellings of booleans and no other. */
export function parseBool(text: string): Parsed<boolean> {
  if (["1", "t", "T", "true", "TRUE", "True"].includes(text)) return { value: true };
  if (["0", "f", "F", "false", "FALSE", "False"].includes(text)) return { value: false };
  return { error: `strconv.ParseBool: parsing ${quote(text)}: invalid syntax` };
}

/** A float64 in the shortest form that Go prints with `%g` of shortest precision. */
export function formatFloat(value: number): string {
  if (Number.isNaN(value)) return ".nan";
  if (!Number.isFinite(value)) return value > 0 ? ".inf" : "-.inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [digits = "0", exponentText = "0"] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 6) {
    return `${digits}e${exponent < 0 ? "-" : "+"}${Math.abs(exponent).toString().padStart(2, "0")}`;
  }
  return plainDecimal(digits, exponent);
}

function plainDecimal(digits: string, exponent: number): string {
  const sign = digits.startsWith("-") ? "-" : "";
  const figures = digits.replace("-", "").replace(".", "");
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${figures}`;
  if (figures.length <= exponent + 1) return sign + figures.padEnd(exponent + 1, "0");
  return `${sign}${figures.slice(0, exponent + 1)}.${figures.slice(exponent + 1)}`;
}
