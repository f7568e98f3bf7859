/** Mode `compat`: the endpoints as oauth2-proxy has them. */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Point, startPoint } from "../testing/point.ts";
import { startProvider, type TestProvider } from "../testing/provider.ts";
import { ask } from "../testing/question.ts";

let point: Point;
let page: Point;
let provider: TestProvider;

beforeAll(async () => {
  for (const method of ["info", "warn"] as const) vi.spyOn(console, method).mockReturnValue(undefined);
  provider = await startProvider({ accounts: {}, redirectUris: ["https://h/oauth2/callback"] });
  const environment = {
    OAUTH2_PROXY_PROVIDER: "oidc",
    OAUTH2_PROXY_OIDC_ISSUER_URL: provider.issuer,
    OAUTH2_PROXY_CLIENT_ID: "forward-auth",
    OAUTH2_PROXY_CLIENT_SECRET: "client-secret-0123456789",
    OAUTH2_PROXY_EMAIL_DOMAINS: "example.com",
    OAUTH2_PROXY_REVERSE_PROXY: "true",
    OAUTH2_PROXY_UPSTREAMS: "static://200",
    OAUTH2_PROXY_SKIP_AUTH_ROUTES: "^/public/",
    OAUTH2_PROXY_WHITELIST_DOMAINS: ".example.com",
  };
  point = await startPoint(undefined, { ...environment, OAUTH2_PROXY_SKIP_PROVIDER_BUTTON: "true" });
  page = await startPoint(undefined, environment);
});
afterAll(async () => {
  await Promise.all([point.close(), page.close()]);
  await provider.close();
});

const status = async (path: string, headers: readonly string[] = []) =>
  (await ask(point.port, path, headers)).status;
const cookie = () => ["Cookie", point.cookie()];

test("/oauth2/auth answers 202, 401, and never redirects", async () => {
  expect(await status("/oauth2/auth", cookie())).toBe(202);
  expect(await status("/oauth2/auth", ["Accept", "text/html"])).toBe(401);
  const stranger = await ask(point.port, "/oauth2/auth", ["Cookie", point.cookie({ email: "x@other.org" })]);
  expect([stranger.status, stranger.headers.get("set-cookie")]).toEqual([
    401,
    expect.stringContaining("_oauth2_proxy=; Path=/; Max-Age=0"),
  ]);
});

test("the root answers 200 with a session, and goes to the provider without", async () => {
  expect(await status("/", cookie())).toBe(200);
  expect(await status("/any/path", cookie())).toBe(200);
  const answer = await ask(point.port, "/any/path?x=1", ["Host", "app.example.com"]);
  const url = new URL(answer.headers.get("location") ?? "");
  expect([answer.status, url.origin]).toEqual([302, provider.issuer]);
  expect(url.searchParams.get("redirect_uri")).toBe("https://app.example.com/oauth2/callback");
  expect(url.searchParams.get("state")).toMatch(/:\/any\/path\?x=1$/);
  expect(await status("/any", ["Accept", "application/json"])).toBe(401);
});

const CHECK = ["X-Envoy-Expected-Rq-Timeout-Ms", "2000", "Content-Length", "0"];

test.each(["/ping", "/ready", "/robots.txt"])(
  "S-21: in a check of Envoy's %s is the application's, and needs a session",
  async (path) => {
    expect(await status(path)).toBe(200);
    expect([await status(path, CHECK), await status(path, [...CHECK, ...cookie()])]).toEqual([302, 200]);
  },
);

test("S-21: our pages in a check of Envoy's reach the browser and are no allow", async () => {
  const shown = await ask(page.port, "/oauth2/sign_in", CHECK);
  expect([shown.status, shown.body.includes("Sign in")]).toEqual([403, true]);
  expect(await status("/oauth2/userinfo", cookie())).toBe(200);
  expect(await status("/oauth2/userinfo", [...CHECK, ...cookie()])).toBe(403);
  for (const path of ["sign_in", "sign_out", "start", "callback", "userinfo", "static/css/all.min.css"])
    for (const method of ["GET", "HEAD", "POST"])
      expect((await ask(page.port, `/oauth2/${path}`, CHECK, method)).status).toBeGreaterThanOrEqual(300);
});

test("a check of Envoy's also learns which identity headers to take out of the request", async () => {
  const removed = async (headers: readonly string[]) =>
    (await ask(point.port, "/x", [...cookie(), ...headers])).headers.get("x-envoy-auth-headers-to-remove");
  const names = (await removed(CHECK))?.split(",");
  for (const name of ["gap-auth", "x-forwarded-user", "x_auth_request_user", "x-auth-request-access-token"])
    expect(names).toContain(name);
  expect(names).not.toContain("x-auth-request-email");
  expect(await removed([])).toBeUndefined();
});

test("with the provider's button a page asks first, and ends an old session in the browser", async () => {
  const answer = await ask(page.port, "/x", ["Cookie", "_oauth2_proxy=old; _oauth2_proxy_0=2.x"]);
  expect(answer.status).toBe(403);
  expect(answer.body).toContain('action="/oauth2/start"><input type="hidden" name="rd" value="/x">');
  expect(answer.headers.get("set-cookie")?.split("\n")).toHaveLength(2);
  const signIn = await ask(page.port, "/oauth2/sign_in?rd=/y", ["Cookie", "_oauth2_proxy=old"]);
  expect([signIn.status, signIn.headers.get("set-cookie")]).toEqual([
    200,
    expect.stringContaining("Max-Age=0"),
  ]);
});

test("a trusted gateway's address decides about open paths and redirects", async () => {
  expect(await status("/oauth2/auth", ["X-Forwarded-Uri", "/public/x"])).toBe(202);
  expect(await status("/oauth2/auth", ["X-Forwarded-Uri", "/public/%2e%2e/admin"])).toBe(401);
  expect(await status("/oauth2/auth", ["X-Forwarded-Uri", "/admin"])).toBe(401);
  expect(await status("/public/x")).toBe(200);
  const headers = [
    "X-Forwarded-Proto",
    "https",
    "X-Forwarded-Host",
    "app.example.com",
    "X-Forwarded-Uri",
    "/deep?x",
  ];
  const state = new URL(
    (await ask(point.port, "/oauth2/start", headers)).headers.get("location") ?? "",
  ).searchParams.get("state");
  expect(state).toMatch(/:https:\/\/app\.example\.com\/deep\?x$/);
});

test("own paths on the request line are no open paths of somebody else", async () => {
  expect(await status("/admin", ["X-Forwarded-Uri", "/admin"])).toBe(302);
  expect(await status("/public/..%2fadmin")).toBe(302);
});

test("health", async () => {
  expect([await status("/ping"), await status("/ready")]).toEqual([200, 200]);
  expect(await status("/app", ["User-Agent", "GoogleHC/1.0"])).toBe(302);
});
