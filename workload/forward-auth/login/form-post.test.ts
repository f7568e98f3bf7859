/** Answers that a provider's page posts as a form: in every mode, from a real provider, and what of it is refused. */
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { RulesFile } from "../config.ts";
import { ConfigurationError, readSettings } from "../settings.ts";
import { Browser } from "../testing/browser.ts";
import { type FakeApi, Fakes } from "../testing/fake-api.ts";
import { type Point, startPoint } from "../testing/point.ts";
import { rawExchange, rawRequest } from "../testing/raw.ts";
import { startWorld, type World } from "../testing/world.ts";

const fakes = new Fakes();
let point: Point | undefined;
let world: World | undefined;
beforeAll(() => {
  for (const method of ["info", "warn"] as const) vi.spyOn(console, method).mockReturnValue(undefined);
});
afterEach(async () => {
  await point?.close();
  await world?.close();
  await fakes.close();
  point = world = undefined;
});

const FORM_POST = {
  OAUTH2_PROXY_AUTH_REQUEST_RESPONSE_MODE: "form_post",
  OAUTH2_PROXY_COOKIE_SECURE: "true",
};

test("a real provider's form signs in, with the cookies that browsers send along, and nothing is in an address", async () => {
  const rules = (host: string): RulesFile => ({
    version: 1,
    applications: {
      one: { routes: [{ hosts: [host], paths: ["/iam-one"] }], allow: { email_domains: ["example.com"] } },
    },
  });
  world = await startWorld({ rules, environment: FORM_POST });
  const browser = new Browser();
  const form = await browser.visit(`${world.gateway.origin}/iam-one/page?x=1`);
  const posted = await browser.submit(form, { login: "ada", password: "x" });
  expect(posted.url).toContain(world.provider.issuer);
  expect(posted.text).toContain('name="code"');
  const page = await browser.submit(posted, {}, true);
  expect([page.status, page.url]).toEqual([200, `${world.gateway.origin}/iam-one/page?x=1`]);
  expect(page.hops.join()).not.toContain("code=");
  expect(world.log.join("")).not.toMatch(/code=|state=/);
  expect([...browser.cookies("127.0.0.1").keys()].filter((name) => name.includes("csrf"))).toEqual([]);
});

const MODES = {
  forwarded: {
    OAUTH2_PROXY_DECISION_MODE: "forwarded",
    OAUTH2_PROXY_RULES_FILE: "",
    OAUTH2_PROXY_REDIRECT_URL: "http://127.0.0.1/oauth2/callback",
  },
  compat: { OAUTH2_PROXY_UPSTREAMS: "static://200", OAUTH2_PROXY_COOKIE_CSRF_SAMESITE: "none" },
};

async function start(mode: keyof typeof MODES, more: Readonly<Record<string, string>> = {}) {
  const api = await fakes.start();
  point = await startPoint(undefined, {
    OAUTH2_PROXY_PROVIDER: "oidc",
    OAUTH2_PROXY_OIDC_ISSUER_URL: api.origin,
    OAUTH2_PROXY_CLIENT_ID: "client",
    OAUTH2_PROXY_CLIENT_SECRET: "secret",
    OAUTH2_PROXY_EMAIL_DOMAINS: "*",
    ...FORM_POST,
    ...MODES[mode],
    ...more,
  });
  const base = `http://127.0.0.1:${point.port}`;
  const browser = new Browser();
  const { headers } = await browser.ask(`${base}/oauth2/start?rd=%2Fwanted`);
  const login = new URL(headers.get("location") ?? "").searchParams;
  api.routes["/token"] = async () => ({
    json: { access_token: "a", id_token: await api.sign({ nonce: login.get("nonce") }), expires_in: 3600 },
  });
  const answer = { code: "c", state: login.get("state") ?? "", iss: api.origin };
  return { api, base, browser, login, answer, cookies: headers.getSetCookie() };
}
const asked = ({ calls }: FakeApi) => calls.filter(({ url }) => url === "/token").length;

