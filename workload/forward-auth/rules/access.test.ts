import { expect, test } from "vitest";
import type { ApplicationRules } from "../config.ts";
import { allows, app, judged, rulesOf } from "../testing/rules-of.ts";
import { buildRules } from "./rules.ts";
import { readRules } from "./schema.ts";

test("who may pass: each kind that has entries must match", () => {
  const may = (allow: ApplicationRules["allow"], email: string, groups: readonly string[] = []) =>
    allows(rulesOf({ one: app("/one", { allow }) }).applications[0], { email, groups });
  expect(may({}, "a@b.com", ["g"])).toBe(false);
  expect(may({ everyone: false }, "a@b.com")).toBe(false);
  expect(may({ emails: [], email_domains: [], groups: [] }, "a@b.com")).toBe(false);
  expect(may({ everyone: true }, "")).toBe(true);
  expect(may({ emails: ["A@b.com"] }, "a@B.com")).toBe(true);
  expect(may({ emails: ["a@b.com"], email_domains: ["c.com"] }, "x@c.com")).toBe(true);
  expect(may({ email_domains: ["c.com"], groups: ["ops"] }, "x@c.com")).toBe(false);
  expect(may({ email_domains: ["c.com"], groups: ["ops"] }, "x@c.com", ["dev", "ops"])).toBe(true);
  expect(may({ groups: ["ops"] }, "", ["OPS"])).toBe(false);
  expect(may({ groups: ["admin"] }, "", ["admin,evil"])).toBe(false);
  expect(may({ email_domains: ["*"] }, "x@c.com")).toBe(false);
});

test("the first entry of access that covers path and method counts instead of the application's own rules", () => {
  const [one] = rulesOf({
    one: app("/one", {
      allow: { groups: ["staff"] },
      access: [
        { paths: ["/one/admin"], methods: ["DELETE"], allow: { groups: ["root"] } },
        { paths: ["/one/admin"], allow: { groups: ["ops"] } },
        { paths: ["/one/open"], allow: { everyone: true } },
        { methods: ["POST"], allow: { groups: ["writers"] } },
      ],
    }),
  }).applications;
  const may = (method: string, path: string, group: string) =>
    judged(one, { groups: [group] }, { method, path }).every((word) => word === "allow");
  expect(may("GET", "/one/x", "staff")).toBe(true);
  expect(may("POST", "/one/x", "staff")).toBe(false);
  expect(may("POST", "/one/x", "writers")).toBe(true);
  expect(may("GET", "/one/admin/x", "staff")).toBe(false);
  expect(may("GET", "/one/admin/x", "ops")).toBe(true);
  expect(may("DELETE", "/one/admin/x", "ops")).toBe(false);
  expect(may("DELETE", "/one/admin", "root")).toBe(true);
  expect(may("GET", "/one/open/x", "nobody")).toBe(true);
  expect(may("GET", "/one/administrator", "staff")).toBe(true);
});

test.each(["/one/open/..;/admin", "/one/Admin/x", "/one/%61dmin/x", "/one/admin;v=1/x", "/one//admin/x"])(
  "a spelling that some program takes for a stricter path must meet the stricter rules: %j",
  (path) => {
    const [one] = rulesOf({
      one: app("/one", { access: [{ paths: ["/one/admin"], allow: { groups: ["ops"] } }] }),
    }).applications;
    const words = judged(one, { groups: ["staff"] }, { path });
    expect(words.some((word) => word === "deny" || word === "refused")).toBe(true);
  },
);

test("a looser path does not open a stricter one by its spelling", () => {
  const [one] = rulesOf({
    one: app("/one", {
      allow: { groups: ["ops"] },
      access: [{ paths: ["/one/open"], allow: { everyone: true } }],
    }),
  }).applications;
  for (const path of ["/one/OPEN/x", "/one/%6fpen/x", "/one/open;x/y"]) {
    expect(judged(one, {}, { path })).toContain("deny");
  }
  expect(judged(one, {}, { path: "/one/open/x" })).toEqual(["allow"]);
});

test("authentication context, age of the sign-in and provider ask for another sign-in, after the provider's word counts", () => {
  const rules = rulesOf({
    one: app("/one", {
      allow: { groups: ["ops"] },
      acr: ["mfa", "hwk"],
      max_session_age: "8h",
      provider: "corp",
      access: [{ paths: ["/one/pay"], max_session_age: "5m" }],
    }),
  });
  const [one] = rules.applications;
  const hour = 3_600_000;
  const ada = { groups: ["ops"], acr: "hwk", createdAt: hour, provider: "corp" };
  expect(judged(one, ada, { now: 2 * hour })).toEqual(["allow"]);
  expect(judged(one, ada, { now: 10 * hour })).toEqual(["session-too-old"]);
  expect(judged(one, { ...ada, acr: "pwd" }, { now: 2 * hour })).toEqual(["acr-required"]);
  expect(judged(one, { groups: ["ops"], provider: "corp" }, { now: 0 })).toEqual(["acr-required"]);
  expect(judged(one, { ...ada, provider: "guests" }, { now: 2 * hour })).toEqual(["other-provider"]);
  expect(judged(one, { ...ada, groups: [] }, { now: 2 * hour })).toEqual(["deny"]);
  expect(judged(one, ada, { now: 2 * hour, path: "/one/pay" })).toEqual(["session-too-old"]);
  const { createdAt: _, ...timeless } = ada;
  expect(judged(one, timeless, { now: 2 * 8 * hour })).toEqual(["session-too-old"]);
});

test("a session that names no provider is of the first one", () => {
  const reading = readRules(
    JSON.stringify({ version: 1, applications: { one: app("/one", { provider: "corp" }) } }),
  );
  if (!reading.ok) throw new Error("cannot be read");
  expect(judged(buildRules(reading, ["corp"]).rules.applications[0], {})).toEqual(["allow"]);
  expect(judged(buildRules(reading, ["other", "corp"]).rules.applications[0], {})).toEqual([
    "other-provider",
  ]);
});

test("claims: one of the values, of each claim named", () => {
  const [one] = rulesOf({
    one: app("/one", { allow: { claims: { department: ["it", "hr"], "realm.roles": ["admin"] } } }),
  }).applications;
  const may = (claims: Record<string, unknown>) =>
    allows(one, { additionalClaims: new Map(Object.entries(claims)) });
  expect(may({ department: "it", "realm.roles": ["user", "admin"] })).toBe(true);
  expect(may({ department: "it" })).toBe(false);
  expect(may({ department: ["sales"], "realm.roles": ["admin"] })).toBe(false);
  expect(may({ department: "it,hr", "realm.roles": "admin" })).toBe(false);
  expect(allows(one, {})).toBe(false);
});
