/** Every published advisory about oauth2-proxy, and its like about others: one row each, in the words of the advisory. */
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  Browser,
  type CompatWorld,
  comeBack,
  startCompat,
  targetOf,
  tokenRequests,
} from "../testing/compat-world.ts";
import { ask } from "../testing/question.ts";

let world: CompatWorld;
let forwarding: CompatWorld;
beforeAll(async () => {
  const options = {
    OAUTH2_PROXY_WHITELIST_DOMAINS: ".example.com",
    OAUTH2_PROXY_EMAIL_DOMAINS: "company.com",
    OAUTH2_PROXY_REVERSE_PROXY: "true",
    OAUTH2_PROXY_SKIP_AUTH_ROUTES: "^/foo/.*/bar$,^/admin$,^/public",
    OAUTH2_PROXY_PING_USER_AGENT: "hc/1",
    OAUTH2_PROXY_ALLOWED_GROUPS: "ops",
  };
  world = await startCompat(options);
  forwarding = await startCompat({ ...options, OAUTH2_PROXY_UPSTREAMS: "http://127.0.0.1:1/" });
});
afterAll(() => Promise.all([world.close(), forwarding.close()]));

const get = (path: string, headers: readonly string[] = [], at = world) =>
  ask(at.point.port, path, ["Host", "app.example.com", ...headers]);
const asked = async (uri: string, headers: readonly string[] = []) =>
  (await get("/oauth2/auth", ["X-Forwarded-Uri", uri, ...headers])).status;
const leadsTo = async (rd: string) => targetOf(await get(`/oauth2/start?rd=${encodeURIComponent(rd)}`));
const company = { email: "a@company.com", groups: ["ops"] };

test("CVE-2017-1000069, GHSA-rrm8-32g4-w8m3: a login of another browser is not finished here", async () => {
  const [attacker, victim] = [new Browser(world.point.port), new Browser(world.point.port)];
  await comeBack(world, victim, await attacker.begin());
  expect([victim.cookies.has("_oauth2_proxy"), tokenRequests(world)]).toEqual([false, 0]);
});

test.each([
  ["CVE-2017-1000070, GHSA-jm34-xm8m-w958", "//evil.example/"],
  ["CVE-2020-5233, GHSA-qqxw-m5fj-f7gv", "/\\evil.example"],
  ["CVE-2020-11053, GHSA-j7px-6hwj-hpjg", "/\t/evil.example"],
  ["CVE-2020-11053, GHSA-j7px-6hwj-hpjg", "/%09/evil.example"],
  ["CVE-2020-4037, GHSA-5m6c-jp6f-2vcv", "/\u000b/evil.example"],
  ["CVE-2020-4037, GHSA-5m6c-jp6f-2vcv", "/\n\\evil.example"],
  ["CVE-2021-21291, GHSA-4mf2-f3wh-gvf2", "https://evilexample.com/"],
])("%s: %j is no place to return to", async (_, target) => {
  expect(await leadsTo(target)).toBe("/");
});

test("CVE-2021-21411, GHSA-652x-m2gr-hppm: a group rule is enforced", async () => {
  const cookie = ["Cookie", world.point.cookie({ ...company, groups: ["dev"] })];
  expect((await get("/oauth2/auth", cookie)).status).toBe(401);
  expect((await get("/oauth2/auth", ["Cookie", world.point.cookie(company)])).status).toBe(202);
});

test("CVE-2025-54576, GHSA-7rh7-c77v-6434: an open path is matched without the query", async () => {
  expect(await asked("/foo/secret?x=/bar")).toBe(401);
  expect(await asked("/foo/secret/bar?x=1")).toBe(202);
  expect((await get("/foo/secret?x=/bar")).status).toBe(403);
});

