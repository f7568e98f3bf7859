/**
 * Sessions and logins handed from the real oauth2-proxy to ours and back: what the one stored the other reads, so that either
 * can take the place of the other while people are signed in.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type GoldenProvider, startGoldenProvider } from "../../workload/forward-auth/golden/provider.ts";
import { createKeys } from "../../workload/forward-auth/golden/tokens.ts";
import { buildOauth2Proxy, OURS, type RunningProxy, startProxy } from "./oauth2-proxy.ts";
import { missingRedis, type RunningRedis, startRedis } from "./redis.ts";

const peer = await buildOauth2Proxy();
const missing = missingRedis();
if ("missing" in peer) test.skip(`the real oauth2-proxy: ${peer.missing}`);
if (missing !== undefined) test.skip(`the real Redis: ${missing}`);
const stores = missing === undefined ? ["cookie", "redis"] : ["cookie"];

/** Cookies of one browser. */
class Jar {
  readonly cookies = new Map<string, string>();

  async ask(proxy: RunningProxy, path: string): Promise<Response> {
    const cookie = Array.from(this.cookies, ([name, value]) => `${name}=${value}`).join("; ");
    const headers = { Host: "app.example.com", ...(cookie === "" ? {} : { Cookie: cookie }) };
    const response = await fetch(`${proxy.origin}${path}`, { headers, redirect: "manual" });
    for (const text of response.headers.getSetCookie()) {
      const [pair = ""] = text.split(";", 1);
      const at = pair.indexOf("=");
      if (/Max-Age=0(?:;|$)/.test(text)) this.cookies.delete(pair.slice(0, at));
      else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }
}

let provider: GoldenProvider;
let redis: RunningRedis | undefined;
const running: RunningProxy[] = [];

beforeAll(async () => {
  provider = await startGoldenProvider(createKeys(), () => Date.now());
  if (missing === undefined) redis = await startRedis();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.close()));
  provider.plan({});
  redis?.cli("flushall");
});
afterAll(async () => {
  await provider.close();
  await redis?.close();
});

/** The configuration of both programs. */
const flagsOf = (store: string): readonly string[] => [
  "--provider=oidc",
  `--oidc-issuer-url=${provider.issuer}`,
  "--client-id=c1",
  "--client-secret=s1",
  "--cookie-secret=0123456789abcdef0123456789abcdef",
  "--cookie-secure=false",
  "--email-domain=*",
  "--redirect-url=http://app.example.com/oauth2/callback",
  "--upstream=static://200",
  "--set-xauthrequest",
  "--pass-access-token",
  "--set-authorization-header",
  "--code-challenge-method=S256",
  "--insecure-oidc-skip-nonce=false",
  ...(store === "redis" ? ["--session-store-type=redis", `--redis-connection-url=${redis?.url}`] : []),
];

/** Flags that make both do what only ours does by itself: PKCE and nonces. */
const DEFAULTS = /^--(?:code-challenge-method|insecure-oidc-skip-nonce)/;

/** Both programs with one configuration. */
async function both(
  store: string,
  flags: readonly string[] = [],
  without?: RegExp,
): Promise<readonly [real: RunningProxy, ours: RunningProxy]> {
  const common = [...flagsOf(store).filter((flag) => without?.test(flag) !== true), ...flags];
  const real = "program" in peer ? peer.program : "";
  const started = await Promise.all([
    startProxy({ command: [real], flags: common }),
    startProxy({ command: OURS, flags: [...common] }),
  ]);
  running.push(...started);
  return started;
}

/** Begins a login at one program and finishes it at another. */
async function signIn(jar: Jar, begun: RunningProxy, finished: RunningProxy): Promise<Response> {
  const start = await jar.ask(begun, "/oauth2/start?rd=%2Fafter");
  expect(start.status).toBe(302);
  const { code, state } = provider.authorize(start.headers.get("location") ?? "");
  return jar.ask(finished, `/oauth2/callback?code=${code}&state=${encodeURIComponent(state)}`);
}

/** What a program says of a browser. */
async function says(jar: Jar, proxy: RunningProxy): Promise<Record<string, unknown>> {
  const auth = await jar.ask(proxy, "/oauth2/auth");
  const userinfo = await jar.ask(proxy, "/oauth2/userinfo");
  const names = [
    "gap-auth",
    "authorization",
    "x-auth-request-user",
    "x-auth-request-email",
    "x-auth-request-groups",
    "x-auth-request-preferred-username",
    "x-auth-request-access-token",
  ];
  return {
    status: auth.status,
    ...Object.fromEntries(names.map((name) => [name, auth.headers.get(name)])),
    userinfo: userinfo.status === 200 ? await userinfo.json() : userinfo.status,
  };
}

const suite = "program" in peer ? describe : describe.skip;

