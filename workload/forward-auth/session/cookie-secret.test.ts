import { describe, expect, test } from "vitest";
import { cookieSecret, secretTexts } from "./cookie-secret.ts";
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
