import fc from "fast-check";
import { expect, test } from "vitest";
import { createSeal } from "./seal.ts";

const seal = createSeal("0123456789abcdef0123456789abcdef", "session");

test("what was sealed opens, with the same secret, purpose and name only", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const sealed = seal.seal(text, "_oauth2_proxy");
      expect(seal.open(sealed, "_oauth2_proxy")).toBe(text);
      expect(seal.open(sealed, "_oauth2_proxyX")).toBeUndefined();
      expect(
        createSeal("0123456789abcdef0123456789abcdef", "login").open(sealed, "_oauth2_proxy"),
      ).toBeUndefined();
      expect(
        createSeal("another-secret-another-secret-ab", "session").open(sealed, "_oauth2_proxy"),
      ).toBeUndefined();
    }),
  );
});

test("every changed byte is noticed, and so is every other spelling of the same bytes", () => {
  const sealed = seal.seal('{"a":1}', "n");
  for (let index = 0; index < sealed.length; index++) {
    const other = sealed[index] === "A" ? "B" : "A";
    expect(seal.open(sealed.slice(0, index) + other + sealed.slice(index + 1), "n")).toBeUndefined();
    expect(seal.open(sealed.slice(0, index), "n")).toBeUndefined();
  }
  for (const variant of [
    `${sealed}=`,
    `${sealed}A`,
    ` ${sealed}`,
    `${sealed.replaceAll("-", "+").replaceAll("_", "/")}+`,
  ]) {
    expect(seal.open(variant, "n")).toBeUndefined();
  }
});

test("two seals of one text differ", () => {
  expect(seal.seal("a", "n")).not.toBe(seal.seal("a", "n"));
});

test("no text makes it throw", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(seal.open(text, "n")).toBeUndefined();
    }),
  );
});
