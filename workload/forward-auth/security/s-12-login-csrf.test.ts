/** S-12: logins that were interrupted, mixed up, or begun by somebody else; none of them costs a token request. */
import { afterEach, expect, test } from "vitest";
import {
  Browser,
  type CompatWorld,
  comeBack,
  parametersOf,
  startCompat,
  targetOf,
  tokenRequests,
} from "../testing/compat-world.ts";

let world: CompatWorld;
afterEach(() => world.close());
const start = async (environment: Readonly<Record<string, string>> = {}) => {
  world = await startCompat(environment);
  return new Browser(world.point.port);
};
const newBrowser = () => new Browser(world.point.port);
const locationOf = (answer: { headers: ReadonlyMap<string, string> }) => answer.headers.get("location");
const csrfOf = (browser: Browser) => [...browser.cookies.keys()].filter((name) => name.endsWith("_csrf"));

test("S-12 a login goes where it was wanted, and its cookie ends", async () => {
  const browser = await start();
  const answer = await comeBack(world, browser, await browser.begin());
  expect([answer.status, locationOf(answer), tokenRequests(world)]).toEqual([302, "/wanted", 1]);
  expect(csrfOf(browser)).toEqual([]);
  expect((await browser.get("/oauth2/auth")).status).toBe(202);
});

test("S-12 without the login's cookie a new login begins once, to the same target (CVE-2017-1000069)", async () => {
  const attacker = await start();
  const login = await attacker.begin();
  const victim = newBrowser();
  const first = await comeBack(world, victim, login);
  expect([first.status, targetOf(first)]).toEqual([302, "/wanted"]);
  expect(tokenRequests(world)).toBe(0);
  victim.cookies.clear();
  const again = await comeBack(world, victim, parametersOf(first));
  expect([again.status, tokenRequests(world)]).toEqual([403, 0]);
  expect(victim.cookies.has("_oauth2_proxy")).toBe(false);
});

test("S-12 the cookie of another login is no cookie of this one", async () => {
  const browser = await start();
  const one = await browser.begin();
  const other = newBrowser();
  await other.begin();
  for (const [name, value] of other.cookies) browser.cookies.set(name, value);
  const answer = await comeBack(world, browser, one);
  expect([answer.status, parametersOf(answer).has("state"), tokenRequests(world)]).toEqual([302, true, 0]);
});

test.each([
  ["another hash", (state: string) => `A${state.slice(1)}`],
  ["another target", (state: string) => `${state}/more`],
  ["another origin", (state: string) => state.replace(/:.*/, ":https://evil.example/")],
  ["a mark of a second attempt", (state: string) => state.replace(":", ".again:")],
])("S-12 %s in the state is no login of ours", async (_, change) => {
  const browser = await start();
  const login = await browser.begin();
  const answer = await comeBack(world, browser, login, { state: change(login.get("state") ?? "") });
  expect(tokenRequests(world)).toBe(0);
  expect(browser.cookies.has("_oauth2_proxy")).toBe(false);
  expect(targetOf(answer)).not.toMatch(/evil/);
});

test.each(["", "x", ":", "a:b", "..", "%00", "A".repeat(9000)])(
  "S-12 state %j is answered in order",
  async (state) => {
    const browser = await start();
    await browser.begin();
    const answer = await comeBack(world, browser, new URLSearchParams(), { state });
    expect([answer.status, tokenRequests(world)]).toEqual([403, 0]);
  },
);

test("S-12 a state is good once: who is signed in goes on, whoever else has it begins anew", async () => {
  const browser = await start();
  const login = await browser.begin();
  await comeBack(world, browser, login);
  const again = await comeBack(world, browser, login);
  expect([again.status, locationOf(again), tokenRequests(world)]).toEqual([302, "/wanted", 1]);
  const other = await comeBack(world, newBrowser(), login);
  expect([other.status, targetOf(other), tokenRequests(world)]).toEqual([302, "/wanted", 1]);
});

test("S-12 a callback without a state takes who is signed in to the start, and nobody else anywhere", async () => {
  const browser = await start();
  await comeBack(world, browser, await browser.begin());
  const signedIn = await browser.get("/oauth2/callback");
  expect([signedIn.status, locationOf(signedIn)]).toEqual([302, "/"]);
  expect((await newBrowser().get("/oauth2/callback")).status).toBe(403);
});

test.each(["false", "true"])("S-12 encode_state=%s", async (encode) => {
  const browser = await start({ OAUTH2_PROXY_ENCODE_STATE: encode });
  const login = await browser.begin();
  expect(/^[\w-]+$/.test(login.get("state") ?? "")).toBe(encode === "true");
  expect(locationOf(await comeBack(world, browser, login))).toBe("/wanted");
});

test("S-12 two tabs sign in at once, with a cookie for each login", async () => {
  const browser = await start({ OAUTH2_PROXY_COOKIE_CSRF_PER_REQUEST: "true" });
  const one = await browser.begin("/oauth2/start?rd=%2Fone");
  const two = await browser.begin("/oauth2/start?rd=%2Ftwo");
  expect(locationOf(await comeBack(world, browser, two))).toBe("/two");
  expect(locationOf(await comeBack(world, browser, one))).toBe("/one");
});

test("S-12 with one cookie for all the first tab begins anew instead of failing, or goes on signed in", async () => {
  const browser = await start();
  const one = await browser.begin("/oauth2/start?rd=%2Fone");
  const two = await browser.begin("/oauth2/start?rd=%2Ftwo");
  const first = await comeBack(world, browser, one);
  expect([first.status, targetOf(first), tokenRequests(world)]).toEqual([302, "/one", 0]);
  expect(locationOf(await comeBack(world, browser, parametersOf(first)))).toBe("/one");
  const second = await comeBack(world, browser, two);
  expect([second.status, locationOf(second), tokenRequests(world)]).toEqual([302, "/two", 1]);
});

test("S-12 abandoned logins do not pile up", async () => {
  const browser = await start({
    OAUTH2_PROXY_COOKIE_CSRF_PER_REQUEST: "true",
    OAUTH2_PROXY_COOKIE_CSRF_PER_REQUEST_LIMIT: "3",
  });
  for (let turn = 0; turn < 50; turn++) await browser.begin();
  expect(csrfOf(browser).length).toBeLessThanOrEqual(4);
  expect(locationOf(await comeBack(world, browser, await browser.begin()))).toBe("/wanted");
});

test.each([
  ["access_denied", "access_denied"],
  ["login_required", "login_required"],
  ["<script>alert(1)</script>", "&lt;script&gt;"],
])("S-12 the provider's error %s is a page, not markup", async (error, said) => {
  const browser = await start();
  const login = await browser.begin();
  const answer = await comeBack(world, browser, login, { error, code: "" });
  expect([answer.status, answer.body.includes(said), tokenRequests(world)]).toEqual([403, true, 0]);
  expect(answer.body).not.toContain("<script>alert");
});

test("S-14 another issuer's answer is refused before its code is redeemed", async () => {
  const browser = await start();
  const answer = await comeBack(world, browser, await browser.begin(), { iss: "https://evil.example" });
  expect([answer.status, tokenRequests(world)]).toEqual([403, 0]);
});
