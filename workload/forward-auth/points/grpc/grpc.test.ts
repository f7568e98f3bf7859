/** Envoy's checks over gRPC, asked by a client of the same definitions. */
import { once } from "node:events";
import { connect } from "node:http2";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { EnvoyClient, question, type Told, valueIn } from "../../testing/envoy-client.ts";
import { type Point, startPoint } from "../../testing/point.ts";
import { startProvider, type TestProvider } from "../../testing/provider.ts";
import { readCheck } from "./check-request.ts";
import { AUTHORIZATION, type CheckRequest, type CheckResponse, decodeCheck, HEALTH } from "./messages.ts";

const ORIGIN = "https://gw.example.com";
const HTML = { accept: "text/html", "sec-fetch-mode": "navigate" };

let provider: TestProvider;
let point: Point;
let client: EnvoyClient;
const unary = <T>(service: typeof HEALTH, method: string, message: unknown) =>
  client.unary<T>(service, method, message);
const check = (told: Told = {}) => client.check(told);
const signedIn = (session = {}) => ({ cookie: point.cookie(session) });

beforeAll(async () => {
  for (const method of ["info", "warn"] as const) vi.spyOn(console, method).mockReturnValue(undefined);
  provider = await startProvider({ accounts: {}, redirectUris: [`${ORIGIN}/oauth2/callback`] });
  const rules = {
    version: 1 as const,
    applications: {
      app: {
        routes: [{ hosts: ["gw.example.com"], paths: ["/app"] }],
        allow: { email_domains: ["example.com"] },
        anonymous_paths: ["GET=^/app/open/"],
      },
    },
  };
  point = await startPoint(rules, {
    OAUTH2_PROXY_DECISION_MODE: "envoy-grpc",
    OAUTH2_PROXY_GRPC_ADDRESS: "127.0.0.1:0",
    OAUTH2_PROXY_REDIRECT_URL: `${ORIGIN}/oauth2/callback`,
    OAUTH2_PROXY_OIDC_ISSUER_URL: provider.issuer,
    OAUTH2_PROXY_CLIENT_ID: "forward-auth",
    OAUTH2_PROXY_CLIENT_SECRET: "client-secret-0123456789",
  });
  client = new EnvoyClient(point.serving.grpcPort);
});
afterAll(async () => {
  client.close();
  await point.close();
  await provider.close();
});

test("an allow sets what is known, and takes out what is not", async () => {
  const { status, ok_response } = await check({
    headers: signedIn({ groups: [], preferredUsername: "Zoë" }),
  });
  expect(status.code ?? 0).toBe(0);
  expect(valueIn(ok_response?.headers, "x-auth-request-email")).toBe("ada@example.com");
  expect(valueIn(ok_response?.headers, "x-auth-request-preferred-username")).toBe("Zoë");
  expect(valueIn(ok_response?.headers, "x-auth-request-groups")).toBeUndefined();
  expect(ok_response?.headers_to_remove).toContain("x-auth-request-groups");
  expect(ok_response?.headers_to_remove).not.toContain("x-auth-request-email");
  expect(ok_response?.headers.every(({ append }) => append === undefined)).toBe(true);
});

test("nobody is led to the sign-in, scripts are told 401", async () => {
  const page = await check({ path: "/app/x?a=1&b=2", headers: HTML });
  expect([page.status.code, page.denied_response?.status.code]).toEqual([7, 302]);
  const back = encodeURIComponent(`${ORIGIN}/app/x?a=1&b=2`);
  expect(valueIn(page.denied_response?.headers, "location")).toBe(`${ORIGIN}/oauth2/sign_in?rd=${back}`);
  const script = await check({ headers: { accept: "application/json" } });
  expect([script.status.code, script.denied_response?.status.code]).toEqual([16, 401]);
});

test("method, path, host and the user's address are Envoy's fields, whatever the headers say", async () => {
  const forged = {
    "x-forwarded-uri": "/app/open/x",
    "x-forwarded-method": "GET",
    "x-forwarded-host": "evil.example",
    "x-forwarded-for": "198.51.100.1",
    host: "evil.example",
    ":authority": "evil.example",
    "x-auth-request-redirect": "https://evil.example/",
    "x-original-url": `${ORIGIN}/app/open/x`,
  };
  expect((await check({ headers: forged })).denied_response?.status.code).toBe(302);
  expect(JSON.parse(point.log.at(-1) ?? "")).toMatchObject({
    client: "203.0.113.7",
    host: "gw.example.com",
    path: "/app/x",
  });
  expect((await check({ path: "/app/open/x" })).ok_response).toBeDefined();
  expect((await check({ path: "/app/open/x", method: "POST", headers: forged })).ok_response).toBeUndefined();
  expect((await check({ host: "other.example.com", headers: signedIn() })).denied_response?.status.code).toBe(
    403,
  );
});

test("our own pages are answered inside the check, never as an allow", async () => {
  const page = await check({ path: "/oauth2/sign_in", headers: HTML });
  expect([page.ok_response, page.denied_response?.status.code]).toEqual([undefined, 200]);
  expect(page.denied_response?.body).toContain("<title>Sign In</title>");
  const start = await check({ path: "/oauth2/start?rd=%2Fapp", headers: HTML });
  const cookies = start.denied_response?.headers.filter(({ header }) => header.key === "set-cookie") ?? [];
  expect([start.denied_response?.status.code, cookies.length > 0]).toEqual([302, true]);
  expect(cookies.every(({ append }) => append === undefined)).toBe(true);
  for (const path of ["/oauth2/auth", "/oauth2/authz/forwarded", "/oauth2/none"])
    expect((await check({ path, headers: signedIn() })).denied_response?.status.code).toBe(404);
  const head = await check({ path: "/oauth2/sign_in", method: "HEAD", headers: HTML });
  expect(head.denied_response?.body ?? "").toBe("");
});

