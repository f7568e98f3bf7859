/** Mode `forwarded`, request by request: what a gateway may not send, and what may not be believed. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type ForwardedPoint, startForwarded } from "../testing/forwarded-point.ts";
import type { Point } from "../testing/point.ts";
import { type Answer, ask, type Forwarded, forwarded } from "../testing/question.ts";

let world: ForwardedPoint;
let point: Point;
const HTML = ["Accept", "text/html"];

beforeAll(async () => {
  for (const method of ["info", "warn"] as const) vi.spyOn(console, method).mockReturnValue(undefined);
  world = await startForwarded();
  point = world.point;
});
afterAll(() => world.close());

const decide = (target: Forwarded = {}, more: readonly string[] = HTML, path = "/"): Promise<Answer> =>
  ask(point.port, path, [...forwarded(target), ...more]);
const signedIn = () => ["Cookie", point.cookie(), ...HTML];

test.each([
  "/app/public/../admin",
  "/app/public/%2e%2e/admin",
  "/app/public/..%2fadmin",
  "/app/public/..;/admin",
  "/app/public/%252e%252e/admin",
  "/app/public/%00",
  "/app/public/..\\admin",
  "//x/app/public/",
  "/app/public#/",
  "http://gw.localhost:8443/app/public/x",
  "app/public/x",
  "*",
  "",
  "/app/public/, /app/admin\t",
])("nobody is asked to serve %j", async (uri) => {
  expect((await decide({ uri })).status).toBe(400);
  expect((await decide({ uri }, signedIn())).status).toBe(400);
});

test.each([
  "/app?x=/app/public/",
  "/app/admin%23/app/public/",
  "/app/x//app/public/",
  "/app/admin;/public/",
  "/app//public/x",
  "/app/%70ublic%2Fx",
  "/app/public",
  "/app/PUBLIC/x",
])("%j is no open path", async (uri) => {
  expect((await decide({ uri })).status).toBe(302);
});

test.each(["/other", "/", "/App/x", "/app%2Fx", "/apps", "/app;x"])(
  "%j belongs to no application, whoever asks",
  async (uri) => {
    expect((await decide({ uri })).status).toBe(403);
    expect((await decide({ uri }, signedIn())).status).toBe(403);
  },
);

test.each([
  ["no host", { host: "" }],
  ["two hosts", { host: "gw.localhost:8443, evil.example" }],
  ["a port too large", { host: "gw.localhost:99999" }],
  ["a path in the host", { host: "gw.localhost/.." }],
  ["user information", { host: "gw.localhost@evil.example" }],
  ["half an address", { host: "[::1" }],
  ["two schemes", { proto: "https,http" }],
  ["another scheme", { proto: "javascript" }],
  ["an upper-case scheme", { proto: "HTTPS" }],
  ["a method with a blank", { method: "GET POST" }],
  ["no method", { method: "" }],
])("refuses %s", async (_, target) => {
  expect((await decide(target, signedIn())).status).toBe(400);
});

test.each([0, 2, 4, 6])("refuses a question without header %d of four", async (index) => {
  const headers = forwarded();
  headers.splice(index, 2);
  expect((await ask(point.port, "/", [...headers, ...signedIn()])).status).toBe(400);
  expect((await ask(point.port, "/oauth2/auth", [...headers, ...signedIn()])).status).toBe(400);
});

test.each([
  "X-Forwarded-Uri",
  "X-Forwarded-Host",
  "X-Forwarded-Method",
  "X-Forwarded-Proto",
  "Authorization",
])("refuses two %s", async (name) => {
  const twice = [name, "/app/public/", name.toLowerCase(), "/app/public/"];
  expect((await ask(point.port, "/", [...forwarded(), ...twice, ...signedIn()])).status).toBe(400);
});

test.each([
  "X_Forwarded_Uri",
  "X.Forwarded.Host",
  "X_Auth_Request_Email",
  "Gap_Auth",
  "X-Auth_Request-Groups",
])("S-03, GHSA-5m6w-wvh7-57vm: refuses the alias %s", async (name) => {
  expect((await decide({}, [name, "x", ...signedIn()])).status).toBe(400);
});

test("headers of other gateways and modes mean nothing", async () => {
  const more = [
    "X-Original-URL",
    "https://gw.localhost:8443/app/public/",
    "Forwarded",
    "host=evil;proto=http",
    "X-Auth-Request-Redirect",
    "https://evil.example/",
    "X-Auth-Request-User",
    "ada",
    "Connection",
    "X-Forwarded-Uri, Cookie",
  ];
  const answer = await decide({}, [...more, ...HTML]);
  expect(answer.status).toBe(302);
  expect(answer.headers.get("location")).not.toContain("evil");
});

test.each([
  "/ping",
  "/ready",
  "/robots.txt",
  "/app",
  "/oauth2",
  "/oauth2/",
  "/oauth2/nothing",
  "/oauth2/static/x",
  "//",
  "/?allowed_groups=ops",
])("no answer of %j lets a request pass without a session", async (path) => {
  const answer = await decide({}, ["User-Agent", "GoogleHC/1.0", ...HTML], path);
  if (path === "/ping" || path === "/ready")
    expect([answer.status, answer.headers.has("gap-auth")]).toEqual([200, false]);
  else expect([302, 404]).toContain(answer.status);
});

test("no question without a session is allowed, but on open paths", async () => {
  const names = fc.constantFrom(
    "X-Forwarded-Uri",
    "X-Forwarded-Host",
    "X-Forwarded-Method",
    "X-Forwarded-Proto",
    "X-Forwarded-For",
    "Cookie",
    "Authorization",
    "Accept",
    "X-Original-URL",
    "X_Forwarded_Uri",
  );
  const values = fc.constantFrom(
    "/app/x",
    "/app/%2e%2e/app/public/x",
    "/app/public/%2fx",
    "gw.localhost:8443",
    "GET",
    "OPTIONS",
    "https",
    "*/*",
    "_oauth2_proxy=x",
    "Bearer ey.ey.x",
    "127.0.0.1",
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(names, values), { maxLength: 8 }),
      fc.constantFrom("/", "/oauth2/auth", "/app"),
      async (pairs, path) => {
        const { status } = await ask(point.port, path, pairs.flat());
        expect([302, 400, 401, 403, 404]).toContain(status);
      },
    ),
    { numRuns: 200 },
  );
});
