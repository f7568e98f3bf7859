/** S-06: an open path is one that no two programs read differently; a proxy is asked with the path that was decided. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { skipRegex, skipRoute } from "../rules/skip-route.ts";
import { type Application, startApplication } from "../testing/application.ts";
import { COMPAT } from "../testing/compat.ts";
import { type Point, startPoint } from "../testing/point.ts";
import { rawExchange, rawStatus } from "../testing/raw.ts";

let application: Application;
/** Compat, decides for a gateway. */
let compat: Point;
/** Compat, hands requests on. */
let proxy: Point;
/** Compat, with a rule that excludes one path. */
let negated: Point;
let strict: Point;
let strictNegated: Point;

const HOST = "app.example.com";
const DECIDES = { ...COMPAT, OAUTH2_PROXY_REVERSE_PROXY: "true", OAUTH2_PROXY_UPSTREAMS: "static://202" };

const forwardedPoint = (open: string) =>
  startPoint(
    {
      version: 1,
      applications: {
        app: { routes: [{ hosts: [HOST] }], allow: { everyone: true }, anonymous_paths: [open] },
      },
    },
    {
      ...COMPAT,
      OAUTH2_PROXY_DECISION_MODE: "forwarded",
      OAUTH2_PROXY_REDIRECT_URL: `https://${HOST}/oauth2/callback`,
    },
  );

beforeAll(async () => {
  for (const method of ["info", "warn"] as const) vi.spyOn(console, method).mockReturnValue(undefined);
  application = await startApplication();
  compat = await startPoint(undefined, { ...DECIDES, OAUTH2_PROXY_SKIP_AUTH_ROUTES: "^/public/" });
  negated = await startPoint(undefined, { ...DECIDES, OAUTH2_PROXY_SKIP_AUTH_ROUTES: "GET!=^/private/" });
  proxy = await startPoint(undefined, {
    ...COMPAT,
    OAUTH2_PROXY_UPSTREAMS: `${application.origin}/`,
    OAUTH2_PROXY_SKIP_AUTH_ROUTES: "^/public/,^/foo/.*/bar$",
  });
  strict = await forwardedPoint("^/public/");
  strictNegated = await forwardedPoint("GET!=^/private/");
});
afterAll(async () => {
  await Promise.all([compat, proxy, negated, strict, strictNegated].map((point) => point.close()));
  await application.close();
});

/** Sends bytes: no library tidies the target. */
const exchange = (point: Point, target: string, lines: readonly string[] = []) => {
  const head = [`GET ${target} HTTP/1.1`, `Host: ${HOST}`, "Connection: close", ...lines];
  return rawExchange(point.port, `${head.join("\r\n")}\r\n\r\n`);
};
const send = async (point: Point, target: string, lines: readonly string[] = []) =>
  rawStatus(await exchange(point, target, lines));
const told = (uri: string) => [
  `X-Forwarded-Uri: ${uri}`,
  `X-Forwarded-Host: ${HOST}`,
  "X-Forwarded-Proto: https",
  "X-Forwarded-Method: GET",
];
/** What each personality answers about an address. */
const decisions = async (uri: string) => ({
  endpoint: await send(compat, "/oauth2/auth", told(uri)),
  root: await send(compat, "/", told(uri)),
  forwarded: await send(strict, "/", told(uri)),
});

/** Decoded differently by two readers, or not below the path that the rule names. */
const CLOSED = [
  ...["/public/../admin", "/public/%2e%2e/admin", "/public/.%2e/admin", "/public/%2E./admin"],
  ...["/public/..%2fadmin", "/public/%2e%2e%2fadmin", "/public/..%5cadmin", "/public/..\\admin"],
  ...["/public/;/../../admin", "/public/..;/admin", "/public;a=b/../admin"],
  ...["//admin/public/x", "//x/public/../admin", "///public/x", "/x//public/", "/./public/x"],
  ...["/admin%23/public/", "/admin#/public/", "/admin%3f/public/", "/public/%252e%252e/admin"],
  ...["/public/%c0%ae%c0%ae/admin", "/public/%u002e%u002e/admin", "/public/%00/../admin", "/public/%0a"],
  ...["/public/%zz", "/public/\u00e9", "/admin?x=/public/", "/admin?/public/", "/admin;/public/"],
  ...["http://h/public/x", "*", "public/x", "/PUBLIC/x", "/public", "/public%2fx", "/%70ublic/..%2f"],
  "/public/x\ty",
];

