/** Rules that ask for a particular sign-in, and headers of applications. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RulesFile } from "../config.ts";
import { type Point, startPoint } from "../testing/point.ts";
import { startProvider, type TestProvider } from "../testing/provider.ts";
import { ask, forwarded } from "../testing/question.ts";

const HOUR = 3_600_000;

const RULES: RulesFile = {
  version: 1,
  applications: {
    bank: {
      routes: [{ hosts: ["gw.localhost:8443"], paths: ["/bank"] }],
      allow: { email_domains: ["example.com"] },
      acr: ["mfa", "hwk"],
      max_session_age: "8h",
      access: [{ paths: ["/bank/pay"], methods: ["POST", "GET"], max_session_age: "5m" }],
      headers: {
        "X-Remote-User": { claim: "email" },
        "X-Department": { claim: "department" },
        "X-Tenant": { value: "bank" },
        "X-Auth-Request-Email": { value: "hidden" },
      },
    },
    blog: { routes: [{ hosts: ["gw.localhost:8443"], paths: ["/blog"] }], allow: { everyone: true } },
  },
};

let provider: TestProvider;
let point: Point;
let proxy: Point;
const seen: IncomingHttpHeaders[] = [];
const application = createServer((request, response) => {
  seen.push(request.headers);
  response.end("application");
});

beforeAll(async () => {
  await new Promise<void>((resolve) => application.listen(0, "127.0.0.1", resolve));
  provider = await startProvider({
    accounts: {},
    redirectUris: ["https://gw.localhost:8443/p/oauth2/callback"],
  });
  const environment = {
    OAUTH2_PROXY_PROVIDER: "oidc",
    OAUTH2_PROXY_OIDC_ISSUER_URL: provider.issuer,
    OAUTH2_PROXY_CLIENT_ID: "forward-auth",
    OAUTH2_PROXY_CLIENT_SECRET: "client-secret-0123456789",
    OAUTH2_PROXY_REDIRECT_URL: "https://gw.localhost:8443/p/oauth2/callback",
    OAUTH2_PROXY_SKIP_PROVIDER_BUTTON: "true",
  };
  point = await startPoint(RULES, { ...environment, OAUTH2_PROXY_DECISION_MODE: "forwarded" });
  const { port } = application.address() as AddressInfo;
  proxy = await startPoint(RULES, {
    ...environment,
    OAUTH2_PROXY_UPSTREAMS: `http://127.0.0.1:${port}/`,
    OAUTH2_PROXY_COOKIE_SECURE: "false",
  });
});
afterAll(async () => {
  await Promise.all([point.close(), proxy.close()]);
  await provider.close();
  application.close();
});

type Changes = NonNullable<Parameters<Point["cookie"]>[0]>;

/** Asks as the browser of somebody who signed in that long ago. */
async function decide(uri: string, ago: number, changes: Changes = {}) {
  const at = Date.now() - ago;
  const cookie = point.cookie({ createdAt: at, refreshedAt: at, ...changes });
  return ask(point.port, "/", [...forwarded({ uri }), "Accept", "text/html", "Cookie", cookie]);
}

test("an authentication context that the session lacks leads to a sign-in that asks for it", async () => {
  const answer = await decide("/bank/x", 2 * HOUR, { acr: "pwd" });
  const url = new URL(answer.headers.get("location") ?? "");
  expect(answer.status).toBe(302);
  expect(url.pathname).toBe("/p/oauth2/start");
  expect(Object.fromEntries(url.searchParams)).toEqual({
    rd: "https://gw.localhost:8443/bank/x",
    acr_values: "mfa hwk",
    max_age: "28800",
  });
  const start = await ask(point.port, url.pathname + url.search, []);
  const wanted = new URL(start.headers.get("location") ?? "").searchParams;
  expect([start.status, wanted.get("acr_values"), wanted.get("max_age")]).toEqual([302, "mfa hwk", "28800"]);
});

