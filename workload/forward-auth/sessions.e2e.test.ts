/** Sessions over time, whole: outages of the provider, refreshes, their end. */
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { Browser } from "./testing/browser.ts";
import { at, begin, signIn, world } from "./testing/story.ts";

beforeAll(() => {
  // The provider reminds of production on every start.
  for (const method of ["info", "warn"] as const) vi.spyOn(console, method).mockReturnValue(undefined);
});
afterEach(() => world.close());

test("starts without the provider, refuses, and signs in as soon as it is there", async () => {
  await begin({ providerUp: false });
  const browser = new Browser();
  const { port } = world.serving;
  const health = (path: string) =>
    fetch(`http://127.0.0.1:${port}${path}`).then((response) => response.status);
  expect([await health("/ping"), await health("/ready")]).toEqual([200, 503]);
  expect((await browser.ask(at("/iam-one"))).status).toBe(503);
  expect((await browser.ask(at("/iam-one/health"))).status).toBe(200);
  world.provider.broken = undefined;
  await world.serving.context.provider.start();
  expect(await health("/ready")).toBe(200);
  expect((await signIn(browser, "/iam-one", "ada")).text).toBe("the application");
});

test("sessions go on while the provider is down, also over a restart", async () => {
  await begin();
  const browser = new Browser();
  await signIn(browser, "/iam-one", "ada");
  world.provider.broken = 503;
  expect((await browser.ask(at("/iam-one"))).status).toBe(200);
  await world.restart();
  expect((await browser.ask(at("/iam-one"))).status).toBe(200);
  expect((await new Browser().ask(at("/iam-one"))).status).toBe(503);
});

test("a session ends after its life", async () => {
  await begin({ environment: { OAUTH2_PROXY_COOKIE_EXPIRE: "1h" } });
  const browser = new Browser();
  await signIn(browser, "/iam-one", "ada");
  world.clock.ahead = 3_599_000;
  expect((await browser.ask(at("/iam-one"))).status).toBe(200);
  world.clock.ahead = 3_601_000;
  expect((await browser.ask(at("/iam-one"))).status).toBe(302);
});

const refreshing = { OAUTH2_PROXY_COOKIE_REFRESH: "10m", OAUTH2_PROXY_COOKIE_EXPIRE: "168h" };

test("many requests refresh a session once; the old cookie goes on working", async () => {
  await begin({ environment: refreshing });
  const browser = new Browser();
  await signIn(browser, "/iam-one", "ada");
  world.provider.accounts["ada"] = { ...world.provider.accounts["ada"], groups: ["ops", "new"] };
  world.clock.ahead = 11 * 60_000;
  const answers = await Promise.all(Array.from({ length: 20 }, () => browser.ask(at("/iam-one"))));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(world.provider.tokenRequests.get("refresh_token")).toBe(1);
  expect(world.seen["one"]?.at(-1)?.headers["x-auth-request-groups"]).toBe("ops,new");
  world.clock.ahead = 22 * 60_000;
  expect((await browser.ask(at("/iam-one"))).status).toBe(200);
  expect(world.provider.tokenRequests.get("refresh_token")).toBe(2);
});

test("a refreshed cookie reaches the browser where the gateway lets it", async () => {
  await begin({ environment: refreshing, addAuthCookies: true });
  const browser = new Browser();
  await signIn(browser, "/iam-one", "ada");
  const before = browser.cookies("127.0.0.1").get("_oauth2_proxy");
  world.clock.ahead = 11 * 60_000;
  const answer = await browser.ask(at("/iam-one"));
  expect(answer.headers.getSetCookie()).toHaveLength(1);
  expect(browser.cookies("127.0.0.1").get("_oauth2_proxy")).not.toBe(before);
  expect((await browser.ask(at("/iam-one"))).headers.getSetCookie()).toEqual([]);
  await world.restart();
  expect((await browser.ask(at("/iam-one"))).status).toBe(200);
});

test("an outage during a refresh is no sign-out, a refusal is", async () => {
  await begin({ environment: refreshing });
  const browser = new Browser();
  await signIn(browser, "/iam-one", "ada");
  world.clock.ahead = 11 * 60_000;
  world.provider.broken = 500;
  expect((await browser.ask(at("/iam-one"))).status).toBe(200);
  world.provider.broken = undefined;
  world.clock.ahead = 12 * 60_000;
  delete world.provider.accounts["ada"];
  expect((await browser.ask(at("/iam-one"))).status).toBe(302);
});

test("no secret is in the log", async () => {
  await begin({ environment: { ...refreshing, OAUTH2_PROXY_PASS_ACCESS_TOKEN: "true" } });
  const browser = new Browser();
  const page = await signIn(browser, "/iam-one/x?token=hidden-in-query", "ada");
  await browser.ask(at("/iam-proxy/oauth2/callback?code=leaked-code&state=leaked-state"));
  const log = world.log.join("");
  const entry = await world.serving.context.sessions.load(browser.header(new URL(page.url)));
  const session = entry?.session;
  const secrets = [
    "hidden-in-query",
    "leaked-code",
    "leaked-state",
    "client-secret",
    session?.accessToken,
    session?.refreshToken,
  ];
  for (const secret of [...secrets, ...browser.cookies("127.0.0.1").values()])
    expect(log).not.toContain(secret);
  expect(log).toContain('"msg":"signed in"');
});