test.each([
  [{}, undefined],
  [{ allowed_groups: "dev,ops" }, undefined],
  [{ allowed_groups: "dev" }, 403],
  [{ allowed_emails: "ada@example.com", allowed_email_domains: "other.org" }, 403],
  [{ application: "app", note: "x" }, undefined],
  [{ application: "other" }, 403],
  [{ application: "" }, 403],
  [{ allowed_group: "ops" }, 403],
  [{ allowed_groups: " , " }, 403],
  [{ allowed_groups: "" }, 403],
])("context_extensions %j on the route: %s", async (extensions, status) => {
  const response = await check({ headers: signedIn(), extensions });
  expect(response.denied_response?.status.code).toBe(status);
  expect(response.ok_response === undefined).toBe(status !== undefined);
});

test.each([
  ["alias", { headers: { x_auth_request_user: "root" } }, 400],
  ["dots", { headers: { "x.forwarded.email": "root" } }, 400],
  ["dot segments", { path: "/app/open/../x" }, 400],
  ["no path", { path: "" }, 400],
  ["an asterisk", { path: "*", method: "OPTIONS" }, 400],
  ["a host that is none", { host: "a, b" }, 400],
  [
    "too many headers",
    { headers: Object.fromEntries(Array.from({ length: 1100 }, (_, i) => [`h${i}`, "x"])) },
    400,
  ],
])("%s is refused with a session too", async (_what, told, status) => {
  const { headers = {}, ...rest } = told as Told;
  const response = await check({ ...rest, headers: { ...headers, ...signedIn() } });
  expect([response.ok_response, response.denied_response?.status.code]).toEqual([undefined, status]);
});

test("headers as sent, with encode_raw_headers", async () => {
  const { cookie } = signedIn();
  const raw = Buffer.from(cookie);
  const asked = question({});
  const request = {
    attributes: {
      request: {
        http: {
          ...asked.attributes?.request?.http,
          headers: {},
          header_map: {
            headers: [
              { key: "Cookie", raw_value: raw },
              { key: "X-Other", value: "é" },
            ],
          },
        },
      },
    },
  };
  expect((await unary<CheckResponse>(AUTHORIZATION, "Check", request)).ok_response).toBeDefined();
  const twice = structuredClone(request);
  twice.attributes.request.http.header_map.headers.push(
    { key: "authorization", value: "Bearer a" },
    { key: "Authorization", value: "Bearer b" },
  );
  const refused = await unary<CheckResponse>(AUTHORIZATION, "Check", twice);
  expect(refused.denied_response?.status.code).toBe(400);
});

test("a question without a request, too large or in no such format is never an allow", async () => {
  const empty = await unary<CheckResponse>(AUTHORIZATION, "Check", {});
  expect([empty.ok_response, empty.denied_response?.status.code]).toEqual([undefined, 400]);
  const large = check({ headers: { ...signedIn(), big: "x".repeat(300_000) } });
  await expect(large).rejects.toMatchObject({ code: 8 });
});

test("a connection has a thousand checks at once at most", async () => {
  const session = connect(`http://127.0.0.1:${point.serving.grpcPort}`);
  const [settings] = await once(session, "remoteSettings");
  session.destroy();
  expect(settings).toMatchObject({ maxConcurrentStreams: 1000 });
});

test("health follows readiness, by service", async () => {
  expect(await unary(HEALTH, "Check", {})).toEqual({ status: 1 });
  expect(await unary(HEALTH, "Check", { service: "envoy.service.auth.v3.Authorization" })).toEqual({
    status: 1,
  });
  await expect(unary(HEALTH, "Check", { service: "other" })).rejects.toMatchObject({ code: 5 });
});

test("in this mode the HTTP listener decides nothing", async () => {
  const { ask, forwarded } = await import("../../testing/question.ts");
  const told = [...forwarded({ host: "gw.example.com", uri: "/app/open/x" }), "Cookie", point.cookie()];
  for (const path of ["/", "/oauth2/auth", "/app"])
    expect((await ask(point.port, path, told)).status).toBe(404);
  expect((await ask(point.port, "/ping")).status).toBe(200);
});

test("a peer that is no trusted proxy decides nothing", async () => {
  const rules = { version: 1 as const, applications: {} };
  const closed = await startPoint(rules, {
    OAUTH2_PROXY_DECISION_MODE: "envoy-grpc",
    OAUTH2_PROXY_GRPC_ADDRESS: "127.0.0.1:0",
    OAUTH2_PROXY_REDIRECT_URL: `${ORIGIN}/oauth2/callback`,
    OAUTH2_PROXY_TRUSTED_PROXY_IPS: "192.0.2.0/24",
  });
  const other = client;
  client = new EnvoyClient(closed.serving.grpcPort);
  for (const path of ["/app", "/oauth2/sign_in"])
    expect((await check({ path })).denied_response?.status.code).toBe(403);
  client.close();
  client = other;
  await closed.close();
});

test("any bytes are a question or an error, and any question a request", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      let decoded: CheckRequest | undefined;
      try {
        decoded = decodeCheck(Buffer.from(bytes));
      } catch {
        return;
      }
      expect(readCheck(decoded, "127.0.0.1").asked.rawHeaders.length % 2).toBe(0);
    }),
  );
});
