import { expect, test } from "vitest";
import { decodeBase64 } from "./base64.ts";
import { formatJson } from "./json.ts";
import { formatFloat, parseBool, parseInteger, parsePrefixedInteger, quote } from "./text.ts";
import { formatTime, parseDuration, parseTime } from "./time.ts";
import { fromJson } from "./value.ts";

test.each([
  [0, "0"],
  [-0, "-0"],
  [42, "42"],
  [999_999, "999999"],
  [1_000_000, "1e+06"],
  [1_234_567, "1.234567e+06"],
  [0.0001, "0.0001"],
  [0.00001, "1e-05"],
  [1e100, "1e+100"],
  [123456.75, "123456.75"],
  [-0.5, "-0.5"],
])("float %d is %s", (value, text) => {
  expect(formatFloat(value)).toBe(text);
});

test.each([
  ["", '""'],
  ['a"b\\', '"a\\"b\\\\"'],
  ["\u0000\u0007\n\u007f", '"\\x00\\a\\n\\x7f"'],
  ["☃ é 😀", '"☃ é 😀"'],
  ["\u00a0\u200b\u2028", '"\\u00a0\\u200b\\u2028"'],
])("%j is quoted as %s", (text, quoted) => {
  expect(quote(text)).toBe(quoted);
});

test.each([
  ["1", { value: 1 }],
  ["+01", { value: 1 }],
  ["-7", { value: -7 }],
  ["", { error: 'strconv.Atoi: parsing "": invalid syntax' }],
  ["1e3", { error: 'strconv.Atoi: parsing "1e3": invalid syntax' }],
  ["99999999999999999999", { error: 'strconv.Atoi: parsing "99999999999999999999": value out of range' }],
])("integer %j", (text, parsed) => {
  expect(parseInteger(text, "Atoi")).toEqual(parsed);
});

test.each([
  ["0x10", { value: 16 }],
  ["-0b11", { value: -3 }],
  ["017", { value: 15 }],
  ["1_000", { value: 1000 }],
  ["08", { error: 'strconv.ParseInt: parsing "08": invalid syntax' }],
  ["1__0", { error: 'strconv.ParseInt: parsing "1__0": invalid syntax' }],
])("integer with a prefix %j", (text, parsed) => {
  expect(parsePrefixedInteger(text)).toEqual(parsed);
});

test("booleans have Go's spellings and no others", () => {
  expect(["1", "t", "TRUE"].map(parseBool)).toEqual([{ value: true }, { value: true }, { value: true }]);
  expect(parseBool("tRUE")).toEqual({ error: 'strconv.ParseBool: parsing "tRUE": invalid syntax' });
});

test.each([
  ["1h30m", 5_400_000_000_000n],
  ["-1.5s", -1_500_000_000n],
  ["0", 0n],
  ["1us", 1000n],
  ["1", undefined],
  ["h", undefined],
  ["9999999h", undefined],
])("duration %j", (text, nanoseconds) => {
  expect(parseDuration(text)).toBe(nanoseconds);
});

test.each([
  ["2030-01-02T03:04:05Z", "2030-01-02T03:04:05Z"],
  ["2030-01-02T03:04:05", "2030-01-02T03:04:05Z"],
  ["2030-01-02T03:04:05+02:00", "2030-01-02T01:04:05Z"],
  ["2030-01-02T03:04:05.120Z", "2030-01-02T03:04:05.12Z"],
  ["2030-02-30T00:00:00Z", undefined],
  ["2030-01-02", undefined],
])("time %j", (text, shown) => {
  const time = parseTime(text);
  expect(time === undefined ? undefined : formatTime(time)).toBe(shown);
});

test.each([
  ["aGVsbG8=", "hello"],
  ["aGVs\nbG8=\n", "hello"],
  ["", ""],
  ["aGVsbG8", 4],
  ["!!", 0],
  ["aGVsbG8=x", 8],
  ["a===", 1],
  ["aG=x", 2],
])("base64 %j", (text, expected) => {
  const decoded = decodeBase64(text);
  const shown = "corrupt" in decoded ? decoded.corrupt : new TextDecoder().decode(decoded.bytes);
  expect(shown).toBe(expected);
});

test("JSON is compact, sorted by bytes and escapes what HTML would read", () => {
  const value = fromJson({ b: "<&>", a: [1e21, 1e-7, -0, true, null], é: "\u2028", Z: {} });
  expect(formatJson(value)).toBe(
    '{"Z":{},"a":[1e+21,1e-7,-0,true,null],"b":"\\u003c\\u0026\\u003e","é":"\\u2028"}',
  );
});
