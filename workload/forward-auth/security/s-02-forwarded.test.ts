/** S-02, S-21, S-28: who is believed about the user's request. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CompatWorld, parametersOf, startCompat } from "../testing/compat-world.ts";
import { ask } from "../testing/question.ts";

const RULES = {
  OAUTH2_PROXY_SKIP_AUTH_ROUTES: "^/public,GET=^/readable",
  OAUTH2_PROXY_REVERSE_PROXY: "true",
};

let trusted: CompatWorld;
let untrusted: CompatWorld;
let forwarding: CompatWorld;
beforeAll(async () => {
  trusted = await startCompat(RULES);
  untrusted = await startCompat({ ...RULES, OAUTH2_PROXY_TRUSTED_PROXY_IPS: "192.0.2.1" });
  forwarding = await startCompat({ ...RULES, OAUTH2_PROXY_UPSTREAMS: "http://127.0.0.1:1/" });
});
afterAll(() => Promise.all([trusted.close(), untrusted.close(), forwarding.close()]));

const status = async (
  world: CompatWorld,
  path: string,
  headers: readonly string[],
  method = "GET",
): Promise<number> => (await ask(world.point.port, path, headers, method)).status;

test("S-02 where we hand the request on ourselves, our request line decides (CVE-2026-40575)", async () => {
  expect(await status(forwarding, "/admin", ["X-Forwarded-Uri", "/public"])).toBe(403);
  expect(await status(forwarding, "/readable", ["X-Forwarded-Method", "GET"], "POST")).toBe(403);
  expect(await status(forwarding, "/public/x", ["X-Forwarded-Uri", "/admin"])).toBe(502);
});

test("S-02 headers of a peer that is no gateway are nothing", async () => {
  expect(await status(untrusted, "/oauth2/auth", ["X-Forwarded-Uri", "/public"])).toBe(401);
  const told = ["Host", "app.example.com", "X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "http"];
  const login = parametersOf(await ask(untrusted.point.port, "/oauth2/start", told));
  expect(login.get("redirect_uri")).toBe("https://app.example.com/oauth2/callback");
  expect(login.get("state")).toMatch(/:\/$/);
});

test.each([
  ["two URIs", ["X-Forwarded-Uri", "/public", "X-Forwarded-Uri", "/admin"], 400],
  ["two hosts", ["Host", "a.example", "Host", "b.example"], 400],
  ["two credentials", ["Authorization", "Bearer a", "Authorization", "Bearer b"], 400],
  ["a list of URIs", ["X-Forwarded-Uri", "/admin, /public"], 401],
  ["another origin", ["X-Forwarded-Uri", "http://other/public"], 401],
  ["an authority", ["X-Forwarded-Uri", "//other/public"], 401],
  ["no slash", ["X-Forwarded-Uri", "public"], 401],
  ["nothing", ["X-Forwarded-Uri", ""], 401],
  ["an asterisk", ["X-Forwarded-Uri", "*"], 401],
  ["another header", ["X-Original-URL", "https://app/public"], 401],
  ["Forwarded", ["Forwarded", "host=evil"], 401],
] as const)("S-02 %s opens nothing", async (_, headers, expected) => {
  expect(await status(trusted, "/oauth2/auth", headers)).toBe(expected);
});

test("S-02 the method is the user's on endpoints that only decide", async () => {
  const asked = (method: string) => ["X-Forwarded-Uri", "/readable", "X-Forwarded-Method", method];
  expect(await status(trusted, "/oauth2/auth", asked("GET"))).toBe(202);
  expect(await status(trusted, "/oauth2/auth", asked("POST"))).toBe(401);
  expect(await status(trusted, "/oauth2/auth", asked("get"))).toBe(401);
});

test.each(["a.example, b.example", "a.example:99999", "a.example/..", "[::1", "a.example@b", "a b"])(
  "S-02 X-Forwarded-Host %j names no place to return to",
  async (host) => {
    const told = ["Host", "app.example.com", "X-Forwarded-Host", host, "X-Forwarded-Proto", "https"];
    const answer = await ask(trusted.point.port, "/oauth2/start", told);
    expect(answer.status).toBe(400);
  },
);

test.each(["HTTPS", "https,http", "javascript", " ", "file"])("S-02 X-Forwarded-Proto %j", async (proto) => {
  const told = ["Host", "app.example.com", "X-Forwarded-Proto", proto];
  const uri = parametersOf(await ask(trusted.point.port, "/oauth2/start", told)).get("redirect_uri");
  expect(uri).toBe("https://app.example.com/oauth2/callback");
});

test("S-28 only a preflight is a preflight, and the user's method decides", async () => {
  const world = await startCompat({ ...RULES, OAUTH2_PROXY_SKIP_AUTH_PREFLIGHT: "true" });
  const preflight = ["Origin", "https://other.example", "Access-Control-Request-Method", "POST"];
  const asked = (headers: readonly string[], method = "OPTIONS") => status(world, "/admin", headers, method);
  expect(await asked(preflight)).toBe(200);
  expect(await asked([])).toBe(403);
  expect(await asked(preflight.slice(0, 2))).toBe(403);
  expect(await asked(preflight, "GET")).toBe(403);
  const told = ["X-Forwarded-Uri", "/admin", ...preflight];
  const auth = (method: string) =>
    status(world, "/oauth2/auth", [...told, "X-Forwarded-Method", method], "GET");
  expect([await auth("OPTIONS"), await auth("POST"), await auth("options")]).toEqual([202, 401, 401]);
  await world.close();
});