describe("S-06: nobody without a session gets", () => {
  test.each(CLOSED)("%j", async (uri) => {
    const { endpoint, root, forwarded } = await decisions(uri);
    expect(endpoint).toBeOneOf([400, 401, 403]);
    expect([root, forwarded]).toEqual([expect.toBeOneOf([302, 400, 403]), expect.toBeOneOf([302, 400])]);
  });

  test.each(CLOSED.filter((uri) => uri.startsWith("/")))("%j, where we hand on", async (uri) => {
    const before = application.reached.length;
    const answer = await exchange(proxy, uri);
    expect(rawStatus(answer)).toBeOneOf([301, 400, 403]);
    expect(/^location: *(.*)$/im.exec(answer.text)?.[1] ?? "/").toMatch(/^\/(?!\/)/);
    expect(application.reached.length).toBe(before);
  });

  test("an empty address", async () => {
    expect((await decisions("")).forwarded).toBe(400);
    expect(await send(compat, "/oauth2/auth", ["X-Forwarded-Uri;", "X-Forwarded-Uri: "])).toBe(400);
    expect(await send(compat, "/oauth2/auth", ["X-Forwarded-Uri: "])).toBe(401);
  });
});

test.each([
  "/public/",
  "/public/a%20b",
  "/public/caf%C3%A9",
  "/public/a.b/c..d",
  "/public/a;v=1",
  "/public/?x=/../admin",
  "/%70ublic/x",
])("S-06: %j is open to everybody", async (uri) => {
  expect(await decisions(uri)).toEqual({ endpoint: 202, root: 202, forwarded: 200 });
  expect(await send(proxy, uri)).toBe(200);
  expect(application.reached.at(-1)?.url).toBe(uri);
});

/** None of them begins with `/private/` as it is written, and none is a path that everybody reads alike. */
const ROUND = [
  ...[
    "//private/x",
    "/./private/x",
    "/x/../private/y",
    "/%2e/private/x",
    "/x/..%2fprivate/y",
    "/private%2fx",
  ],
  ...[
    "/%2fprivate/x",
    "/x%00/private/",
    "/\\private/x",
    "/%5cprivate/x",
    "/;/private/x",
    "/private;v=1/x",
    "/private;/x",
    "/.;x/private/y",
  ],
  ...["/x%23/../private/y", "/%252e/private/x", "/private%252fx"],
  ...["/x/%2e%2e/private/", "/..%2fprivate/", "//h/x", "/x%00", "/x%zz"],
];

test.each(ROUND)("S-06: a rule that excludes a path does not open it as %j", async (uri) => {
  expect(await send(negated, "/oauth2/auth", told(uri))).toBeOneOf([400, 401, 403]);
  expect(await send(strictNegated, "/", told(uri))).toBeOneOf([302, 400]);
});

test("S-06: a rule that excludes a path opens the others", async () => {
  expect(await send(negated, "/oauth2/auth", told("/x"))).toBe(202);
  expect(await send(negated, "/oauth2/auth", told("/private/x"))).toBe(401);
});

test.each([
  "/foo/secret?x=/bar",
  "/foo/secret?/bar",
  "/foo/secret?a=/b/bar",
  "/foo/secret#/bar",
  "/foo/secret%3f/bar",
])("CVE-2025-54576, GHSA-7rh7-c77v-6434: the query opens nothing, %j", async (uri) => {
  const before = application.reached.length;
  expect(await send(proxy, uri)).toBeGreaterThanOrEqual(300);
  expect(application.reached.length).toBe(before);
  expect(await send(proxy, "/foo/public/bar?x=1")).toBe(200);
});

