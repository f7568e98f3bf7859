import fc from "fast-check";
import { expect, test } from "vitest";
import type { ApplicationRules, RulesFile } from "../config.ts";
import type { Subject, Verdict } from "./access.ts";
import { readHost } from "./host.ts";
import { readPath } from "./path.ts";
import { type Application, buildRules, type Rules } from "./rules.ts";
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
  return found === "ambiguous" ? found : found.map(({ application }) => application.name);
}

/** What the application asks of somebody for a request, as words. */
function judged(
  application: Application | undefined,
  subject: Partial<Subject>,
  { method = "GET", path = "/one", now = 0 } = {},
): readonly string[] {
  const read = readPath(path);
  const host = readHost("gw.localhost:8443");
  if (read === undefined || host === undefined || application === undefined) return ["refused"];
  const target = { method, scheme: "https", host, path: read };
  const word = (verdict: Verdict) => (verdict.kind === "step-up" ? verdict.reason : verdict.kind);
  return application
    .requirements(target)
    .map((requirement) => word(requirement.judge({ email: "", groups: [], ...subject }, now)));
}

/** True when the person may pass. */
const allows = (application: Application | undefined, subject: Partial<Subject>): boolean =>
  judged(application, subject).every((word) => word === "allow");

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
