/**
 * Configurations that people run oauth2-proxy with, unchanged: each starts the program as its Deployment, chart or Pebble layer
 * does, behind the gateway that it was written for, and somebody signs in with a real Chromium.
 *
 * What a cluster has and this machine has not is put around the program, not into its configuration:
 *
 * - names (`dex.example.com`, `…svc.cluster.local`) lead to ports of 127.0.0.1: for the program by a preload
 *   (`configurations/container.cjs`), for Chromium by a rule, in the gateway's file as its controller would have resolved them;
 * - port 4180 of the container is a free port here, and files that are mounted below `/etc` are elsewhere, by the same preload;
 * - the certificate authority of all of them is in `SSL_CERT_FILE`, which stands for the trust store of the image;
 * - Dex, Okta and Hydra are an OpenID provider of npm under the issuer's own name, with TLS and the client that is configured.
 *
 * Kubernetes itself is left out: Helm's templates, the ingress-nginx controller, Istio's control plane and the traefik-k8s charm are
 * what `configurations/helm-chart.ts`, `points/ingress-nginx.ts`, `points/istio.ts` and `configurations/canonical/routes.yaml` say.
 */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { launchChromium } from "../tutorials/chromium.ts";
import { CONFIGURATIONS } from "./configurations/configurations.ts";
import { startWorld, type World } from "./configurations/world.ts";
import { missingRedis } from "./redis.ts";

const cases = CONFIGURATIONS.flatMap((configuration) =>
  configuration.gateways.map((gateway) => ({ configuration, gateway })),
);
const found = await Promise.all(cases.map(async (each) => ({ ...each, peer: await each.gateway.find() })));
const present = found.flatMap(({ configuration, gateway, peer }) => {
  const name = `${configuration.name}, behind ${gateway.name}`;
  const missing =
    "missing" in peer ? peer.missing : configuration.redis === undefined ? undefined : missingRedis();
  if (missing !== undefined) test.skip(`${name}: ${missing}`);
  return "program" in peer && missing === undefined
    ? [[name, configuration, gateway, peer.program] as const]
    : [];
});

describe.each(present)("%s", (_, configuration, gateway, program) => {
  const { page, issuer, cookie, signOut, identity } = configuration;
  const forged = Object.fromEntries(configuration.owned.map((name) => [name, "forged"]));
  let world: World;
  let chromium: Browser;
  let ada: BrowserContext;

  beforeAll(async () => {
    for (const method of ["info", "warn"] as const) vi.spyOn(console, method).mockReturnValue(undefined);
    world = await startWorld(configuration, gateway, program);
    chromium = await launchChromium(world.hostRules);
    ada = await chromium.newContext({ ignoreHTTPSErrors: true });
  });
  afterAll(async () => {
    await chromium?.close();
    await world?.close();
  });

  /** Goes to the page and signs in at the provider. */
  async function signIn(context: BrowserContext, account: string): Promise<Page> {
    const tab = await context.newPage();
    await tab.goto(page);
    expect(tab.url(), world.log()).toContain(`${issuer}/interaction/`);
    await tab.locator("input[name=login]").fill(account);
    await tab.locator("input[name=password]").fill("x");
    await Promise.all([tab.waitForURL((url) => !url.href.startsWith(issuer)), tab.locator("button").click()]);
    return tab;
  }

  /** Headers of the newest request for the page that reached the application; browsers ask for an icon as well. */
  const told = () => {
    const { pathname, search } = new URL(page);
    return new Map(world.application.arrivals.findLast(({ url }) => url === pathname + search)?.headers);
  };
  const arrived = () => world.application.arrivals.length;
  const cookieHeader = async (context: BrowserContext) =>
    (await context.cookies(page)).map(({ name, value }) => `${name}=${value}`).join("; ");

  test("nobody gets in, whatever a request says of itself", async () => {
    for (const headers of [{}, forged, { "X-Forwarded-Uri": "/oauth2/callback" }]) {
      const answer = await world.ask(page, headers);
      expect(answer).toMatchObject({ status: 302, location: expect.stringMatching(/^https:/) });
      expect(new URL(answer.location ?? "").search).toContain(encodeURIComponent("/q3/"));
    }
    const script = await world.ask(page, { Accept: "application/json", "Sec-Fetch-Mode": "cors" });
    expect([302, 401]).toContain(script.status);
    expect(arrived()).toBe(0);
  });

  test.each([
    "/ping",
    "/ready",
    "/robots.txt",
    "/oauth2/sign_in",
    "/oauth2/userinfo",
    "/oauth2/static/x.css",
  ])("no answer of the decision point's own lets a stranger's %s pass", async (path) => {
    const { status } = await world.ask(new URL(path, page).href, forged);
    expect([path, arrived()]).toEqual([path, 0]);
    expect(status).toBeGreaterThanOrEqual(300);
  });

  test("somebody signs in, comes back to the page, and the application learns who it is", async () => {
    const tab = await signIn(ada, "ada");
    expect([tab.url(), await tab.textContent("body")]).toEqual([page, "the application"]);
    for (const [name, value] of Object.entries(identity))
      expect([name, told().get(name)]).toEqual([
        name,
        typeof value === "string" ? value : expect.stringMatching(value),
      ]);
    const kept = (await ada.cookies(page)).filter(({ name }) => name.startsWith(cookie));
    expect(kept.length).toBeGreaterThan(0);
    for (const each of kept) expect(each).toMatchObject({ secure: true, httpOnly: true });
  });

  test("forged identity headers of somebody who is signed in do not reach the application", async () => {
    const before = arrived();
    const headers = { Cookie: await cookieHeader(ada), ...forged };
    expect((await world.ask(page, headers)).status).toBe(200);
    expect(arrived()).toBe(before + 1);
    expect([...told()].filter(([, value]) => value.includes("forged"))).toEqual([]);
  });

  test("another account is let in or refused as the configuration has it", async () => {
    for (const account of [configuration.permitted, configuration.refused]) {
      if (account === undefined) continue;
      const context = await chromium.newContext({ ignoreHTTPSErrors: true });
      const before = arrived();
      const tab = await signIn(context, account);
      const permitted = account === configuration.permitted;
      expect([account, arrived() > before]).toEqual([account, permitted]);
      if (!permitted) expect(await tab.title()).toContain("403");
      await context.close();
    }
  });

  test.runIf(configuration.open !== undefined)("an open path needs nobody", async () => {
    expect((await world.ask(configuration.open ?? "")).status).toBe(200);
  });

  test.runIf(configuration.redis !== undefined)(
    "the session is in Redis, and the browser has a ticket",
    async () => {
      const [ticket] = await ada.cookies(page);
      expect(ticket?.value.length).toBeLessThan(300);
      expect(world.redis?.cli("keys", `${cookie}-*`).split("\n").length).toBeGreaterThan(0);
    },
  );

  test("signing out ends it", async () => {
    // The provider would sign in again by itself.
    const { hostname } = new URL(issuer);
    await ada.clearCookies({ domain: hostname, name: /^_(?!oauth2)/ });
    const tab = await ada.newPage();
    await tab.goto(signOut);
    expect(
      (await ada.cookies(page)).filter(({ name }) => name.startsWith(cookie) && !name.endsWith("_csrf")),
    ).toEqual([]);
    const before = arrived();
    await tab.goto(page);
    expect(tab.url()).toContain(`${issuer}/interaction/`);
    expect(arrived()).toBe(before);
  });
});
