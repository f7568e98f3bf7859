/** A sign-in that has to be raised, the whole way: the application asks, the provider raises or does not, and nobody goes round in circles. */
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { RulesFile } from "../config.ts";
import { Browser, type Visit } from "../testing/browser.ts";
import { type FakeApi, Fakes, type Reply } from "../testing/fake-api.ts";
import { startWorld, type World } from "../testing/world.ts";

const HOUR = 3_600_000;
const fakes = new Fakes();
let api: FakeApi;
let world: World;
let browser: Browser;
/** Logins that reached the provider, by their parameters. */
let asked: URLSearchParams[];
/** What the provider says of a login: claims of its ID token, or an error. */
let answers: (login: URLSearchParams) => Readonly<Record<string, unknown>> | string;

beforeAll(() => {
  for (const method of ["info", "warn"] as const) vi.spyOn(console, method).mockReturnValue(undefined);
});

const rules = (host: string): RulesFile => ({
  version: 1,
  applications: {
    blog: { routes: [{ hosts: [host], paths: ["/iam-one"] }], allow: { everyone: true } },
    bank: {
      routes: [{ hosts: [host], paths: ["/iam-two"] }],
      allow: { everyone: true },
      acr: ["mfa"],
      access: [{ paths: ["/iam-two/pay"], max_session_age: "10m" }],
    },
  },
});

/** The provider's page: the person is known there, so it answers at once. */
function authorize(url: string): Reply {
  const login = new URL(url, api.origin).searchParams;
  asked.push(login);
  const said = answers(login);
  const state = login.get("state") ?? "";
  const back = new URLSearchParams({ state, iss: api.origin });
  if (typeof said === "string") back.set("error", said);
  else {
    back.set("code", "c");
    const claims = { nonce: login.get("nonce"), iat: seconds(), exp: seconds() + 600, ...said };
    api.routes["/token"] = async () => ({
      json: { access_token: "a", id_token: await api.sign(claims), expires_in: 3600 },
    });
  }
  return { status: 302, headers: { location: `${login.get("redirect_uri")}?${back}` } };
}

beforeEach(async () => {
  api = await fakes.start();
  api.routes["/authorize"] = ({ url }) => authorize(url);
  asked = [];
  answers = () => ({ acr: "pwd" });
  world = await startWorld({
    rules,
    environment: {
      OAUTH2_PROXY_OIDC_ISSUER_URL: api.origin,
      OAUTH2_PROXY_CLIENT_ID: "client",
      OAUTH2_PROXY_CLIENT_SECRET: "secret",
    },
  });
  browser = new Browser();
  expect((await visit("/iam-one")).status).toBe(200);
  expect(asked.map((login) => login.get("acr_values"))).toEqual([null]);
});
afterEach(async () => {
  await world.close();
  await fakes.close();
});

const visit = (path: string): Promise<Visit> => browser.visit(world.gateway.origin + path);
const later = (milliseconds: number) => {
  world.clock.ahead += milliseconds;
};
const seconds = () => Math.floor((Date.now() + world.clock.ahead) / 1000);

test("a provider that raises: the person comes back to the page with what it asks for, and stays signed in elsewhere", async () => {
  answers = (login) => ({ acr: login.get("acr_values") ?? "pwd" });
  later(5 * 60_000);
  const page = await visit("/iam-two/x?y=1");
  expect([page.status, page.url, page.text]).toEqual([
    200,
    `${world.gateway.origin}/iam-two/x?y=1`,
    "the application",
  ]);
  expect(asked.slice(1).map((login) => [login.get("acr_values"), login.get("max_age")])).toEqual([
    ["mfa", null],
  ]);
  const entry = await world.serving.context.sessions.load(browser.header(new URL(world.gateway.origin)));
  expect(entry?.session.acr).toBe("mfa");
  expect((await browser.ask(`${world.gateway.origin}/iam-one`)).status).toBe(200);
  expect((await browser.ask(`${world.gateway.origin}/iam-two`)).status).toBe(200);
});

test("a provider that does not raise: a clear refusal after one attempt, and no other within a minute", async () => {
  later(5 * 60_000);
  const page = await visit("/iam-two/x");
  expect(page.status).toBe(403);
  expect(page.text).toContain("not in the way that this application asks for");
  expect([asked.length, page.hops.length <= 6]).toEqual([2, true]);
  for (let turn = 0; turn < 3; turn++) expect((await visit("/iam-two/x")).status).toBe(403);
  expect(asked).toHaveLength(2);
  expect(world.seen["two"]).toEqual([]);
  expect(world.log.join("")).toContain('"reason":"step-up-unmet"');
  later(2 * 60_000);
  expect([(await visit("/iam-two/x")).status, asked.length]).toEqual([403, 3]);
  expect((await browser.ask(`${world.gateway.origin}/iam-one`)).status).toBe(200);
});

test("a provider that says that it cannot: a refusal that names why, and the session of before stays", async () => {
  answers = () => "unmet_authentication_requirements";
  later(5 * 60_000);
  const page = await visit("/iam-two/x");
  expect([page.status, asked.length]).toEqual([403, 2]);
  expect(page.text).toContain("unmet_authentication_requirements");
  expect((await browser.ask(`${world.gateway.origin}/iam-one`)).status).toBe(200);
});

test("a sign-in that is too old is asked for anew, with max_age; acr and age are asked for together", async () => {
  answers = (login) => ({ acr: login.get("acr_values") ?? "pwd", auth_time: seconds() });
  later(HOUR);
  expect((await visit("/iam-two/pay")).status).toBe(200);
  expect([asked[1]?.get("acr_values"), asked[1]?.get("max_age")]).toEqual(["mfa", "600"]);
  later(9 * 60_000);
  expect([(await visit("/iam-two/pay")).status, asked.length]).toEqual([200, 2]);
  later(2 * 60_000);
  expect([(await visit("/iam-two/pay")).status, asked.length]).toEqual([200, 3]);
});

test("a provider that takes no notice of max_age is found out by its auth_time", async () => {
  const first = seconds();
  answers = () => ({ acr: "mfa", auth_time: first });
  later(HOUR);
  const page = await visit("/iam-two/pay");
  expect([page.status, asked.length]).toEqual([403, 2]);
  expect(page.text).toContain("did not ask who you are again");
  expect(world.log.join("")).toContain("auth-time");
  // What asks for no age takes the answer as it is.
  expect((await visit("/iam-two/x")).status).toBe(200);
});

test("a script and a form that is sent are refused, never led to a sign-in", async () => {
  later(5 * 60_000);
  const script = { headers: { Accept: "application/json", "Sec-Fetch-Mode": "cors" } };
  expect((await browser.ask(`${world.gateway.origin}/iam-two`, script)).status).toBe(401);
  expect((await browser.ask(`${world.gateway.origin}/iam-two`, { method: "POST", body: "x" })).status).toBe(
    401,
  );
  expect(asked).toHaveLength(1);
});
