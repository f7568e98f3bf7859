/**
 * Which texts go-yaml v2 would read as something other than a string, and therefore quotes.
 *
 * @see go-yaml v2: resolve.go
 * @module
 */

const words = new Set(
  "y Y yes Yes YES true True TRUE on On ON n N no No NO false False FALSE off Off OFF ~ null Null NULL .nan .NaN .NAN .inf .Inf .INF +.inf +.Inf +.INF -.inf -.Inf -.INF".split(
    " ",
  ),
);
const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const styleFloat = /^[-+]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+][0-9]+)?$/;
const integers = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/;
/** What starts with a dot may be any float that Go parses. */
const dotFloat = /^\.[0-9]+(?:[eE][-+]?[0-9]+)?$/;

/** Whether the text, unquoted, would still be read as this string. */
export function isPlainString(text: string): boolean {
  if (text === "" || words.has(text) || base60.test(text)) return false;
  if (text.startsWith(".")) return !(dotFloat.test(text) && Number.isFinite(Number(text)));
  if (!/^[-+0-9]/.test(text)) return true;
  if (isTimestamp(text)) return false;
  return !isNumber(text.replaceAll("_", ""));
}

function isNumber(plain: string): boolean {
  if (integers.test(plain) && fitsInteger(plain)) return true;
  return styleFloat.test(plain) && Number.isFinite(Number(plain));
}

function fitsInteger(plain: string): boolean {
  const negative = plain.startsWith("-");
  const digits = plain.replace(/^[-+]/, "").toLowerCase();
  // 64 binary digits and a prefix are the longest that fit.
  if (digits.replace(/^0[xob]?0*/, "").length > 64) return false;
  const magnitude = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  if (negative) return magnitude <= 2n ** 63n;
  // An unsigned parse takes no sign.
  return magnitude < (plain.startsWith("+") ? 2n ** 63n : 2n ** 64n);
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
