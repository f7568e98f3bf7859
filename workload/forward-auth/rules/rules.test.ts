import fc from "fast-check";
import { expect, test } from "vitest";
import type { ApplicationRules, RulesFile } from "../config.ts";
import { readHost } from "./host.ts";
import { readPath } from "./path.ts";
import { buildRules, type Rules } from "./rules.ts";
import { readRules } from "./schema.ts";

function rulesOf(applications: RulesFile["applications"]): Rules {
  const reading = readRules(JSON.stringify({ version: 1, applications }));
  if (!reading.ok) throw new Error(JSON.stringify(reading.issues));
  return buildRules(reading).rules;
}

const app = (path: string, rest: Partial<ApplicationRules> = {}): ApplicationRules => ({
  routes: [{ hosts: ["gw.localhost:8443"], paths: [path] }],
  allow: { everyone: true },
  ...rest,
});

function names(rules: Rules, target: string, host = "gw.localhost:8443"): readonly string[] | string {
  const path = readPath(target);
  const read = readHost(host);
  if (path === undefined || read === undefined) return "refused";
  const found = rules.coverage({ method: "GET", scheme: "https", host: read, path });
  return found === "ambiguous" ? found : found.map(({ name }) => name);
}

test("a route covers its prefix on segment boundaries, on its hosts only", () => {
  const rules = rulesOf({ one: app("/iam-one"), two: app("/iam-two/") });
  expect(names(rules, "/iam-one")).toEqual(["one"]);
  expect(names(rules, "/iam-one/x")).toEqual(["one"]);
  expect(names(rules, "/iam-one?x")).toEqual(["one"]);
  expect(names(rules, "/iam-two")).toEqual(["two"]);
  expect(names(rules, "/iam-ones")).toEqual([]);
  expect(names(rules, "/x/iam-one")).toEqual([]);
  expect(names(rules, "/iam-one", "other.localhost:8443")).toEqual([]);
  expect(names(rules, "/iam-one", "gw.localhost")).toEqual([]);
});

test.each([
  "/IAM-one/x",
  "/iam%2done/x",
  "/iam-one;x/y",
  "/x/..%2fiam-one",
  "/iam-one%2fx",
  "/%69am-one/x",
  "/iam-one%5cx",
])("another spelling of a prefix is in no application: %j", (target) => {
  expect(["ambiguous", "refused"]).toContain(names(rulesOf({ one: app("/iam-one") }), target));
});

test("encoded separators behind the prefix stay in the application", () => {
  expect(names(rulesOf({ git: app("/git") }), "/git/projects/group%2Fproject")).toEqual(["git"]);
});

test("nested routes touch both applications, whatever the spelling", () => {
  const rules = rulesOf({ outer: app("/a"), inner: app("/a/admin") });
  expect(names(rules, "/a/admin/x")).toEqual(["outer", "inner"]);
  expect(names(rules, "/a/x")).toEqual(["outer"]);
  for (const target of ["/a//admin/x", "/a%2Fadmin/x", "/a/Admin/x", "/a/%61dmin", "/a/admin;x"]) {
    expect(names(rules, target)).toBe("ambiguous");
  }
});

test("who may pass: each kind that has entries must match", () => {
  const may = (allow: ApplicationRules["allow"], email: string, groups: readonly string[] = []) =>
    rulesOf({ one: app("/one", { allow }) }).applications[0]?.allows({ email, groups });
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

test("a faulty application is closed, the others go on", () => {
  const reading = readRules(
    JSON.stringify({
      version: 1,
      applications: {
        good: app("/good"),
        extra: { ...app("/extra"), more: 1 },
        mixed: app("/mixed", { allow: { everyone: true, groups: ["x"] } }),
        regex: app("/regex", { anonymous_paths: ["(?=x)", "^/regex/ok$"] }),
      },
    }),
  );
  expect(reading.ok).toBe(true);
  if (!reading.ok) return;
  const { rules, issues } = buildRules(reading);
  const may = rules.applications.map(({ name, allows }) => [
    name,
    allows({ email: "a@b.com", groups: ["x"] }),
  ]);
  expect(may).toEqual([
    ["good", true],
    ["extra", false],
    ["mixed", false],
    ["regex", true],
  ]);
  expect(issues.map(({ path }) => path)).toEqual([
    "applications.extra.more",
    "applications.mixed.allow",
    "applications.regex.anonymous_paths.0",
  ]);
  const regex = rules.applications[3];
  expect([regex?.anonymous("GET", "/regex/ok"), regex?.anonymous("GET", "/regex/x")]).toEqual([true, false]);
});

test.each([
  "",
  "{",
  "[]",
  "null",
  '{"version":2,"applications":{}}',
  '{"version":1}',
  '{"version":1,"applications":{},"more":1}',
])("refuses the file %j", (text) => {
  const reading = readRules(text);
  expect(reading.ok).toBe(false);
  expect(reading.issues.length).toBeGreaterThan(0);
});

test.each([
  1,
  { routes: [{ hosts: ["*"] }], allow: { everyone: true } },
  { routes: [{ hosts: ["h"], paths: ["/a/../b"] }], allow: { everyone: true } },
  {
    routes: [
      { hosts: ["h"], paths: ["b"] },
      { hosts: ["gw.localhost:8443"], paths: ["/bad"] },
    ],
    allow: { everyone: true },
  },
])("an application with a route that cannot be read is closed: %j", (bad) => {
  const rules = rulesOf({ good: app("/good"), bad: bad as never });
  expect(rules.applications[1]?.allows({ email: "a@b.com", groups: [] })).toBe(false);
  expect(names(rules, "/good")).toEqual(["good"]);
  expect(names(rules, "/bad")).toEqual(JSON.stringify(bad).includes("/bad") ? ["bad"] : []);
});

test("no file makes the reader throw, and what it reads allows nobody by surprise", () => {
  fc.assert(
    fc.property(fc.json(), fc.json(), (allow, rest) => {
      const text = `{"version":1,"applications":{"a":{"routes":[{"hosts":["h"]}],"allow":${allow},"anonymous_paths":${rest}}}}`;
      const reading = readRules(text);
      if (!reading.ok) return;
      const [application] = buildRules(reading).rules.applications;
      const value: unknown = JSON.parse(allow);
      const open =
        typeof value === "object" && value !== null && (value as { everyone?: unknown }).everyone === true;
      if (!open) expect(application?.allows({ email: "", groups: [] })).toBe(false);
    }),
    { numRuns: 1000 },
  );
});

test("a host is served for redirects when a route names it", () => {
  const rules = rulesOf({ one: app("/one") });
  expect(rules.serves({ name: "gw.localhost", port: 8443 }, "https")).toBe(true);
  expect(rules.serves({ name: "gw.localhost", port: undefined }, "https")).toBe(false);
});