suite.each(stores)("%s store", (store) => {
  test.each(["real to ours", "ours to real"])("a session is understood: %s", async (direction) => {
    const [real, ours] = await both(store);
    const [from, to] = direction === "real to ours" ? [real, ours] : [ours, real];
    const jar = new Jar();
    const end = await signIn(jar, from, from);
    expect([end.status, end.headers.get("location")]).toEqual([302, "/after"]);
    const before = await says(jar, from);
    expect(before).toMatchObject({
      status: 202,
      "x-auth-request-email": "alice@example.com",
      "x-auth-request-groups": "dev,ops",
    });
    expect(await says(jar, to)).toEqual(before);
  });

  test.each(["real to ours", "ours to real"])("a session of several cookies: %s", async (direction) => {
    const [real, ours] = await both(store);
    const [from, to] = direction === "real to ours" ? [real, ours] : [ours, real];
    const groups = Array.from({ length: 400 }, (_, index) => `group-${index}-${(index * 7919).toString(36)}`);
    provider.plan({ claims: { groups } });
    const jar = new Jar();
    await signIn(jar, from, from);
    if (store === "cookie") expect(jar.cookies.size).toBeGreaterThan(1);
    const before = await says(jar, from);
    expect(before["x-auth-request-groups"]).toBe(groups.join(","));
    expect(await says(jar, to)).toEqual(before);
  });

  test.each(["real to ours", "ours to real"])(
    "a login begun at one is finished at the other: %s",
    async (direction) => {
      const [real, ours] = await both(store, ["--cookie-csrf-per-request"]);
      const [from, to] = direction === "real to ours" ? [real, ours] : [ours, real];
      const jar = new Jar();
      const end = await signIn(jar, from, to);
      expect([end.status, end.headers.get("location")]).toEqual([302, "/after"]);
      expect(await says(jar, from)).toMatchObject({ status: 202, "x-auth-request-user": "sub-alice" });
    },
  );

  test.each(["real to ours", "ours to real"])(
    "so is one with the defaults of both: %s",
    async (direction) => {
      const [real, ours] = await both(store, [], DEFAULTS);
      const [from, to] = direction === "real to ours" ? [real, ours] : [ours, real];
      const jar = new Jar();
      expect((await signIn(jar, from, to)).headers.get("location")).toBe("/after");
      expect(await says(jar, from)).toMatchObject({ status: 202, "x-auth-request-user": "sub-alice" });
    },
  );

  test("refreshed by turns, and signed out", async () => {
    const [real, ours] = await both(store, ["--cookie-refresh=1s"]);
    const jar = new Jar();
    await signIn(jar, ours, ours);
    const tokens = new Set<unknown>([(await says(jar, ours))["x-auth-request-access-token"]]);
    for (const proxy of [real, ours, real, ours]) {
      await new Promise((resolve) => setTimeout(resolve, 2100));
      const said = await says(jar, proxy);
      expect(said["status"]).toBe(202);
      tokens.add(said["x-auth-request-access-token"]);
    }
    expect(tokens.size).toBe(5);
    const copy = new Jar();
    for (const [name, value] of jar.cookies) copy.cookies.set(name, value);
    await jar.ask(real, "/oauth2/sign_out");
    expect(jar.cookies.size).toBe(0);
    // A copy of a cookie session is beyond the real program's reach.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    if (store === "redis") expect((await says(copy, ours))["status"]).toBe(401);
  });
});

const redisSuite = missing === undefined ? describe : describe.skip;

redisSuite("several replicas of ours with one Redis", () => {
  const refreshes = () => provider.calls.filter(({ grant_type }) => grant_type === "refresh_token").length;
  const replicas = async (count: number) => {
    const flags = [...flagsOf("redis"), "--cookie-refresh=1s"];
    const started = await Promise.all(
      Array.from({ length: count }, () => startProxy({ command: OURS, flags })),
    );
    running.push(...started);
    return started;
  };

  test("ten requests to each at once make one token request", async () => {
    const [one, two, three] = (await replicas(3)) as [RunningProxy, RunningProxy, RunningProxy];
    const jar = new Jar();
    await signIn(jar, one, one);
    await new Promise((resolve) => setTimeout(resolve, 2100));
    provider.plan({ refresh: { delay: 1500 } });
    const asked = [one, two, three].flatMap((each) =>
      Array.from({ length: 10 }, () => jar.ask(each, "/oauth2/auth")),
    );
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(Array(30).fill(202));
    expect(refreshes()).toBe(1);
    for (const each of [one, two, three]) expect((await says(jar, each))["status"]).toBe(202);
    expect(refreshes()).toBe(1);
  });

  test("one that dies in the middle of a refresh signs nobody out", async () => {
    const [one, two] = (await replicas(2)) as [RunningProxy, RunningProxy];
    const jar = new Jar();
    await signIn(jar, two, two);
    await new Promise((resolve) => setTimeout(resolve, 2100));
    provider.plan({ refresh: [{ delay: 3000 }, {}] });
    const lost = jar.ask(one, "/oauth2/auth").catch(() => undefined);
    await expect.poll(refreshes).toBe(1);
    process.kill(one.pid, "SIGKILL");
    await lost;
    const from = Date.now();
    expect((await jar.ask(two, "/oauth2/auth")).status).toBe(202);
    expect(Date.now() - from).toBeLessThan(6000);
    // The lock of the dead runs out after 15 s.
    await expect
      .poll(() => jar.ask(two, "/oauth2/auth").then(() => refreshes()), { timeout: 40_000, interval: 500 })
      .toBe(2);
    expect((await says(jar, two))["status"]).toBe(202);
  });
});