test.each([
  "/admin#/public/",
  "/admin%23/public/",
  "/public/%23/../admin",
  "/public/#/../../admin",
  "/public/a%23b",
])("CVE-2026-41059, GHSA-pxq7-h93f-9jrg: a fragment narrows and widens nothing, %j", async (uri) => {
  const { endpoint, root, forwarded } = await decisions(uri);
  expect([endpoint, root, forwarded].every((status) => status >= 300)).toBe(true);
  expect(await send(proxy, uri)).toBeGreaterThanOrEqual(300);
});

test.each([
  ["CVE-2026-63177", "/public/%2e%2e/admin"],
  ["CVE-2026-34908", "/public/..%2f..%2fadmin"],
  ["CVE-2021-31920", "//admin"],
  ["CVE-2021-31920", "/public/..//admin"],
  ["CVE-2021-29492", "/public%2F..%2Fadmin"],
  ["CVE-2021-29492", "/public/..%5Cadmin"],
])("%s: what is decided raw and routed tidied is refused, %j", async (_, uri) => {
  expect(await send(compat, "/oauth2/auth", told(uri))).toBeOneOf([400, 401, 403]);
  expect(await send(strict, "/", told(uri))).toBeOneOf([302, 400]);
  const before = application.reached.length;
  expect(await send(proxy, uri)).toBeGreaterThanOrEqual(300);
  expect(application.reached.length).toBe(before);
});

test.each([
  ["CVE-2021-32637", "X-Original-URL: https://["],
  ["CVE-2021-32637", "X-Original-URL: :"],
  ["CVE-2021-32637", "X-Original-URL: https://app.example.com/public/%zz"],
  ["CVE-2024-47070", "X-Forwarded-For: not an address"],
  ["CVE-2024-47070", "X-Forwarded-For: 10.0.0.1, \u00ff"],
  ["CVE-2026-25748", "Cookie: _oauth2_proxy=\u00ff\u00fe|||"],
  ["CVE-2026-25748", "Cookie: _oauth2_proxy"],
  ["CVE-2026-25748", "Cookie: _oauth2_proxy=%; _oauth2_proxy_0="],
  ["CVE-2026-25748", `Cookie: _oauth2_proxy=${"A".repeat(4000)}|1700000000|x`],
])("%s: what cannot be read is no allow, %j", async (_, line) => {
  for (const [point, path] of [
    [compat, "/oauth2/auth"],
    [compat, "/"],
    [compat, "/oauth2/authz/nginx-ingress"],
    [compat, "/oauth2/authz/nginx"],
    [strict, "/"],
    [strict, "/oauth2/auth"],
    [proxy, "/admin"],
  ] as const) {
    const original = line.startsWith("X-Original") ? [] : told("/admin");
    expect(await send(point, path, [...original, line]), path).toBeGreaterThanOrEqual(300);
  }
});

test.each(["(?=a)", "(a)\\1", "(?<!x)a", "(?<!x)y", "(?>a)", "[", "(", "a{1001}", "\\8"])(
  "S-06: %s is no expression here, as in oauth2-proxy",
  (text) => {
    expect(() => skipRoute(text)).toThrow(RangeError);
    expect(() => skipRegex(text)).toThrow(RangeError);
  },
);

test("S-06: expressions mean what they mean to oauth2-proxy, in linear time", () => {
  expect(skipRegex("(?i)\\A/public/[[:alpha:]]+\\z").matches("GET", "/PUBLIC/abc")).toBe(true);
  expect(skipRegex("^/\\pN+$").matches("GET", "/123")).toBe(true);
  const route = skipRegex("^/(a+)+$");
  const path = `/${"a".repeat(50)}!`;
  for (let round = 0; round < 20; round++) route.matches("GET", path);
  const begun = process.threadCpuUsage();
  for (let round = 0; round < 50; round++) expect(route.matches("GET", path)).toBe(false);
  expect(process.threadCpuUsage(begun).user / 1000 / 50).toBeLessThan(5);
  expect(skipRoute("^/(a+)+$").matches("GET", path)).toBe(false);
});
