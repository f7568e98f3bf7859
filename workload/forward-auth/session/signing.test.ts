import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createSigning } from "./signing.ts";

const reference = (key: string, text: string): string =>
  createHmac("sha256", key).update(text, "utf8").digest("base64url");

// RFC 4231, test case 2, whose key and text are text.
test.each([
  [
    "Jefe",
    "what do ya want for nothing?",
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  ],
])("of %j", (key, text, hex) => {
  expect(Buffer.from(createSigning(key)(text), "base64url").toString("hex")).toBe(hex);
});

test("any key and text: HMAC-SHA-256 as Node.js has it, one after the other", () => {
  const text = fc.string({ unit: "binary", maxLength: 300 });
  fc.assert(
    fc.property(text, fc.array(text, { maxLength: 4 }), (key, texts) => {
      const sign = createSigning(key);
      for (const each of texts) expect(sign(each)).toBe(reference(key, each));
    }),
  );
});

test.each([63, 64, 65, 200])("a key of %i bytes", (length) => {
  const key = "k".repeat(length);
  expect(createSigning(key)("text")).toBe(reference(key, "text"));
});

test.each([0, 81_920, 81_921, 200_000])("a text of %i bytes, and a short one after it", (length) => {
  const sign = createSigning("key");
  expect(sign("a".repeat(length))).toBe(reference("key", "a".repeat(length)));
  expect(sign("b")).toBe(reference("key", "b"));
});
