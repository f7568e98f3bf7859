import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createSigning } from "./signing.ts";

const reference = (key: string, text: string): string =>
  `${createHmac("sha256", key).update(text, "utf8").digest("base64url")}=`;

// RFC 4231, test case 2, whose key and text are text.
test.each([
  [
    "Jefe",
    "what do ya want for nothing?",
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  ],
])("of %j", (key, text, hex) => {
  expect(Buffer.from(createSigning(key).sign(text), "base64url").toString("hex")).toBe(hex);
});

test("any key and text: HMAC-SHA-256 as Node.js has it, one after the other", () => {
  const text = fc.string({ unit: "binary", maxLength: 300 });
  fc.assert(
    fc.property(text, fc.array(text, { maxLength: 4 }), (key, texts) => {
      const { sign } = createSigning(key);
      for (const each of texts) expect(sign(each)).toBe(reference(key, each));
    }),
  );
});

test.each([63, 64, 65, 200])("a key of %i bytes", (length) => {
  const key = "k".repeat(length);
  expect(createSigning(key).sign("text")).toBe(reference(key, "text"));
});

test.each([0, 81_920, 81_921, 200_000])("a text of %i bytes, and a short one after it", (length) => {
  const { sign } = createSigning("key");
  expect(sign("a".repeat(length))).toBe(reference("key", "a".repeat(length)));
  expect(sign("b")).toBe(reference("key", "b"));
});

test("a signature is right for the texts put together, and in its own spelling alone", () => {
  const texts = fc.array(fc.string({ unit: "grapheme", maxLength: 200 }), { maxLength: 4 });
  fc.assert(
    fc.property(
      texts,
      fc.nat(43),
      fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
      (all, at, other) => {
        const { sign, verify } = createSigning("key");
        const right = sign(all.join(""));
        expect(verify(all, right)).toBe(true);
        expect(verify([...all, "a"], right)).toBe(false);
        const changed = right.slice(0, at) + other + right.slice(at + 1);
        expect(verify(all, changed)).toBe(changed === right);
        // What latin1 would make the same characters of.
        const shifted = String.fromCharCode(right.charCodeAt(at) + 0x100);
        expect(verify(all, right.slice(0, at) + shifted + right.slice(at + 1))).toBe(false);
        for (const length of [0, 1, 43]) expect(verify(all, right.slice(0, length))).toBe(false);
        expect(verify(all, `${right}=`)).toBe(false);
      },
    ),
  );
});

test.each([27_307, 65_536, 200_000])("a signature is right for texts of %i characters", (length) => {
  const { sign, verify } = createSigning("key");
  const texts = ["name", "ü".repeat(length), "1"];
  expect(verify(texts, sign(texts.join("")))).toBe(true);
  expect(verify(texts, sign("name"))).toBe(false);
});
