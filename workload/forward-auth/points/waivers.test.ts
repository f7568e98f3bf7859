/** What needs no login beside open paths, in every mode: the original request decides, never the question's own. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Point, startPoint } from "../testing/point.ts";
import { startProvider, type TestProvider } from "../testing/provider.ts";
import { ask, forwarded } from "../testing/question.ts";

const HOST = "gw.example.com";
const PREFLIGHT = ["Origin", "https://other.example", "Access-Control-Request-Method", "PUT"];
const HTML = ["Accept", "text/html", "Sec-Fetch-Mode", "navigate"];

let point: Point;
let provider: TestProvider;
beforeAll(async () => {
  provider = await startProvider({ accounts: {}, redirectUris: [`https://${HOST}/oauth2/callback`] });
  point = await startPoint(undefined, {
    OAUTH2_PROXY_EMAIL_DOMAINS: "*",
    OAUTH2_PROXY_SKIP_AUTH_PREFLIGHT: "true",
    OAUTH2_PROXY_TRUSTED_IPS: "203.0.113.7",
    OAUTH2_PROXY_API_ROUTES: "^/api/",
    OAUTH2_PROXY_SKIP_AUTH_ROUTES: "GET=^/get$",
    OAUTH2_PROXY_OIDC_ISSUER_URL: provider.issuer,
    OAUTH2_PROXY_CLIENT_ID: "forward-auth",
    OAUTH2_PROXY_CLIENT_SECRET: "client-secret-0123456789",
  });
});
afterAll(async () => {
  await point.close();
  await provider.close();
});

/** Asks about a request as one kind of enforcement point does; the question's own method is `own`. */
type Ask = (method: string, uri: string, more: readonly string[], own?: string) => Promise<number>;

const status = async (path: string, headers: readonly string[], method: string) =>
  (await ask(point.port, path, headers, method)).status;

const kinds: readonly (readonly [string, Ask])[] = [
  ...["forwarded", "nginx"].map(
    (name) =>
      [
        name,
        (method, uri, more, own = "GET") =>
          status(`/oauth2/authz/${name}`, [...forwarded({ method, host: HOST, uri }), ...more], own),
      ] as const satisfies readonly [string, Ask],
  ),
  [
    "nginx-ingress",
    (method, uri, more, own = "GET") =>
      status(
        "/oauth2/authz/nginx-ingress",
        ["X-Original-URL", `https://${HOST}${uri}`, "X-Original-Method", method, ...more],
        own,
      ),
  ],
  [
    "envoy-http",
    (method, uri, more) => status(`/oauth2/authz/envoy-http${uri}`, ["Host", HOST, ...more], method),
  ],
];

describe.each(kinds)("%s", (name, asked) => {
  const allowed = (code: number) => code === 200 || code === 202;

  test("a preflight as browsers send it passes", async () => {
    expect(allowed(await asked("OPTIONS", "/admin", PREFLIGHT))).toBe(true);
  });

  test.each([
    ["OPTIONS", []],
    ["OPTIONS", PREFLIGHT.slice(0, 2)],
    ["OPTIONS", PREFLIGHT.slice(2)],
    ["GET", PREFLIGHT],
    ["POST", PREFLIGHT],
    ["BREW", PREFLIGHT],
  ])("%s with %j is no preflight", async (method, headers) => {
    expect(allowed(await asked(method, "/admin", headers, "OPTIONS"))).toBe(false);
  });

  test("nor is a method in lower case", async () => {
    // Node.js writes the method of a request of its own in upper case, and so does Envoy's check over HTTP.
    const told = name === "envoy-http" ? "BREW" : "options";
    expect(allowed(await asked(told, "/admin", PREFLIGHT))).toBe(false);
  });

  test("an open path holds for the original method", async () => {
    expect(allowed(await asked("GET", "/get", []))).toBe(true);
    expect(allowed(await asked("POST", "/get", []))).toBe(false);
    expect(allowed(await asked("HEAD", "/get", []))).toBe(false);
  });

  test("a trusted address passes, told by the enforcement point alone", async () => {
    expect(allowed(await asked("GET", "/x", ["X-Forwarded-For", "203.0.113.7"]))).toBe(true);
    expect(allowed(await asked("GET", "/x", ["X-Forwarded-For", "203.0.113.7, 198.51.100.9"]))).toBe(false);
    expect(allowed(await asked("GET", "/x", ["X-Real-IP", "203.0.113.7"]))).toBe(false);
    expect(allowed(await asked("GET", "/x", ["X-Forwarded-For", "203.0.113.7x"]))).toBe(false);
  });

  test("an address for programs is answered 401, to a browser too", async () => {
    expect(await asked("GET", "/api/x", HTML)).toBe(401);
    expect([302, 401]).toContain(await asked("GET", "/x", HTML));
  });
});