test("somebody who is not signed in is sent to the sign-in that will do", async () => {
  const answer = await ask(point.port, "/", [...forwarded({ uri: "/bank/x" }), "Accept", "text/html"]);
  expect(answer.headers.get("location")).toContain("&acr_values=mfa%20hwk&max_age=28800");
  const other = await ask(point.port, "/", [...forwarded({ uri: "/blog/x" }), "Accept", "text/html"]);
  expect(other.headers.get("location")).not.toContain("&");
});

test("only what some rule asks for reaches the provider", async () => {
  const start = await ask(point.port, "/p/oauth2/start?acr_values=mfa%20none&max_age=x&provider=evil", []);
  const wanted = new URL(start.headers.get("location") ?? "").searchParams;
  expect([wanted.get("acr_values"), wanted.get("max_age"), wanted.get("provider")]).toEqual([
    "mfa",
    null,
    null,
  ]);
});

test("a script is told 401, never redirected", async () => {
  const cookie = point.cookie({ createdAt: Date.now() - 2 * HOUR, acr: "pwd" });
  const answer = await ask(point.port, "/", [
    ...forwarded({ uri: "/bank/x" }),
    "Accept",
    "application/json",
    "Cookie",
    cookie,
  ]);
  expect(answer.status).toBe(401);
});

test("who signed in just now and still lacks it is refused, not sent round in circles", async () => {
  const answer = await decide("/bank/x", 5_000, { acr: "pwd" });
  expect([answer.status, answer.headers.get("location")]).toEqual([403, undefined]);
  expect(answer.body).toContain("not in the way that this application asks for");
});

test("the age of the sign-in counts, not that of the last refresh", async () => {
  expect((await decide("/bank/x", 2 * HOUR, { acr: "mfa" })).status).toBe(200);
  expect((await decide("/bank/x", 9 * HOUR, { acr: "mfa" })).status).toBe(302);
  expect((await decide("/bank/x", 9 * HOUR, { acr: "mfa", refreshedAt: Date.now() })).status).toBe(302);
  expect((await decide("/bank/pay", HOUR, { acr: "mfa" })).headers.get("location")).toContain("max_age=300");
});

test("an application's headers are there on each allow, instead of global ones of the same name, and nowhere else", async () => {
  const additionalClaims = new Map<string, unknown>([["department", "it"]]);
  const { headers } = await decide("/bank/x", HOUR, { acr: "mfa", additionalClaims });
  const names = ["x-remote-user", "x-department", "x-tenant", "x-auth-request-email", "x-auth-request-user"];
  expect(names.map((name) => headers.get(name))).toEqual([
    "ada@example.com",
    "it",
    "bank",
    "hidden",
    "sub-1",
  ]);
  const without = await decide("/bank/x", HOUR, { acr: "mfa" });
  expect(without.headers.get("x-department")).toBe("");
  const blog = await decide("/blog", HOUR);
  expect([blog.status, blog.headers.get("x-tenant"), blog.headers.get("x-auth-request-email")]).toEqual([
    200,
    undefined,
    "ada@example.com",
  ]);
});

test("as reverse proxy the upstream gets them, and never the client's own in any spelling", async () => {
  const at = Date.now() - HOUR;
  const cookie = proxy.cookie({ createdAt: at, refreshedAt: at, acr: "mfa" });
  const forged = ["X-Remote-User", "X_Remote_User", "X.Remote.User", "X-Tenant", "x_department"];
  const answer = await ask(proxy.port, "/bank/x", [
    "Host",
    "gw.localhost:8443",
    "Cookie",
    cookie,
    ...forged.flatMap((name) => [name, "evil"]),
  ]);
  expect(answer.status).toBe(200);
  const headers = seen.at(-1) ?? {};
  expect(JSON.stringify(headers)).not.toContain("evil");
  expect([headers["x-remote-user"], headers["x-tenant"]]).toEqual(["ada@example.com", "bank"]);
  await ask(proxy.port, "/blog", ["Host", "gw.localhost:8443", "Cookie", cookie, "X-Remote-User", "evil"]);
  expect(JSON.stringify(seen.at(-1))).not.toContain("evil");
});
