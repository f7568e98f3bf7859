import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Point, startPoint } from "../testing/point.ts";
import { clientOf, envoy, HTML, ingress, ORIGIN, statusOf, target } from "../testing/point-questions.ts";
import { startProvider, type TestProvider } from "../testing/provider.ts";
import { ask, forwarded } from "../testing/question.ts";

let provider: TestProvider;
const client = () => clientOf(provider);

beforeAll(async () => {
  for (const method of ["info", "warn"] as const) vi.spyOn(console, method).mockReturnValue(undefined);
  provider = await startProvider({ accounts: {}, redirectUris: [`${ORIGIN}/oauth2/callback`] });
});
afterAll(() => provider.close());

describe("with decision_mode envoy-http", () => {
  let listener: Point;
  beforeAll(async () => {
    listener = await startPoint(undefined, {
      OAUTH2_PROXY_DECISION_MODE: "envoy-http",
      OAUTH2_PROXY_REDIRECT_URL: `${ORIGIN}/oauth2/callback`,
      OAUTH2_PROXY_EMAIL_DOMAINS: "*",
      ...client(),
      OAUTH2_PROXY_METRICS_ADDRESS: "127.0.0.1:0",
    });
  });
  afterAll(() => listener.close());

  /** S-21: a 200 of ours would let the request itself pass. */
  test.each([
    "/",
    "/ping",
    "/ready",
    "/robots.txt",
    "/metrics",
    "/oauth2",
    "/oauth2/",
    "/oauth2/sign_in",
    "/oauth2/sign_out",
    "/oauth2/start",
    "/oauth2/callback",
    "/oauth2/userinfo",
    "/oauth2/auth",
    "/oauth2/static/x.css",
    "/oauth2/authz/forwarded",
    "/oauth2/authz/envoy-http/public/x",
  ])("%s without a session is no allow, whatever the method", async (path) => {
    for (const method of ["GET", "HEAD", "POST", "OPTIONS"]) {
      const headers = [...envoy(), ...HTML, ...forwarded({ uri: "/public/x" }).slice(4)];
      expect(await statusOf(ask(listener.port, path, headers, method))).toBeGreaterThanOrEqual(300);
    }
  });

  test("our pages reach the browser all the same", async () => {
    const page = await ask(listener.port, "/oauth2/sign_in", [...envoy(), ...HTML]);
    expect([page.status, page.body.includes("Sign in")]).toEqual([403, true]);
    const start = await ask(listener.port, "/oauth2/start?rd=%2Fdeep", [...envoy(), ...HTML]);
    expect([start.status, start.headers.get("location")?.startsWith(provider.issuer)]).toEqual([302, true]);
  });

  test("the application's paths that are called as ours on other listeners pass with a session", async () => {
    for (const path of ["/ping", "/ready", "/robots.txt"])
      expect(await statusOf(ask(listener.port, path, [...envoy(), "Cookie", listener.cookie()]))).toBe(200);
  });

  test("own pages with a session are no allow either", async () => {
    for (const path of ["/oauth2/userinfo", "/oauth2/sign_in", "/oauth2/auth"])
      expect(await statusOf(ask(listener.port, path, [...envoy(), "Cookie", listener.cookie()]))).not.toBe(
        200,
      );
  });

  test("health is asked on the metrics listener", async () => {
    const port = listener.serving.metricsPort ?? 0;
    expect(await statusOf(ask(port, "/ping"))).toBe(200);
    expect((await ask(port, "/ready")).body).toBe("OK");
    expect((await ask(port, "/metrics")).body).toContain("charmed_iap_");
  });
});

test("decision_mode nginx-ingress reads X-Original-URL on the listener's own endpoints, and never redirects", async () => {
  const listener = await startPoint(undefined, {
    OAUTH2_PROXY_DECISION_MODE: "nginx-ingress",
    OAUTH2_PROXY_REDIRECT_URL: `${ORIGIN}/oauth2/callback`,
    OAUTH2_PROXY_EMAIL_DOMAINS: "*",
  });
  for (const path of ["/", "/oauth2/auth"]) {
    const told = ingress(`${ORIGIN}/app`);
    expect(await statusOf(ask(listener.port, path, [...told, "Cookie", listener.cookie()]))).toBe(202);
    expect(await statusOf(ask(listener.port, path, [...told, ...HTML]))).toBe(401);
    expect(await statusOf(ask(listener.port, path, forwarded(target)))).toBe(403);
  }
  expect(await statusOf(ask(listener.port, "/app"))).toBe(404);
  await listener.close();
});
