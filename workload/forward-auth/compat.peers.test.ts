/**
 * An upgrade and a rollback as a user sees them: signed in at one of the two programs, the image is changed to the other and then back,
 * on one address with one configuration, and nobody signs in again. For configurations as they are found behind Dex and
 * ingress-nginx, Okta and Istio, and in Canonical's charm.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  buildOauth2Proxy,
  freePort,
  OURS,
  type RunningProxy,
  startProxy,
} from "../../test/peers/oauth2-proxy.ts";
import { missingRedis, type RunningRedis, startRedis } from "../../test/peers/redis.ts";
import { type GoldenProvider, startGoldenProvider } from "./golden/provider.ts";
import { createKeys } from "./golden/tokens.ts";

const peer = await buildOauth2Proxy();
const missing = missingRedis();
if ("missing" in peer) test.skip(`the real oauth2-proxy: ${peer.missing}`);
if (missing !== undefined) test.skip(`the real Redis: ${missing}`);

const REAL = ["program" in peer ? peer.program : ""] as const;

let provider: GoldenProvider;
let redis: RunningRedis | undefined;
let running: RunningProxy | undefined;

beforeAll(async () => {
  provider = await startGoldenProvider(createKeys(), () => Date.now());
  if (missing === undefined) redis = await startRedis();
});
afterEach(async () => {
  await running?.close();
  running = undefined;
  provider.plan({});
});
afterAll(async () => {
  await provider.close();
  await redis?.close();
});

/** One configuration, as variables, which charts and charms set. */
interface Configuration {
  readonly name: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Headers that the gateway sends with each question. */
  readonly gateway: Readonly<Record<string, string>>;
  /** Where the gateway asks. */
  readonly path: string;
  readonly status: number;
  /** Headers of an allow that must be the same in both. */
  readonly headers: readonly string[];
}

const IDENTITY = [
  "x-auth-request-user",
  "x-auth-request-email",
  "x-auth-request-groups",
  "x-auth-request-preferred-username",
];

const CONFIGURATIONS: readonly Configuration[] = [
  {
    name: "Dex and ingress-nginx",
    environment: {
      REDIRECT_URL: "https://auth.example.com/oauth2/callback",
      COOKIE_DOMAINS: ".example.com",
      WHITELIST_DOMAINS: ".example.com",
      COOKIE_SECURE: "true",
      SCOPE: "openid profile email groups offline_access",
      SET_XAUTHREQUEST: "true",
      SKIP_PROVIDER_BUTTON: "true",
      UPSTREAMS: "static://202",
    },
    gateway: {
      "X-Original-URL": "https://app.example.com/x",
      "X-Original-Method": "GET",
      "X-Auth-Request-Redirect": "/x",
    },
    path: "/oauth2/auth",
    status: 202,
    headers: IDENTITY,
  },
  {
    name: "Okta and Istio",
    environment: {
      REDIRECT_URL: "https://app.example.com/oauth2/callback",
      COOKIE_NAME: "__Host-session",
      COOKIE_SECURE: "true",
      COOKIE_SAMESITE: "lax",
      CODE_CHALLENGE_METHOD: "S256",
      PASS_ACCESS_TOKEN: "true",
      SET_AUTHORIZATION_HEADER: "true",
      SET_XAUTHREQUEST: "true",
      INSECURE_OIDC_SKIP_NONCE: "false",
      UPSTREAMS: "static://200",
    },
    gateway: { "X-Forwarded-Proto": "https", "X-Forwarded-Host": "app.example.com" },
    path: "/some/page",
    status: 200,
    headers: [...IDENTITY, "authorization", "x-auth-request-access-token"],
  },
  {
    name: "Canonical's charm",
    environment: {
      REDIRECT_URL: "https://gw.example.com/iam-oauth2-proxy-k8s/oauth2/callback",
      COOKIE_SECURE: "false",
      WHITELIST_DOMAINS: "*.example.com,gw.example.com",
      SET_XAUTHREQUEST: "true",
      SKIP_PROVIDER_BUTTON: "true",
      SCOPE: "openid email profile offline_access",
      UPSTREAMS: "static://200",
    },
    gateway: {
      "X-Forwarded-Proto": "https",
      "X-Forwarded-Host": "gw.example.com",
      "X-Forwarded-Uri": "/iam-app/",
      "X-Forwarded-Method": "GET",
    },
    path: "/",
    status: 200,
    headers: IDENTITY,
  },
];

const STORES: Readonly<Record<string, () => Readonly<Record<string, string>>>> = {
  cookie: () => ({}),
  // oauth2-proxy refuses whatever needs tokens beside this.
  "minimal cookie": () => ({
    SESSION_COOKIE_MINIMAL: "true",
    COOKIE_REFRESH: "0",
    PASS_ACCESS_TOKEN: "false",
    SET_AUTHORIZATION_HEADER: "false",
  }),
  "split cookie": () => ({}),
  ...(missing === undefined
    ? {
        Redis: () => ({ SESSION_STORE_TYPE: "redis", REDIS_CONNECTION_URL: redis?.url ?? "" }),
      }
    : {}),
};

