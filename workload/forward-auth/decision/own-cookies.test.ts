import fc from "fast-check";
import { expect, test } from "vitest";
import { candidates } from "../session/cookies.ts";
import { ownCookies } from "./own-cookies.ts";

const NAME = "_oauth2_proxy";

test.each([
  ["_oauth2_proxy=a", "_oauth2_proxy=a"],
  ["_oauth2_proxy=a_oauth2_proxy=b", "_oauth2_proxy=a_oauth2_proxy=b"],
  ["x=1; _oauth2_proxy=a; y=2", "_oauth2_proxy=a"],
  ["x=1;_oauth2_proxy=a", "_oauth2_proxy=a"],
  ["_oauth2_proxy_0=a; _oauth2_proxy_1=b; z=1", "_oauth2_proxy_0=a; _oauth2_proxy_1=b"],
  ["_oauth2_proxy=a; q=1; _oauth2_proxy=b; r=2", "_oauth2_proxy=a; q=1; _oauth2_proxy=b"],
])("of %j", (header, own) => {
  expect(ownCookies(header, NAME)).toBe(own);
});

test.each(["", "x=1", "my_oauth2_proxy=a", "x=_oauth2_proxy; _oauth2_proxy=a"])("none of %j", (header) => {
  expect(ownCookies(header, NAME)).toBeUndefined();
});

test("headers with the same part have the same candidates", () => {
  const name = fc.constantFrom(NAME, `${NAME}_0`, `${NAME}_1`, `${NAME}_csrf`, `x${NAME}`, "x", "");
  const value = fc.string({ maxLength: 4, unit: fc.constantFrom("a", "2", ".", "=", '"', " ", ...NAME) });
  const separator = fc.constantFrom(";", "; ", " ; ", " ");
  const header = fc
    .array(fc.tuple(name, value, separator), { maxLength: 6 })
    .map((cookies) => cookies.map(([key, text, end]) => `${key}=${text}${end}`).join(""));
  fc.assert(
    fc.property(header, (text) => {
      const own = ownCookies(text, NAME);
      if (own !== undefined) expect(candidates(own, NAME)).toEqual(candidates(text, NAME));
    }),
    { numRuns: 2000 },
  );
});
