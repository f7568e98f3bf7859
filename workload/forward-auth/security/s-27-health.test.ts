/** S-27: health checks open nothing and disclose nothing; metrics have a listener of their own. */
import { afterEach, describe, expect, test } from "vitest";
import { COMPAT } from "../testing/compat.ts";
import { type Point, startPoint } from "../testing/point.ts";
import { ask, forwarded } from "../testing/question.ts";

let point: Point;
afterEach(() => point.close());

const start = async (more: Readonly<Record<string, string>> = {}) => {
  point = await startPoint(undefined, { ...COMPAT, OAUTH2_PROXY_UPSTREAMS: "static://200", ...more });
};
const statusOf = async (path: string, headers: readonly string[] = [], method = "GET") =>
  (await ask(point.port, path, headers, method)).status;

describe("the agent of a health check (CVE-2026-34457)", () => {
  const AGENT = ["User-Agent", "kube-probe/1"] as const;

  test.each([
    "/",
    "/app",
    "/oauth2/auth",
    "/oauth2/userinfo",
    "/oauth2/authz/forwarded",
    "//ping",
    "/ping/",
    "/PING",
    "/%70ing",
    "/x?/ping",
    "/ping/../app",
  ])("opens nothing at %s", async (path) => {
    await start({ OAUTH2_PROXY_PING_USER_AGENT: "kube-probe/1", OAUTH2_PROXY_GCP_HEALTHCHECKS: "true" });
    for (const agent of [AGENT, ["User-Agent", "GoogleHC/1.0"]])
      expect(await statusOf(path, [...agent, ...forwarded()])).toBeGreaterThanOrEqual(300);
  });

  test("is compared exactly, on the exact path", async () => {
    await start({ OAUTH2_PROXY_PING_USER_AGENT: "kube-probe/1" });
    expect(await statusOf("/ping", AGENT)).toBe(200);
    expect(await statusOf("/ping?x=1", AGENT)).toBe(200);
    for (const agent of ["kube-probe/10", "Kube-Probe/1", "x kube-probe/1", ""])
      expect(await statusOf("/ping", ["User-Agent", agent])).toBe(403);
  });
});

test("what a gateway forwards never counts as our health check", async () => {
  await start({ OAUTH2_PROXY_REVERSE_PROXY: "true" });
  for (const uri of ["/ping", "/ready"])
    expect(
      await statusOf("/oauth2/auth", ["X-Forwarded-Uri", uri, "X-Forwarded-Host", "app.example.com"]),
    ).toBe(401);
});

test("readiness names a reason of a closed set, and nothing of what is inside", async () => {
  await start({
    OAUTH2_PROXY_SKIP_OIDC_DISCOVERY: "false",
    OAUTH2_PROXY_OIDC_ISSUER_URL: "http://127.0.0.1:1/secret-place",
  });
  const answer = await ask(point.port, "/ready");
  expect(answer.status).toBeGreaterThanOrEqual(500);
  expect(answer.body).toMatch(/^error: [a-z ]+$/);
  expect(answer.body).not.toMatch(/127\.0\.0\.1|secret|ECONN/);
});

test("metrics are not on the public listener", async () => {
  await start({ OAUTH2_PROXY_METRICS_ADDRESS: "127.0.0.1:0" });
  const open = await ask(point.port, "/metrics", ["Accept", "text/html"]);
  expect([open.status, open.body.includes("oauth2_proxy_requests")]).toEqual([403, false]);
  const metrics = await ask(point.serving.metricsPort ?? 0, "/metrics");
  expect([metrics.status, metrics.body.includes("oauth2_proxy_requests_total")]).toEqual([200, true]);
});

test("health checks are not counted, and can be left out of the log", async () => {
  await start({ OAUTH2_PROXY_SILENCE_PING_LOGGING: "true" });
  const lines = point.log.length;
  expect([await statusOf("/ping"), await statusOf("/ready")]).toEqual([200, 200]);
  expect(point.log.length).toBe(lines);
  expect(point.serving.context.metrics.scrape()).not.toContain("oauth2_proxy_requests_total{");
});
