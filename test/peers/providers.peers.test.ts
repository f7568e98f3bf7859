/** Our program with real OpenID providers: sign-in, refresh with rotation, bearer tokens, an outage, and the end of a session. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Browser, type Visit } from "../../workload/forward-auth/testing/browser.ts";
import { freePort, OURS, type RunningProxy, startProxy } from "./oauth2-proxy.ts";
import { buildDex, buildHydra, CLIENT, type RealProvider, startDex, startHydra } from "./providers.ts";

const REAL = [
  { name: "Dex", peer: await buildDex(), start: startDex },
  { name: "Hydra", peer: await buildHydra(), start: startHydra },
] as const;
for (const { name, peer } of REAL) if ("missing" in peer) test.skip(`${name}: ${peer.missing}`);
const present = REAL.flatMap(({ name, peer, start }) =>
  "program" in peer ? [[name, start, peer.program] as const] : [],
);

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe.each(present)("%s", (name, start, program) => {
  let provider: RealProvider;
  let proxy: RunningProxy;

  beforeAll(async () => {
    const port = await freePort();
    const callback = `http://127.0.0.1:${port}/oauth2/callback`;
    provider = await start(program, callback);
    proxy = await startProxy({
      command: OURS,
      port,
      flags: [
        "--provider=oidc",
        `--oidc-issuer-url=${provider.issuer}`,
        `--client-id=${CLIENT.id}`,
        `--client-secret=${CLIENT.secret}`,
        "--scope=openid email profile offline_access",
        `--redirect-url=${callback}`,
        "--cookie-secret=0123456789abcdef0123456789abcdef",
        "--cookie-secure=false",
        "--cookie-refresh=2s",
        // What Hydra tells of an access token has no address.
        "--email-domain=*",
        "--upstream=static://200",
        "--set-xauthrequest",
        "--set-authorization-header",
        "--pass-access-token",
        "--skip-provider-button",
        "--skip-jwt-bearer-tokens",
        "--bearer-token-login-fallback=false",
        "--revoke-tokens",
        ...(provider.introspectionUrl === undefined
          ? []
          : [`--introspection-url=${provider.introspectionUrl}`]),
      ],
    });
    await vi.waitUntil(async () => (await fetch(`${proxy.origin}/ready`)).status === 200, 10_000);
  });
  afterAll(async () => {
    await proxy?.close();
    await provider?.close();
  });

  async function signIn(browser: Browser): Promise<Visit> {
    const page = await browser.visit(`${proxy.origin}/page?x=1`);
    return provider.signIn(browser, page);
  }
  const auth = (browser: Browser) => browser.ask(`${proxy.origin}/oauth2/auth`);
  const bearer = async (token: string) =>
    (await fetch(`${proxy.origin}/oauth2/auth`, { headers: { Authorization: `Bearer ${token}` } })).status;

  test("somebody signs in, comes back to the page, and is known", async () => {
    const ada = new Browser();
    const page = await signIn(ada);
    expect([page.status, page.url, page.text]).toEqual([200, `${proxy.origin}/page?x=1`, "Authenticated"]);
    const { status, headers } = await auth(ada);
    expect([status, headers.get("x-auth-request-email")]).toEqual([202, "ada@example.com"]);
  });

  test("a session is refreshed again and again, each time with the newest refresh token", async () => {
    const ada = new Browser();
    await signIn(ada);
    const tokens = new Set<string | null>();
    for (let turn = 0; turn < 3; turn++) {
      tokens.add((await auth(ada)).headers.get("x-auth-request-access-token"));
      // Times of sessions are whole seconds.
      await pause(3100);
    }
    expect((await auth(ada)).status).toBe(202);
    expect(tokens.size).toBe(3);
    expect(proxy.log()).not.toMatch(/invalid_grant|not refreshed/);
  });

  test("the ID token of a session is a good bearer token, one that was changed is none", async () => {
    const ada = new Browser();
    await signIn(ada);
    const token = (await auth(ada)).headers.get("authorization")?.replace("Bearer ", "") ?? "";
    expect(await bearer(token)).toBe(202);
    const [head, , signature] = token.split(".");
    const forged = Buffer.from(JSON.stringify({ iss: provider.issuer, aud: CLIENT.id, sub: "root" }));
    expect(await bearer(`${head}.${forged.toString("base64url")}.${signature}`)).toBe(403);
  });

  // Access tokens of Dex are JSON Web Tokens, which nobody has to look up.
  const hydraTest: (title: string, body: () => Promise<void>) => void = name === "Hydra" ? test : () => {};
  hydraTest("an opaque access token is looked up, and revoked at the sign-out", async () => {
    const ada = new Browser();
    await signIn(ada);
    const token = (await auth(ada)).headers.get("x-auth-request-access-token") ?? "";
    expect(token).toMatch(/^ory_at_/);
    expect([await bearer(token), await bearer(`${token}x`)]).toEqual([202, 403]);
    await ada.ask(`${proxy.origin}/oauth2/sign_out`);
    const active = async () => {
      const body = new URLSearchParams({ token });
      const answer = await fetch(provider.introspectionUrl ?? "", { method: "POST", body });
      return ((await answer.json()) as { readonly active: boolean }).active;
    };
    await expect.poll(active).toBe(false);
    expect((await auth(ada)).status).toBe(401);
  });

  test("while the provider is away sessions go on, and when it is back people sign in again", async () => {
    const ada = new Browser();
    await signIn(ada);
    await provider.stop();
    await pause(3100);
    for (let turn = 0; turn < 3; turn++) expect((await auth(ada)).status).toBe(202);
    await provider.start();
    const bob = new Browser();
    expect((await signIn(bob)).status).toBe(200);
    expect((await auth(bob)).status).toBe(202);
  });
});
