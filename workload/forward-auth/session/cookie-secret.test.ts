import { createCipheriv, createDecipheriv } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cfbDecryption, cfbEncryption, cookieSecret, secretBytes, secretTexts } from "./cookie-secret.ts";
import { CookieStore } from "./cookie-store.ts";
import { createSeal } from "./seal.ts";
import { createSealedFormat } from "./sealed-format.ts";
import { newSessionId } from "./session.ts";
import { createUpstreamFormat } from "./upstream-format.ts";

const A = "0123456789abcdef0123456789abcdef";
const B = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const C = "16,bytes,comma!!";

test.each([
  [A, [A]],
  [C, [C]],
  [`${A},${B}`, [A, B]],
  [`${A}, ${B} ,`, [A, B]],
  [`${A},short`, [`${A},short`]],
  ["", [""]],
  [",", [","]],
])("the option %j", (text, secrets) => {
  expect(secretTexts(text, false)).toEqual(secrets);
});

test.each([
  [A, [A]],
  [`${A}\n`, [`${A}\n`, A]],
  [`${A}\n${B}\n`, [A, B]],
  [`${A}\r\n\r\n${B}`, [A, B]],
  [`${A},${B}\n`, [`${A},${B}\n`]],
  ["", [""]],
  ["\n", ["\n"]],
])("the file %j", (text, secrets) => {
  expect(secretTexts(text, true)).toEqual(secrets);
});

describe.each(["oauth2-proxy", "sealed"])("a rotation, format %s", (format) => {
  const NAME = "_oauth2_proxy";
  const storeOf = (first: string, ...others: string[]) =>
    new CookieStore({
      name: NAME,
      formats: [
        format === "sealed"
          ? createSealedFormat(
              [createSeal(first, "session"), ...others.map((text) => createSeal(text, "session"))],
              NAME,
            )
          : createUpstreamFormat({
              name: NAME,
              secrets: [cookieSecret(first), ...others.map(cookieSecret)],
              minimal: false,
            }),
      ],
      attributes: () => ({ path: "/", domain: "", secure: true, httpOnly: true, sameSite: "" }),
      life: 3_600_000,
      maxAge: 0,
      persistent: true,
      headers: () => [],
      now: () => 1_700_000_000_000,
    });

  /** The cookie of a new session. */
  function cookieOf(store: CookieStore): string {
    const at = 1_700_000_000_000;
    const person = { issuer: "", subject: "s", email: "", preferredUsername: "", groups: [] };
    const session = { id: newSessionId(), ...person, createdAt: at, refreshedAt: at };
    return store.save("", store.entry(session), "h")[0]?.split(";", 1)[0] ?? "";
  }

  test("signs nobody out until the old secret is taken away", () => {
    const [before, during, after] = [storeOf(A), storeOf(B, A), storeOf(B)];
    const [old, young] = [cookieOf(before), cookieOf(during)];
    expect([before, during, after].map((store) => store.load(old) !== undefined)).toEqual([
      true,
      true,
      false,
    ]);
    expect([before, during, after].map((store) => store.load(young) !== undefined)).toEqual([
      false,
      true,
      true,
    ]);
  });
});

test.each([
  ["0123456789abcdef0123456789abcdef", "d35db7e39ebbf3d69b71d79fd35db7e39ebbf3d69b71d79f"],
  [
    "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "3031323334353637383961626364656630313233343536373839616263646566",
  ],
  [
    "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n",
    "3031323334353637383961626364656630313233343536373839616263646566",
  ],
  ["not-base64!not-base64!not-base6!", Buffer.from("not-base64!not-base64!not-base6!").toString("hex")],
  ["asdflkjhqwer)(*&", Buffer.from("asdflkjhqwer)(*&").toString("hex")],
  ["abcdefghijklmnop", Buffer.from("abcdefghijklmnop").toString("hex")],
  ["abcdefghijklmnopqrstuv", "69b71d79f8218a39259a7a29aabb2dba"],
])("the key of secret %j", (secret, key) => {
  expect(secretBytes(secret).toString("hex")).toBe(key);
});

test("a secret of another length is refused", () => {
  expect(() => cookieSecret("+/".repeat(22))).toThrow("is 44 bytes");
});

test("encryption is AES-CFB as OpenSSL has it, for texts of any length behind one another, each with an IV of its own", () => {
  const texts = fc.array(fc.uint8Array({ maxLength: 100 }), { minLength: 2, maxLength: 10 });
  fc.assert(
    fc.property(texts, fc.constantFrom(16, 24, 32), (plains, length) => {
      const key = Buffer.alloc(length, 7);
      const encrypt = cfbEncryption(key);
      const sealed = plains.map(encrypt);
      const opened = sealed.map((each) =>
        createDecipheriv(`aes-${length * 8}-cfb`, key, each.subarray(0, 16)).update(each.subarray(16)),
      );
      expect(opened).toEqual(plains.map((plain) => Buffer.from(plain)));
      const ivs = sealed.map((each) => each.subarray(0, 16).toString("hex"));
      expect(new Set(ivs).size).toBe(plains.length);
    }),
  );
});

test("decryption is AES-CFB as OpenSSL has it, for every length", () => {
  const bytes = fc.uint8Array({ maxLength: 200 });
  fc.assert(
    fc.property(bytes, fc.constantFrom(16, 24, 32), (plain, length) => {
      const key = Buffer.alloc(length, 7);
      const iv = Buffer.alloc(16, plain.length);
      const sealed = Buffer.concat([iv, createCipheriv(`aes-${length * 8}-cfb`, key, iv).update(plain)]);
      expect(Buffer.from(cfbDecryption(key)(sealed) ?? [])).toEqual(Buffer.from(plain));
      expect(Buffer.from(cfbDecryption(key)(cfbEncryption(key)(plain)) ?? [])).toEqual(Buffer.from(plain));
    }),
  );
  expect(cfbDecryption(Buffer.alloc(16))(Buffer.alloc(15))).toBeUndefined();
});