/** A browser that knows one site; attributes of cookies other than their end are not looked at. */
class Browser {
  readonly cookies = new Map<string, string>();
  readonly #configuration: Configuration;

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
  }

  async get(proxy: RunningProxy, path: string): Promise<Response> {
    const cookie = Array.from(this.cookies, ([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...this.#configuration.gateway, ...(cookie === "" ? {} : { Cookie: cookie }) };
    const response = await fetch(`${proxy.origin}${path}`, { headers, redirect: "manual" });
    for (const text of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(text) ?? [];
      if (/Max-Age=0(?:;|$)/.test(text)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }

  /** What the gateway is told about this browser's user. */
  async asked(proxy: RunningProxy): Promise<Readonly<Record<string, string | number | null>>> {
    const { path, headers } = this.#configuration;
    const answer = await this.get(proxy, path);
    const told = headers.map((name) => [name, answer.headers.get(name)] as const);
    return { status: answer.status, ...Object.fromEntries(told) };
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const suite = "program" in peer ? describe : describe.skip;

suite.each(CONFIGURATIONS)("$name", (configuration) => {
  const turns = Object.keys(STORES).flatMap((store) => [
    [store, "signed in at the real one, upgraded and rolled back", REAL, OURS] as const,
    [store, "signed in at ours, rolled back and upgraded again", OURS, REAL] as const,
  ]);

  test.each(turns)("%s: %s", async (store, _, first, second) => {
    const port = await freePort();
    const groups =
      store === "split cookie"
        ? Array.from({ length: 200 }, (_, index) => `team-${index * 7919}`)
        : ["dev", "ops"];
    provider.plan({ claims: { groups } });
    const variables = {
      PROVIDER: "oidc",
      OIDC_ISSUER_URL: provider.issuer,
      CLIENT_ID: "c1",
      CLIENT_SECRET: "s1",
      COOKIE_SECRET: "0123456789abcdef0123456789abcdef",
      COOKIE_REFRESH: "1s",
      EMAIL_DOMAINS: "*",
      REVERSE_PROXY: "true",
      ...configuration.environment,
      ...STORES[store]?.(),
    };
    const environment = Object.fromEntries(
      Object.entries(variables).map(([key, value]) => [`OAUTH2_PROXY_${key}`, value]),
    );
    const becomes = async (command: readonly [string, ...string[]]): Promise<RunningProxy> => {
      await running?.close();
      running = await startProxy({ command, flags: [], environment, port });
      return running;
    };
    const browser = new Browser(configuration);

    let proxy = await becomes(first);
    const start = await browser.get(proxy, "/oauth2/start?rd=%2Fx");
    const { code, state } = provider.authorize(start.headers.get("location") ?? "");
    const end = await browser.get(proxy, `/oauth2/callback?code=${code}&state=${encodeURIComponent(state)}`);
    expect([end.status, end.headers.get("location")]).toEqual([302, "/x"]);
    const before = await browser.asked(proxy);
    expect(before).toMatchObject({
      status: configuration.status,
      "x-auth-request-email": "alice@example.com",
      "x-auth-request-groups": groups.join(","),
    });
    if (store === "split cookie") expect(browser.cookies.size).toBeGreaterThan(1);

    proxy = await becomes(second);
    expect(withoutTokens(await browser.asked(proxy))).toEqual(withoutTokens(before));
    const stored = [...browser.cookies.values()].join();
    await pause(2100);
    expect(withoutTokens(await browser.asked(proxy))).toEqual(withoutTokens(before));
    // New tokens were asked for, and the browser has them; a minimal cookie has no refresh token to ask with.
    if (store.endsWith("cookie") && store !== "minimal cookie")
      expect([...browser.cookies.values()].join()).not.toBe(stored);

    proxy = await becomes(first);
    expect(withoutTokens(await browser.asked(proxy))).toEqual(withoutTokens(before));
  });

  test.each([
    ["the real one, finished at ours", REAL, OURS],
    ["ours, finished at the real one", OURS, REAL],
  ] as const)("a login begun at %s", async (_, first, second) => {
    const port = await freePort();
    const variables = {
      PROVIDER: "oidc",
      OIDC_ISSUER_URL: provider.issuer,
      CLIENT_ID: "c1",
      CLIENT_SECRET: "s1",
      COOKIE_SECRET: "0123456789abcdef0123456789abcdef",
      EMAIL_DOMAINS: "*",
      REVERSE_PROXY: "true",
      CODE_CHALLENGE_METHOD: "S256",
      INSECURE_OIDC_SKIP_NONCE: "false",
      ...configuration.environment,
    };
    const environment = Object.fromEntries(
      Object.entries(variables).map(([key, value]) => [`OAUTH2_PROXY_${key}`, value]),
    );
    const browser = new Browser(configuration);
    running = await startProxy({ command: first, flags: [], environment, port });
    const start = await browser.get(running, "/oauth2/start?rd=%2Fx");
    const { code, state } = provider.authorize(start.headers.get("location") ?? "");
    await running.close();
    running = await startProxy({ command: second, flags: [], environment, port });
    const end = await browser.get(
      running,
      `/oauth2/callback?code=${code}&state=${encodeURIComponent(state)}`,
    );
    expect([end.status, end.headers.get("location")]).toEqual([302, "/x"]);
    expect(await browser.asked(running)).toMatchObject({
      status: configuration.status,
      "x-auth-request-user": "sub-alice",
    });
  });
});

/** Tokens differ after a refresh. */
function withoutTokens(
  told: Readonly<Record<string, string | number | null>>,
): Readonly<Record<string, string | number | null>> {
  const { authorization: _, "x-auth-request-access-token": __, ...rest } = told;
  return rest;
}
