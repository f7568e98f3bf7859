import fc from "fast-check";
import { expect, test } from "vitest";
import { NAME, SECRET, valid } from "../testing/upstream-cookies.ts";
import { cookieSecret } from "./cookie-secret.ts";
import { readPaddedBase64, readSigned } from "./signed-value.ts";

test("padded base64url is read in one spelling only", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const text = Buffer.from(bytes).toString("base64").replaceAll("+", "-").replaceAll("/", "_");
      expect(readPaddedBase64(text)).toEqual(Buffer.from(bytes));
    }),
  );
  for (const text of [
    "A",
    "AA",
    "AAA",
    "AB==",
    "AAB=",
    "AA=A",
    "====",
    "A===",
    "AA==AA==",
    "A A=",
    "AA+=",
    "AA/=",
  ])
    expect(readPaddedBase64(text), text).toBeUndefined();
});

test("readSigned() tells the key", () => {
  const keys = [cookieSecret("not-base64!not-base64!not-base6!").signing, cookieSecret(SECRET).signing];
  expect(readSigned(keys, NAME, valid)).toMatchObject({ time: 1_700_000_000, key: 1 });
});

test.each([
  ["1700000000", 1_700_000_000],
  ["0", 0],
  ["0001700000000", 1_700_000_000],
  ["+17", 17],
  ["-5", -5],
  ["999999999999999", 999_999_999_999_999],
  ["9007199254740991", 9_007_199_254_740_991],
  ["9007199254740993", undefined],
  ["12345678901234567890", undefined],
  ["", undefined],
  ["1e3", undefined],
  ["1.5", undefined],
  [" 1", undefined],
  ["0x1", undefined],
])("a signed time of %j is %j", (text, time) => {
  const { signing } = cookieSecret(SECRET);
  const value = `YQ==|${text}|${signing.sign(`${NAME}YQ==${text}`)}`;
  expect(readSigned([signing], NAME, value)?.time).toBe(time);
});
