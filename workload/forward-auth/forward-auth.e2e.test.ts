/** Whole sign-ins: a browser, a gateway, a real OpenID provider, the decision point, two applications. */
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { Browser } from "./testing/browser.ts";
import { at, begin, rules, signIn, world } from "./testing/story.ts";

beforeAll(() => {
  // The provider reminds of production on every start.
  for (const method of ["info", "warn"] as const) vi.spyOn(console, method).mockReturnValue(undefined);
});
afterEach(() => world.close());

const tokensAsked = () =>
  Array.from(world.provider.tokenRequests.values()).reduce((sum, count) => sum + count, 0);

test("a person signs in, comes back to the page, and the application learns who it is", async () => {
  await begin();
  const browser = new Browser();
  const page = await signIn(browser, "/iam-one/a%2Fb?x=1&y=%23#part", "ada");
  expect(page.hops.at(-1)).toBe(`200 ${at("/iam-one/a%2Fb?x=1&y=%23")}`);
  expect(page.text).toBe("the application");
  expect(world.seen["one"]?.at(-1)).toMatchObject({
    path: "/a%2Fb?x=1&y=%23",
    headers: {
      "x-auth-request-user": "ada",
      "x-auth-request-email": "ada@example.com",
      "x-auth-request-groups": "ops",
      "x-auth-request-preferred-username": "Ada",
    },
  });
  expect(tokensAsked()).toBe(1);
  expect(
    Array.from(browser.cookies("127.0.0.1").keys()).filter((name) => name.startsWith("_oauth2")),
  ).toEqual(["_oauth2_proxy"]);
  expect((await browser.ask(at("/iam-one/next"))).status).toBe(200);
});

test("nothing reaches the application before that", async () => {
  await begin();
  const browser = new Browser();
  expect((await browser.ask(at("/iam-one/x"))).status).toBe(302);
  expect((await browser.ask(at("/iam-one/x"), { method: "POST", body: "a" })).status).toBe(401);
  expect((await browser.ask(at("/iam-one/x"), { headers: { Accept: "application/json" } })).status).toBe(401);
  expect((await browser.ask(at("/iam-one/x"), { headers: { "Sec-Fetch-Mode": "cors" } })).status).toBe(401);
  const forged = {
    "X-Auth-Request-User": "ada",
    "X-Auth-Request-Email": "ada@example.com",
    "X-Forwarded-Uri": "/iam-one/health",
    "X-Forwarded-Method": "OPTIONS",
    "X-Forwarded-User": "ada",
    "Gap-Auth": "ada",
  };
  expect((await browser.ask(at("/iam-one/x"), { headers: forged })).status).toBe(302);
  expect(
    (await browser.ask(at("/iam-one/x"), { headers: { X_Auth_Request_Email: "ada@example.com" } })).status,
  ).toBe(400);
  browser.plant("127.0.0.1", "_oauth2_proxy", "AQ".repeat(100));
  expect((await browser.ask(at("/iam-one/x"))).status).toBe(302);
  expect(world.seen["one"]).toEqual([]);
});

test("identity headers are the session's, whatever the client sends", async () => {
  await begin();
  const browser = new Browser();
  await signIn(browser, "/iam-one", "ada");
  const forged = { "X-Auth-Request-Groups": "admin", "x-auth-request-email": "root@example.com" };
  await browser.ask(at("/iam-one"), { headers: forged });
  expect(world.seen["one"]?.at(-1)?.headers).toMatchObject({
    "x-auth-request-groups": "ops",
    "x-auth-request-email": "ada@example.com",
  });
  const health = await new Browser().ask(at("/iam-one/health"), { headers: forged });
  expect(health.status).toBe(200);
  expect(world.seen["one"]?.at(-1)?.headers).toMatchObject({
    "x-auth-request-groups": "",
    "x-auth-request-email": "",
  });
});

test("one application's users, groups and open paths are not another's", async () => {
  await begin();
  const [ada, bob, nobody] = [new Browser(), new Browser(), new Browser()];
  await signIn(ada, "/iam-one", "ada");
  await signIn(bob, "/iam-two", "bob");
  expect((await ada.ask(at("/iam-one"))).status).toBe(200);
  expect((await ada.ask(at("/iam-two"))).status).toBe(403);
  expect((await bob.ask(at("/iam-two"))).status).toBe(200);
  expect((await bob.ask(at("/iam-one"))).status).toBe(403);
  expect((await nobody.ask(at("/iam-one/health"))).status).toBe(200);
  expect((await nobody.ask(at("/iam-two/health"))).status).toBe(302);
  const name = Buffer.from(
    String(world.seen["two"]?.at(-1)?.headers["x-auth-request-preferred-username"]),
    "latin1",
  );
  expect(name.toString("utf8")).toBe("Zoë 日本");
  expect(world.seen["two"]?.at(-1)?.headers["x-auth-request-groups"]).toBe("dev");
});

test("an address that is not verified or missing does not sign in", async () => {
  await begin();
  for (const account of ["eve", "nil"]) {
    const page = await signIn(new Browser(), "/iam-one", account);
    expect(page.status).toBe(403);
    expect(page.text).toContain("Sign-in failed");
  }
  expect(world.seen["one"]).toEqual([]);
});

test("rules change while sessions go on; a broken file changes nothing", async () => {
  await begin();
  const browser = new Browser();
  await signIn(browser, "/iam-one", "ada");
  await world.setRules({
    version: 1,
    applications: {
      one: {
        ...rules(world.gateway.host).applications["one"],
        allow: { emails: ["bob@example.org"] },
      } as never,
    },
  });
  expect((await browser.ask(at("/iam-one"))).status).toBe(403);
  expect((await browser.ask(at("/iam-two"))).status).toBe(403);
  await world.setRules("{" as never);
  await world.setRules({
    version: 1,
    applications: { one: { routes: [{ hosts: ["not a host"] }], allow: { everyone: true } } },
  });
  expect((await browser.ask(at("/iam-one"))).status).toBe(403);
  await world.setRules(rules(world.gateway.host));
  expect((await browser.ask(at("/iam-one"))).status).toBe(200);
});

