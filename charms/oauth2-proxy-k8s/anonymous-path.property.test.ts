import fc from "fast-check";
import { expect, test } from "vitest";
import { anonymousPath } from "./rules.ts";

const base = fc.stringMatching(/^\/[a-z0-9-]{1,12}$/);

test("anonymousPath() opens nothing outside the application, and never all of it", () => {
  fc.assert(
    fc.property(base, fc.string(), fc.string(), (where, endpoint, other) => {
      const pattern = anonymousPath(where, endpoint)?.replace(/^[A-Z]+!?=(?=\^)/, "");
      if (pattern === undefined) return;
      const open = new RegExp(pattern, "s");
      expect(open.test(where)).toBe(false);
      expect(open.test(`${where}-other/${other}`)).toBe(false);
      expect(open.test(`/x${where}/${other}`)).toBe(false);
    }),
  );
});

test("anonymousPath() opens the path that was named", () => {
  const named = fc.stringMatching(/^[a-z][a-z0-9/._+()-]{0,20}$/);
  fc.assert(
    fc.property(base, named, (where, endpoint) => {
      expect(new RegExp(anonymousPath(where, endpoint) ?? "$^").test(`${where}/${endpoint}`)).toBe(true);
    }),
  );
});
