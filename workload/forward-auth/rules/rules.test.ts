import fc from "fast-check";
import { expect, test } from "vitest";
import type { ApplicationRules } from "../config.ts";
import { allows, app, judged, names, rulesOf } from "../testing/rules-of.ts";
import { buildRules } from "./rules.ts";
import { readRules } from "./schema.ts";

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
  const may = rules.applications.map((application) => [
    application.name,
    allows(application, { email: "a@b.com", groups: ["x"] }),
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
  expect(allows(rules.applications[1], { email: "a@b.com" })).toBe(false);
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
      if (!open) expect(allows(application, {})).toBe(false);
    }),
    { numRuns: 1000 },
  );
});

test.each([
  { max_session_age: "0" },
  { max_session_age: "8" },
  { acr: [] },
  { access: [{ paths: [] }] },
  { access: [{ methods: ["get"] }] },
  { access: [{ allow: { everyone: true, claims: { a: ["b"] } } }] },
  { access: [{ path: ["/one"] }] },
  { headers: { "Set-Cookie": { value: "x" } } },
  { headers: { X_User: { claim: "email" } } },
  { headers: { "X-User": { value: "a\r\nb" } } },
  { headers: { "X-User": { claim: "email", value: "x" } } },
])("an application with a fault is closed: %j", (fault) => {
  const [one] = rulesOf({ one: app("/one", fault as Partial<ApplicationRules>) }).applications;
  expect(judged(one, { email: "a@b.com", groups: ["x"] })).toEqual(["deny"]);
});

test("a host is served for redirects when a route names it", () => {
  const rules = rulesOf({ one: app("/one") });
  expect(rules.serves({ name: "gw.localhost", port: 8443 }, "https")).toBe(true);
  expect(rules.serves({ name: "gw.localhost", port: undefined }, "https")).toBe(false);
});
