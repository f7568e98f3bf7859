/**
 * What go-yaml v2 reads a text without quotes as, and so which texts it quotes. Juju has a version of its own, in which an
 * exponent needs a sign: `1e3` is a text.
 *
 * @see go-yaml v2: resolve.go
 * @module
 */

const words = new Map<string, boolean | number | null>([
  ..."y Y yes Yes YES true True TRUE on On ON".split(" ").map((word) => [word, true] as const),
  ..."n N no No NO false False FALSE off Off OFF".split(" ").map((word) => [word, false] as const),
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, null] as const),
  ...".nan .NaN .NAN".split(" ").map((word) => [word, Number.NaN] as const),
  ...".inf .Inf .INF +.inf +.Inf +.INF".split(" ").map((word) => [word, Number.POSITIVE_INFINITY] as const),
  ..."-.inf -.Inf -.INF".split(" ").map((word) => [word, Number.NEGATIVE_INFINITY] as const),
]);
const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const styleFloat = /^[-+]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+][0-9]+)?$/;
const integers = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/;
/** What starts with a dot may be any float that Go parses. */
const dotFloat = /^\.[0-9]+(?:[eE][-+]?[0-9]+)?$/;

/** What the text is, unquoted. */
export function resolvePlain(text: string): string | number | boolean | null {
  const word = words.get(text);
  if (word !== undefined) return word;
  if (text.startsWith(".")) {
    return dotFloat.test(text) && Number.isFinite(Number(text)) ? Number(text) : text;
  }
  return /^[-+0-9]/.test(text) ? (numberOf(text.replaceAll("_", "")) ?? text) : text;
}

/** Whether the text, unquoted, would still be read as this string; dates and base 60 are quoted for other readers. */
export function isPlainString(text: string): boolean {
  return resolvePlain(text) === text && !base60.test(text) && !isTimestamp(text);
}

function numberOf(plain: string): number | undefined {
  if (integers.test(plain)) {
    const whole = integerOf(plain);
    if (whole !== undefined) return whole;
  }
  return styleFloat.test(plain) && Number.isFinite(Number(plain)) ? Number(plain) : undefined;
}

/** Undefined: it does not fit in 64 bits. */
function integerOf(plain: string): number | undefined {
  const negative = plain.startsWith("-");
  const digits = plain.replace(/^[-+]/, "").toLowerCase();
  // 64 binary digits and a prefix are the longest that fit.
  if (digits.replace(/^0[xob]?0*/, "").length > 64) return undefined;
  const magnitude = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  // An unsigned parse takes no sign.
  const limit = negative ? 2n ** 63n + 1n : plain.startsWith("+") ? 2n ** 63n : 2n ** 64n;
  if (magnitude >= limit) return undefined;
  return Number(negative ? -magnitude : magnitude);
}

const date = "([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})";
const clock = "([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?";
const timestamp = new RegExp(`^${date}(?:[Tt]${clock}(?:Z|[-+]([0-9]{2}):([0-9]{2}))| ${clock})?$`);

function isTimestamp(text: string): boolean {
  const match = timestamp.exec(text);
  if (match === null) return false;
  const part = (index: number) => Number(match[index] ?? "0");
  const month = part(2);
  const day = part(3);
  if (month < 1 || month > 12 || day < 1 || day > daysIn(part(1), month)) return false;
  if (part(4) > 23 || part(5) > 59 || part(6) > 59) return false;
  if (part(7) > 24 || part(8) > 60) return false;
  return part(9) <= 23 && part(10) <= 59 && part(11) <= 59;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
