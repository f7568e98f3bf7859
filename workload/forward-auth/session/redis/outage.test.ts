/** S-20: what requests get while Redis is away. */
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Point, startPoint } from "../../testing/point.ts";
import { ask, forwarded } from "../../testing/question.ts";
import { startTestRedis, type TestRedis } from "../../testing/redis.ts";
import { newSessionId } from "../session.ts";

let redis: TestRedis;
let point: Point;

// Else the first command's two seconds would have to do for the loading of the client too.
beforeAll(() => import("./library.ts"));

afterEach(async () => {
  await point.close();
  await redis.close();
});

const COMMON = {
  OAUTH2_PROXY_CLIENT_ID: "c1",
  OAUTH2_PROXY_CLIENT_SECRET: "s1",
  OAUTH2_PROXY_PROVIDER: "oidc",
  OAUTH2_PROXY_SKIP_OIDC_DISCOVERY: "true",
  OAUTH2_PROXY_OIDC_ISSUER_URL: "http://127.0.0.1:9",
  OAUTH2_PROXY_LOGIN_URL: "http://127.0.0.1:9/a",
  OAUTH2_PROXY_REDEEM_URL: "http://127.0.0.1:9/t",
  OAUTH2_PROXY_OIDC_JWKS_URL: "http://127.0.0.1:9/k",
  OAUTH2_PROXY_EMAIL_DOMAINS: "*",
  OAUTH2_PROXY_REDIRECT_URL: "https://gw.localhost:8443/oauth2/callback",
  OAUTH2_PROXY_SESSION_STORE_TYPE: "redis",
  OAUTH2_PROXY_DECISION_CACHE_TTL: "0",
};

/** The `Cookie` header of a session in Redis. */
async function signedIn(): Promise<string> {
  const { sessions, now } = point.serving.context;
  const person = {
    issuer: "",
    subject: "sub-1",
    email: "ada@example.com",
    preferredUsername: "",
    groups: [],
  };
  const session = { id: newSessionId(), ...person, createdAt: now(), refreshedAt: now() };
  const texts = await sessions.save("", sessions.entry(session), "gw.localhost");
  return texts[0]?.split(";", 1)[0] ?? "";
}

describe.each([
  ["compat", "/oauth2/auth", 202, 500],
  ["forwarded", "/", 200, 503],
])("mode %s", (mode, path, allowed, notReady) => {
  beforeEach(async () => {
    redis = await startTestRedis();
    const connection = { OAUTH2_PROXY_REDIS_CONNECTION_URL: redis.url, OAUTH2_PROXY_DECISION_MODE: mode };
    point = await startPoint(undefined, { ...COMMON, ...connection });
    // On a busy machine the first connection may take longer than a command may.
    await expect.poll(() => signedIn().then(() => "kept", String)).toBe("kept");
  });

  test("503 for whoever is signed in, without taking the session away; afterwards it goes on", async () => {
    const headers = ["Cookie", await signedIn(), ...(mode === "forwarded" ? forwarded() : [])];
    expect((await ask(point.port, path, headers)).status).toBe(allowed);
    expect((await ask(point.port, "/ready")).status).toBe(200);
    redis.down(true);
    for (const target of [path, "/oauth2/userinfo", "/oauth2/sign_out"]) {
      const answer = await ask(point.port, target, headers);
      expect([target, answer.status]).toEqual([target, 503]);
      expect(answer.headers.get("set-cookie")).toBeUndefined();
      expect(answer.body).not.toContain("at ");
    }
    redis.down(false);
    await expect.poll(async () => (await ask(point.port, path, headers)).status).toBe(allowed);
  });

  test("nobody is asked about a request without a session", async () => {
    redis.down(true);
    const headers = mode === "forwarded" ? forwarded() : [];
    expect([302, 401]).toContain((await ask(point.port, path, headers)).status);
    expect(
      (await ask(point.port, path, ["Cookie", "_oauth2_proxy=x|1700000000|y", ...headers])).status,
    ).not.toBe(503);
  });

  test("readiness says so", async () => {
    redis.down(true);
    const answer = await ask(point.port, "/ready");
    expect([answer.status, answer.body]).toEqual([notReady, "error: session store"]);
    expect((await ask(point.port, "/ping")).status).toBe(200);
  });
});
