/** S-03, S-04, S-07: identity headers are ours, in every spelling, on every way to the application. */
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { foldedName } from "../identity/text.ts";
import { type Application, headerOf, startApplication } from "../testing/application.ts";
import { COMPAT } from "../testing/compat.ts";
import { type Point, startPoint } from "../testing/point.ts";
import { ask } from "../testing/question.ts";
import { rawExchange, rawRequest, rawStatus } from "../testing/raw.ts";

let application: Application;
let point: Point;

beforeAll(async () => {
  for (const method of ["info", "warn"] as const) vi.spyOn(console, method).mockReturnValue(undefined);
  application = await startApplication();
  point = await startPoint(undefined, {
    ...COMPAT,
    OAUTH2_PROXY_UPSTREAMS: `${application.origin}/`,
    OAUTH2_PROXY_PASS_ACCESS_TOKEN: "true",
    OAUTH2_PROXY_PASS_AUTHORIZATION_HEADER: "true",
    OAUTH2_PROXY_SET_AUTHORIZATION_HEADER: "true",
    OAUTH2_PROXY_SKIP_AUTH_ROUTES: "^/public/",
    OAUTH2_PROXY_REVERSE_PROXY: "true",
  });
});
afterAll(async () => {
  await point.close();
  await application.close();
});
beforeEach(() => void application.reached.splice(0));

const last = () => application.reached.at(-1);
const OWNED = [
  "X-Forwarded-User",
  "X-Forwarded-Email",
  "X-Forwarded-Groups",
  "X-Forwarded-Preferred-Username",
  "X-Forwarded-Access-Token",
  "Authorization",
  "X-Auth-Request-User",
  "X-Auth-Request-Email",
  "X-Auth-Request-Groups",
  "X-Auth-Request-Preferred-Username",
  "X-Auth-Request-Access-Token",
  "Gap-Auth",
  "Gap-Signature",
];

/** A name with other marks and in another case. */
const spellings = (name: string): readonly string[] => [
  name,
  name.toLowerCase(),
  name.toUpperCase(),
  name.replaceAll("-", "_"),
  name.replaceAll("-", "."),
  name.replace("-", "_"),
  name.replace(/-([^-]*)$/, ".$1"),
];

const evil = OWNED.flatMap((name) => spellings(name).flatMap((spelt) => [spelt, "evil"]));

/** Values of the application's copy of every owned header, whatever the spelling. */
const seen = () =>
  Object.fromEntries(
    OWNED.map((name) => {
      const raw = last()?.raw ?? [];
      const same = raw.filter(
        (_, index) => index % 2 === 1 && foldedName(raw[index - 1] ?? "") === foldedName(name),
      );
      return [name, same.join("|")];
    }),
  );

test("S-03, CVE-2025-64484, CVE-2026-33433, GHSA-x677-9fxg-v5c5: no spelling of an owned header passes, with a session", async () => {
  const cookie = point.cookie({ idToken: "id", accessToken: "access" });
  const { status } = await ask(point.port, "/app", [
    "Cookie",
    cookie,
    ...evil.filter((name, index) => !/^authorization$/i.test(evil[index - (index % 2)] ?? name)),
  ]);
  expect(status).toBe(200);
  expect(seen()).toMatchObject({
    "X-Forwarded-User": "sub-1",
    "X-Forwarded-Email": "ada@example.com",
    "X-Forwarded-Groups": "ops",
    "X-Forwarded-Preferred-Username": "Ada",
    "X-Forwarded-Access-Token": "access",
    Authorization: "Bearer id",
    "X-Auth-Request-User": "",
    "Gap-Auth": "",
    "Gap-Signature": "",
  });
  expect(JSON.stringify(last()?.raw)).not.toContain("evil");
});

test("S-07: an absent claim is absent at the application and empty in the answer, never the client's", async () => {
  const cookie = point.cookie({ groups: [], preferredUsername: "" });
  const sent = [
    "X-Forwarded-Groups",
    "admin",
    "x_forwarded_groups",
    "admin",
    "X-Auth-Request-Groups",
    "admin",
  ];
  const answer = await ask(point.port, "/app", ["Cookie", cookie, ...sent]);
  expect(seen()).toMatchObject({
    "X-Forwarded-Groups": "",
    "X-Auth-Request-Groups": "",
    "X-Forwarded-Preferred-Username": "",
  });
  expect(answer.headers.get("x-auth-request-groups")).toBe("");
  const decision = await ask(point.port, "/oauth2/auth", ["Cookie", cookie]);
  for (const name of ["groups", "preferred-username", "access-token"])
    expect(decision.headers.get(`x-auth-request-${name}`)).toBe("");
  expect(decision.headers.get("authorization")).toBe("");
});

test("S-07: an open path tells the application nobody, whatever the client says", async () => {
  const { status, headers } = await ask(
    point.port,
    "/public/x",
    evil.filter((_, index) => !/^authorization$/i.test(evil[index - (index % 2)] ?? "")),
  );
  expect(status).toBe(200);
  expect(Object.values(seen()).join("")).toBe("");
  expect(headers.get("gap-auth")).toBe("");
  expect(headers.get("x-auth-request-user")).toBe("");
});

test("S-03: a blank before the colon is no name", async () => {
  const answer = await rawExchange(
    point.port,
    rawRequest("GET /app", [`Cookie: ${point.cookie()}`, "X-Forwarded-User : evil"]),
  );
  expect(rawStatus(answer)).toBe(400);
  expect(application.reached).toEqual([]);
});

test.each([
  "X-Forwarded-User",
  "X-Forwarded-User, X-Forwarded-Email, close",
  "x-forwarded-user",
  "Authorization",
  "Cookie, X-Forwarded-Groups",
])("S-04: Connection: %s takes none of our headers away", async (listed) => {
  const cookie = point.cookie({ idToken: "id" });
  const { text } = await rawExchange(
    point.port,
    rawRequest("GET /app", [`Cookie: ${cookie}; app=1`, `Connection: ${listed}`]),
  );
  expect(text).toMatch(/^HTTP\/1\.1 200 /);
  expect(seen()).toMatchObject({
    "X-Forwarded-User": "sub-1",
    "X-Forwarded-Groups": "ops",
    Authorization: "Bearer id",
  });
  expect(headerOf(last(), "cookie")).toBe("app=1");
  expect(headerOf(last(), "connection")).not.toContain("X-");
});

test("S-04, CVE-2024-45410: the list takes nothing from a decision", async () => {
  const sent = (connection: string) => ["X-Forwarded-Uri", "/admin", "Connection", connection];
  for (const connection of ["X-Forwarded-Uri", "Cookie", "X-Forwarded-Uri, Cookie, X-Real-IP"]) {
    expect((await ask(point.port, "/oauth2/auth", sent(connection))).status).toBe(401);
    expect(
      (await ask(point.port, "/oauth2/auth", [...sent(connection), "Cookie", point.cookie()])).status,
    ).toBe(202);
  }
});

test("session cookies do not reach the application, in parts neither, others do", async () => {
  const cookie = `a=1; ${point.cookie()}; _oauth2_proxy_0=x; _oauth2_proxy_csrf=y; _oauth2_proxy_AbC-_123_csrf=z; b=2`;
  await ask(point.port, "/app", ["Cookie", cookie]);
  expect(headerOf(last(), "cookie")).toBe("a=1; b=2");
});
