import { expect, test } from "vitest";
import { emailRule, readEmail } from "./email.ts";

test.each([
  "attacker@evil.com@company.com",
  '"a@evil.com"@company.com',
  "@company.com",
  "company.com",
  "a@company.com ",
  "a@company.com\n",
  "a@comp\u0430ny.com",
  "",
  "a@",
  "a b@company.com",
  `${"a".repeat(10_000)}@company.com`,
])("%j is no address", (text) => {
  expect(readEmail(text)).toBeUndefined();
  expect(emailRule([], ["*", "company.com"]).matches(text)).toBe(false);
});

test("domains are exact, or subdomains only", () => {
  const rule = emailRule(["Ada@Example.org "], ["company.com", "*.deep.net", ".dot.net"]);
  expect(
    ["a@COMPANY.com", "ada@example.ORG", "x@a.deep.net", "x@a.b.dot.net"].map((email) => rule.matches(email)),
  ).toEqual([true, true, true, true]);
  expect(
    ["a@company.com.evil.com", "a@evilcompany.com", "a@deep.net", "a@dot.net", "bob@example.org"].map(
      (email) => rule.matches(email),
    ),
  ).toEqual([false, false, false, false, false]);
});

test("a rule without entries lets nobody pass; a star lets everybody with an address pass", () => {
  expect(emailRule([], []).some).toBe(false);
  expect(emailRule([], []).matches("a@b.com")).toBe(false);
  expect(emailRule([], ["*"]).matches("a@b.com")).toBe(true);
  expect(emailRule([], [""]).matches("a@b.com")).toBe(false);
  expect(emailRule(["*"], []).matches("a@b.com")).toBe(false);
});