describe.each(["forwarded", "compat"] as const)("%s", (mode) => {
  test("the login's cookie goes with another site's form, and the answer is taken from the form", async () => {
    const { base, browser, login, answer, cookies } = await start(mode);
    expect(login.get("response_mode")).toBe("form_post");
    expect(cookies.join()).toMatch(/SameSite=None/i);
    const body = new URLSearchParams(answer);
    const back = await browser.ask(`${base}/oauth2/callback`, { method: "POST", body, crossSite: true });
    expect([back.status, back.headers.get("location")]).toEqual([302, "/wanted"]);
    const session = back.headers.getSetCookie().find((text) => text.startsWith("_oauth2_proxy="));
    expect(session).not.toMatch(/SameSite=None/i);
    expect(browser.header(new URL(base))).toContain("_oauth2_proxy=");
  });

  test("a form without the login's cookie begins a new login once, and costs no token request", async () => {
    const { api, base, answer } = await start(mode);
    const other = new Browser();
    const body = new URLSearchParams(answer);
    const back = await other.ask(`${base}/oauth2/callback`, { method: "POST", body, crossSite: true });
    const again = new URL(back.headers.get("location") ?? "").searchParams.get("state") ?? "";
    expect([back.status, asked(api)]).toEqual([302, 0]);
    const twice = await new Browser().ask(`${base}/oauth2/callback`, {
      method: "POST",
      body: new URLSearchParams({ ...answer, state: again }),
      crossSite: true,
    });
    expect([twice.status, asked(api), other.header(new URL(base)).includes("_oauth2_proxy=")]).toEqual([
      403,
      0,
      false,
    ]);
  });

  test.each([
    ["a form of another kind", '{"code":"c"}', "application/json"],
    ["no form", "", "application/x-www-form-urlencoded"],
    ["a form without a state", "code=c", "application/x-www-form-urlencoded"],
    ["a form with more than 64 KiB", `x=${"y".repeat(70_000)}`, "application/x-www-form-urlencoded"],
  ])("%s signs nobody in", async (_what, body, type) => {
    const { api, base, browser } = await start(mode);
    const headers = { "Content-Type": type };
    const { status } = await browser.ask(`${base}/oauth2/callback`, { method: "POST", body, headers });
    expect([status >= 400 && status < 500, asked(api)]).toEqual([true, 0]);
  });

  test("what the provider refuses is a refusal", async () => {
    const { api, base, browser, answer } = await start(mode);
    const body = new URLSearchParams({ state: answer.state, error: "access_denied", iss: answer.iss });
    const { status, text } = await browser.ask(`${base}/oauth2/callback`, { method: "POST", body });
    expect([status, asked(api)]).toEqual([403, 0]);
    expect(text).toContain("access_denied");
  });

  test("an answer in the query still counts", async () => {
    const { base, browser, answer } = await start(mode);
    const back = await browser.ask(`${base}/oauth2/callback?${new URLSearchParams(answer)}`);
    expect([back.status, back.headers.get("location")]).toEqual([302, "/wanted"]);
  });
});

test("outside compat form and query are not mixed, and what is announced too long is not read", async () => {
  const { api, base, browser, answer } = await start("forwarded");
  const query = new URLSearchParams({ state: answer.state, iss: answer.iss });
  const body = new URLSearchParams({ code: "c" });
  const mixed = await browser.ask(`${base}/oauth2/callback?${query}`, { method: "POST", body });
  expect([mixed.status, asked(api)]).toEqual([403, 0]);
  const long = rawRequest("POST /oauth2/callback", [
    "Content-Type: application/x-www-form-urlencoded",
    "Content-Length: 100000000",
  ]);
  const { text } = await rawExchange(point?.port ?? 0, `${long}${"x".repeat(70_000)}`);
  expect(text).toMatch(/^HTTP\/1\.1 413 [\s\S]*Connection: close/i);
});

const read = (more: Readonly<Record<string, string>>) =>
  readSettings(
    {
      OAUTH2_PROXY_PROVIDER: "oidc",
      OAUTH2_PROXY_OIDC_ISSUER_URL: "https://idp.example",
      OAUTH2_PROXY_CLIENT_ID: "client",
      OAUTH2_PROXY_CLIENT_SECRET: "secret",
      OAUTH2_PROXY_COOKIE_SECRET: "0123456789abcdef0123456789abcdef",
      OAUTH2_PROXY_EMAIL_DOMAINS: "*",
      OAUTH2_PROXY_AUTH_REQUEST_RESPONSE_MODE: "form_post",
      ...more,
    },
    [],
  );
const STRICT = {
  OAUTH2_PROXY_DECISION_MODE: "forwarded",
  OAUTH2_PROXY_REDIRECT_URL: "https://a.example/oauth2/callback",
};

test.each([
  [{ OAUTH2_PROXY_COOKIE_SECURE: "false" }, /cookie_secure .+ "form_post"/],
  [{ OAUTH2_PROXY_COOKIE_CSRF_SAMESITE: "lax" }, /cookie_csrf_samesite .+ must be "none" or empty/],
  [{ OAUTH2_PROXY_DECISION_MODE: "envoy-http" }, /decision_mode .+ carry no form/],
])("outside compat %j is a fault: nobody could sign in", (more, fault) => {
  expect(() => read({ ...STRICT, ...more })).toThrow(ConfigurationError);
  expect(() => read({ ...STRICT, ...more })).toThrow(fault);
});

test("in compat a warning says why nobody will be signed in; what works is no reason for one", () => {
  const warned = (more: Readonly<Record<string, string>>) =>
    read(more).warnings.some((warning) => warning.includes("form_post"));
  expect(warned({})).toBe(true);
  expect(warned({ OAUTH2_PROXY_COOKIE_CSRF_SAMESITE: "none" })).toBe(false);
  expect(warned({ OAUTH2_PROXY_COOKIE_SAMESITE: "none" })).toBe(false);
  expect(warned({ OAUTH2_PROXY_COOKIE_CSRF_SAMESITE: "none", OAUTH2_PROXY_COOKIE_SECURE: "false" })).toBe(
    true,
  );
  expect(warned(STRICT)).toBe(false);
  expect(
    warned({
      ...STRICT,
      OAUTH2_PROXY_DECISION_MODE: "envoy-grpc",
      OAUTH2_PROXY_GRPC_ADDRESS: "127.0.0.1:0",
    }),
  ).toBe(true);
});
