/** Mode `forwarded`, request by request: what a gateway may send, and what may not be believed. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Point, startPoint } from "../testing/point.ts";
import { startProvider, type TestProvider } from "../testing/provider.ts";
import { type Answer, ask, type Forwarded, forwarded } from "../testing/question.ts";

let point: Point;
let provider: TestProvider;
const CALLBACK = "https://gw.localhost:8443/iam-proxy/oauth2/callback";
const HTML = ["Accept", "text/html"];

beforeAll(async () => {
  for (const method of ["info", "warn"] as const) vi.spyOn(console, method).mockReturnValue(undefined);
  provider = await startProvider({ accounts: {}, redirectUris: [CALLBACK] });
  const rules = {
    version: 1 as const,
    applications: {
      app: {
        routes: [{ hosts: ["gw.localhost:8443", "gw.localhost:8080", "[fd00::1]:8443"], paths: ["/app"] }],
        allow: { email_domains: ["example.com"] },
        anonymous_paths: ["^/app/public/", "GET=^/app/get$"],
      },
      far: { routes: [{ hosts: ["far.example.org"] }], allow: { everyone: true } },
    },
  };
  point = await startPoint(rules, {
    OAUTH2_PROXY_DECISION_MODE: "forwarded",
    OAUTH2_PROXY_REDIRECT_URL: CALLBACK,
    OAUTH2_PROXY_SKIP_PROVIDER_BUTTON: "true",
    OAUTH2_PROXY_OIDC_ISSUER_URL: provider.issuer,
    OAUTH2_PROXY_CLIENT_ID: "forward-auth",
    OAUTH2_PROXY_CLIENT_SECRET: "client-secret-0123456789",
    OAUTH2_PROXY_SET_AUTHORIZATION_HEADER: "true",
    OAUTH2_PROXY_METRICS_ADDRESS: "127.0.0.1:0",
  });
});
afterAll(async () => {
  await point.close();
  await provider.close();
});

const decide = (target: Forwarded = {}, more: readonly string[] = HTML, path = "/"): Promise<Answer> =>
  ask(point.port, path, [...forwarded(target), ...more]);
const signedIn = () => ["Cookie", point.cookie(), ...HTML];

test("an allow carries every identity header, empty ones too", async () => {
  const answer = await decide({}, [
    "Cookie",
    point.cookie({ preferredUsername: "", groups: ["a,b", "c\r\nd", "日本"] }),
    ...HTML,
  ]);
  expect(answer.status).toBe(200);
  const headers = Object.fromEntries(answer.headers);
  expect(headers).toMatchObject({
    "gap-auth": "ada@example.com",
    "x-auth-request-user": "sub-1",
    "x-auth-request-email": "ada@example.com",
    "x-auth-request-preferred-username": "",
    "x-auth-request-groups": Buffer.from("c  d,日本").toString("latin1"),
    authorization: "",
    "content-length": "0",
  });
  expect(headers["set-cookie"]).toBeUndefined();
});

test("an open path is allowed with empty identity headers, never with somebody's", async () => {
  const stranger = ["Cookie", point.cookie({ email: "x@other.org" }), ...HTML];
  const answer = await decide({ uri: "/app/public/x" }, stranger);
  expect([answer.status, answer.headers.get("x-auth-request-email"), answer.headers.get("gap-auth")]).toEqual(
    [200, "", ""],
  );
  expect((await decide({ uri: "/app/x" }, stranger)).status).toBe(403);
  const own = await decide({ uri: "/app/public/x" }, signedIn());
  expect(own.headers.get("x-auth-request-email")).toBe("ada@example.com");
});

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

test("the original method decides, not the gateway's", async () => {
  expect((await decide({ uri: "/app/get" })).status).toBe(200);
  expect((await decide({ uri: "/app/get", method: "POST" })).status).toBe(401);
  expect(
    (
      await decide({ uri: "/app/x", method: "OPTIONS" }, [
        "Origin",
        "https://a",
        "Access-Control-Request-Method",
        "GET",
      ])
    ).status,
  ).toBe(401);
  expect((await decide({ uri: "/app/get", method: "get" })).status).toBe(401);
});

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

test("somebody who waits is sent to the sign-in with the address; nobody else is", async () => {
  const answer = await decide({ uri: "/app/a%20b?x=1&y=\u00c3\u00a9" });
  expect(answer.headers.get("location")).toBe(
    `https://gw.localhost:8443/iam-proxy/oauth2/start?rd=${encodeURIComponent("https://gw.localhost:8443/app/a%20b?x=1&y=%c3%a9")}`,
  );
  expect(answer.headers.get("cache-control")).toContain("no-store");
  expect(answer.headers.has("set-cookie")).toBe(false);
  for (const headers of [
    ["Accept", "application/json"],
    ["Accept", "image/png"],
    ["Sec-Fetch-Mode", "no-cors"],
    ["X-Requested-With", "XMLHttpRequest"],
  ]) {
    expect([(await decide({}, headers)).status, (await decide({}, headers)).body]).toEqual([401, "{}"]);
  }
  expect((await decide({}, [])).status).toBe(302);
  expect((await decide({}, HTML, "/oauth2/auth")).status).toBe(401);
  expect((await decide({}, signedIn(), "/oauth2/auth")).status).toBe(202);
});

test("a page asked for without TLS comes back over TLS, where the cookie is sent", async () => {
  const answer = await decide({ proto: "http", host: "gw.localhost:8080" });
  expect(answer.headers.get("location")).toContain(encodeURIComponent("https://gw.localhost:8443/app/x"));
});

test("a host that the cookie cannot reach is told so, instead of a sign-in without end", async () => {
  const answer = await decide({ host: "far.example.org", uri: "/" });
  expect([answer.status, answer.headers.has("location")]).toEqual([503, false]);
});

test("a page for people says why, without script", async () => {
  const answer = await decide({}, ["Cookie", point.cookie({ email: "x@other.org" }), ...HTML]);
  expect(answer.status).toBe(403);
  expect(answer.body).toContain("You are signed in, but you may not use this application.");
  expect(answer.body).toContain('href="https://gw.localhost:8443/iam-proxy/oauth2/sign_out"');
  expect(answer.headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-/);
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

test("own endpoints take their methods only", async () => {
  for (const path of ["start", "callback", "userinfo", "sign_in"]) {
    expect((await ask(point.port, `/oauth2/${path}`, [], "POST")).status).toBe(405);
  }
  expect((await ask(point.port, "/ping", [], "POST")).status).toBe(404);
});

test("an announced body is not waited for", async () => {
  const answer = await ask(
    point.port,
    "/",
    [...forwarded(), ...signedIn(), "Content-Length", "5"],
    "GET",
    "hello",
  );
  expect([answer.status, answer.headers.get("connection")]).toEqual([200, "close"]);
});

test("start returns to hosts of the rules only", async () => {
  const target = async (rd: string) => {
    const answer = await ask(point.port, `/oauth2/start?rd=${encodeURIComponent(rd)}`);
    return new URL(answer.headers.get("location") ?? "").searchParams
      .get("state")
      ?.split(":")
      .slice(1)
      .join(":");
  };
  expect(await target("https://gw.localhost:8443/app/x")).toBe("https://gw.localhost:8443/app/x");
  expect(await target("https://far.example.org/x")).toBe("https://far.example.org/x");
  expect(await target("/app/x")).toBe("/app/x");
  for (const rd of [
    "https://evil.example/",
    "//evil.example",
    "https://gw.localhost.evil.example:8443/",
    "https://gw.localhost:8443/iam-proxy/oauth2/sign_out",
    "/oauth2/sign_in",
  ]) {
    expect(await target(rd)).toBe("/");
  }
});

test("the sign-in asks for a code with state, nonce and S256, at the public callback", async () => {
  const answer = await ask(point.port, "/oauth2/start");
  const url = new URL(answer.headers.get("location") ?? "");
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    response_type: "code",
    client_id: "forward-auth",
    redirect_uri: CALLBACK,
    scope: "openid email profile",
    code_challenge_method: "S256",
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    nonce: expect.stringMatching(/^[\w-]{43}$/),
  });
  expect(answer.headers.get("set-cookie")).toMatch(
    /; Path=\/iam-proxy\/oauth2; Max-Age=900; HttpOnly; Secure; SameSite=Lax$/,
  );
});

test("counts and logs what was decided", async () => {
  await decide({ uri: "/other" });
  const text = (await ask(point.serving.metricsPort ?? 0, "/metrics")).body;
  expect(text).toMatch(/charmed_iap_decisions_total\{decision="deny",reason="no-rule"\} [1-9]/);
  expect(text).toMatch(/oauth2_proxy_requests_total\{code="403"\} [1-9]/);
  expect(JSON.parse(point.log.at(-1) ?? "")).toMatchObject({
    path: "/other",
    host: "gw.localhost:8443",
    status: 403,
    reason: "no-rule",
  });
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