test("CVE-2026-34457, GHSA-5hvv-m4w4-gf6v: a health check's agent opens no other path", async () => {
  for (const agent of ["hc/1", "GoogleHC/1.0"]) {
    expect((await get("/oauth2/auth", ["User-Agent", agent])).status).toBe(401);
    expect((await get("/app", ["User-Agent", agent])).status).toBe(403);
  }
  expect((await get("/ping", ["User-Agent", "hc/1"])).status).toBe(200);
});

test("CVE-2026-40575, GHSA-7x63-xv5r-3p2x, issue 3506: a forwarded path opens nothing that we hand on ourselves", async () => {
  expect((await get("/secret", ["X-Forwarded-Uri", "/public"], forwarding)).status).toBe(403);
  expect((await get("/public", ["X-Forwarded-Uri", "/secret"], forwarding)).status).toBe(502);
});

test.each(["/admin#/x", "/admin%23/x", "/secret#/public", "/admin%3f"])(
  "CVE-2026-41059, GHSA-pxq7-h93f-9jrg: %j is not the path in front of the sign",
  async (uri) => {
    expect([400, 401]).toContain(await asked(uri));
  },
);

test("CVE-2026-40574, GHSA-c5c4-8r6x-56w3: an address has one domain", async () => {
  const cookie = world.point.cookie({ ...company, email: "attacker@evil.com@company.com" });
  expect((await get("/oauth2/auth", ["Cookie", cookie])).status).toBe(401);
});

test("CVE-2026-34454, GHSA-f24x-5g9q-753f: the sign-in page ends the session in the browser, in parts too", async () => {
  const browser = new Browser(world.point.port);
  const [name = "", value = ""] = world.point.cookie(company).split("=", 2);
  browser.cookies.set(name, value).set("_oauth2_proxy_0", "x").set("_oauth2_proxy_1", "y");
  await browser.get("/oauth2/sign_in");
  expect([...browser.cookies.keys()]).toEqual([]);
  expect((await browser.get("/oauth2/auth")).status).toBe(401);
});

test("PR 3478: the first of forwarded addresses is anybody's", async () => {
  const list = await startCompat({
    OAUTH2_PROXY_TRUSTED_IPS: "203.0.113.1",
    OAUTH2_PROXY_REVERSE_PROXY: "true",
    OAUTH2_PROXY_REAL_CLIENT_IP_HEADER: "X-Forwarded-For",
  });
  const from = async (hops: string) => (await get("/oauth2/auth", ["X-Forwarded-For", hops], list)).status;
  expect([await from("203.0.113.1, 198.51.100.7"), await from("203.0.113.1")]).toEqual([401, 202]);
  await list.close();
});

test.each(["\\", "%", "http://[", "://", "\u00ff", "?", "#"])(
  "Authelia CVE-2021-32637: an original address such as %j is no allow",
  async (uri) => {
    expect([400, 401]).toContain(await asked(uri));
    expect((await get("/oauth2/auth", ["X-Original-URL", uri])).status).toBe(401);
  },
);

test.each(["x", "%", "|||", "a|b|c", "=", `${"A".repeat(5000)}`])(
  "authentik CVE-2026-25748: the cookie %j is nobody",
  async (value) => {
    expect((await get("/oauth2/auth", ["Cookie", `_oauth2_proxy=${value}`])).status).toBe(401);
  },
);

test.each(["unknown", ",", "1.2.3", "999.1.1.1", "\u00e4"])(
  "authentik CVE-2024-47070: X-Forwarded-For %j skips no rule",
  async (hops) => {
    expect(await asked("/secret", ["X-Forwarded-For", hops, "X-Real-IP", hops])).toBe(401);
  },
);

test.each(["//admin", "/%2Fadmin", "/%5Cadmin", "/public/..%2Fsecret", "/public/%5C..%5Csecret"])(
  "Istio CVE-2021-31920, Envoy CVE-2021-29492: %j needs a login",
  async (uri) => {
    expect([400, 401]).toContain(await asked(uri));
  },
);