test("signed out means signed out, also for a copy of the cookie", async () => {
  await begin();
  const browser = new Browser();
  await signIn(browser, "/iam-one", "ada");
  const stolen = browser.cookies("127.0.0.1").get("_oauth2_proxy") ?? "";
  const asked = await browser.ask(at("/iam-proxy/oauth2/sign_out"), {
    headers: { "Sec-Fetch-Site": "cross-site" },
  });
  expect(asked.text).toContain("Sign out?");
  expect((await browser.ask(at("/iam-one"))).status).toBe(200);
  const page = await browser.submit(asked, {});
  expect(page.text).toContain("You are signed out");
  expect(browser.cookies("127.0.0.1").has("_oauth2_proxy")).toBe(false);
  const thief = new Browser();
  thief.plant("127.0.0.1", "_oauth2_proxy", stolen);
  expect((await thief.ask(at("/iam-one"))).status).toBe(302);
});

test("a form on another site cannot sign out", async () => {
  await begin();
  const browser = new Browser();
  await signIn(browser, "/iam-one", "ada");
  const headers = { Origin: "https://evil.example" };
  expect((await browser.ask(at("/iam-proxy/oauth2/sign_out"), { method: "POST", headers })).status).toBe(403);
  expect((await browser.ask(at("/iam-one"))).status).toBe(200);
});

test("a login finishes only in the browser that began it, and no code is redeemed otherwise", async () => {
  await begin();
  const attacker = new Browser();
  const form = await attacker.visit(at("/iam-one"));
  let callbackUrl = "";
  const hop = await attacker.ask(new URL(/action="([^"]*)"/.exec(form.text)?.[1] ?? "", form.url).href, {
    method: "POST",
    body: new URLSearchParams({ prompt: "login", login: "ada", password: "x" }),
  });
  callbackUrl = (await attacker.ask(hop.headers.get("location") ?? "")).headers.get("location") ?? "";
  expect(callbackUrl).toContain("/iam-proxy/oauth2/callback?code=");
  const victim = new Browser();
  const again = await victim.ask(callbackUrl);
  expect(again.status).toBe(302);
  expect(again.headers.get("location")).toContain(`${world.provider.issuer}/auth?`);
  expect(victim.cookies("127.0.0.1").has("_oauth2_proxy")).toBe(false);
  const state = new URL(again.headers.get("location") ?? "").searchParams.get("state") ?? "";
  expect(state).toMatch(/^[\w-]{43}\.again:/);
  const other = new Browser();
  expect(
    (await other.ask(`${at("/iam-proxy/oauth2/callback")}?code=x&state=${encodeURIComponent(state)}`)).status,
  ).toBe(403);
  const moved = callbackUrl.replace("iam-one", "iam-two");
  expect((await attacker.ask(moved)).headers.get("location")).toContain(`${world.provider.issuer}/auth?`);
  expect(tokensAsked()).toBe(0);
  expect((await attacker.ask(callbackUrl)).headers.get("location")).toBe(at("/iam-one"));
  expect(tokensAsked()).toBe(1);
  expect((await attacker.ask(callbackUrl)).headers.get("location")).toBe(at("/iam-one"));
  expect(tokensAsked()).toBe(1);
});

test("two tabs sign in at once", async () => {
  await begin();
  const browser = new Browser();
  const first = await browser.visit(at("/iam-one/first"));
  const second = await browser.visit(at("/iam-one/second"));
  const fields = { login: "ada", password: "x" };
  expect((await browser.submit(second, fields)).url).toBe(at("/iam-one/second"));
  expect((await browser.submit(first, fields)).url).toBe(at("/iam-one/first"));
});

test("abandoned logins do not pile up in the browser", async () => {
  await begin();
  const browser = new Browser();
  for (let index = 0; index < 12; index++) await browser.ask(at("/iam-proxy/oauth2/start?rd=/iam-one"));
  expect(
    Array.from(browser.cookies("127.0.0.1").keys()).filter((name) => name.endsWith("_csrf")),
  ).toHaveLength(6);
});

test("the provider's refusal is shown without echo, and its issuer is checked", async () => {
  await begin();
  const browser = new Browser();
  const start = await browser.ask(at("/iam-proxy/oauth2/start?rd=/iam-one"));
  const state = new URL(start.headers.get("location") ?? "").searchParams.get("state") ?? "";
  const callback = (query: Record<string, string>) =>
    browser.ask(`${at("/iam-proxy/oauth2/callback")}?${new URLSearchParams({ state, ...query })}`);
  const mixed = await callback({ code: "x", iss: "https://evil.example" });
  expect(mixed.status).toBe(403);
  expect(tokensAsked()).toBe(0);
  const denied = await new Browser().ask(`${at("/iam-proxy/oauth2/callback")}?error=<script>&state=x`);
  expect(denied.text).not.toContain("<script>");
});

test("userinfo tells who is signed in", async () => {
  await begin();
  const browser = new Browser();
  expect((await browser.ask(at("/iam-proxy/oauth2/userinfo"))).status).toBe(401);
  await signIn(browser, "/iam-one", "ada");
  const answer = await browser.ask(at("/iam-proxy/oauth2/userinfo"));
  expect(JSON.parse(answer.text)).toEqual({
    user: "ada",
    email: "ada@example.com",
    groups: ["ops"],
    preferredUsername: "Ada",
  });
});
