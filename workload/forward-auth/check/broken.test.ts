/** Configurations with one fault each, as people make them: what `check` says about them, word for word where it matters. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { startTestRedis } from "../testing/redis.ts";
import { check } from "./check.ts";
import type { Finding } from "./finding.ts";
import { optionIn } from "./fixes.ts";

const folder = mkdtempSync(join(tmpdir(), "broken-"));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

const COMPLETE = {
  PROVIDER: "oidc",
  OIDC_ISSUER_URL: "https://id.example.com",
  CLIENT_ID: "id",
  CLIENT_SECRET: "hidden-from-all",
  COOKIE_SECRET: "3f8a1c07e9b24d56a0c7f1e83b5d9264",
  EMAIL_DOMAINS: "example.com",
  REDIRECT_URL: "https://auth.example.com/oauth2/callback",
};

async function told(variables: Readonly<Record<string, string>>, args: readonly string[] = ["--offline"]) {
  const environment = Object.fromEntries(
    Object.entries({ ...COMPLETE, ...variables }).map(([key, value]) => [`OAUTH2_PROXY_${key}`, value]),
  );
  const { code, out, err } = await check(environment, args);
  expect(out + err).not.toContain("hidden-from-all");
  return { code, out, err };
}

test("the configuration that the others break has nothing wrong", async () => {
  const { code, out } = await told({});
  expect([code, out.split("\n").at(-2)]).toEqual([0, "0 problems, 0 warnings"]);
});

test.each([
  [
    "a short cookie secret",
    { COOKIE_SECRET: "short" },
    /PROBLEM configuration +cookie_secret \(--cookie-secret, OAUTH2_PROXY_COOKIE_SECRET\) must be 16, 24, or 32 bytes.* is 5 bytes.*\n +→ make one with: openssl rand -base64 32/,
  ],
  [
    "no cookie secret",
    { COOKIE_SECRET: "" },
    /PROBLEM configuration +missing setting: cookie_secret \(--cookie-secret,.*\n +→ make one with: openssl/,
  ],
  [
    "a file that is not there",
    { CLIENT_SECRET: "", CLIENT_SECRET_FILE: "/no/such/file" },
    /PROBLEM configuration +client_secret_file \(.*"\/no\/such\/file" is not: ENOENT\n +→ look at the path/,
  ],
  [
    "nobody who may pass",
    { EMAIL_DOMAINS: "" },
    /PROBLEM .*email_domains \(.*\n +→ name the domains or addresses/,
  ],
  [
    "sessions that end before they are refreshed",
    { COOKIE_REFRESH: "2h", COOKIE_EXPIRE: "1h" },
    /PROBLEM .*cookie_refresh \(.*must be less than cookie_expire.*\n +→ refresh sooner/,
  ],
  [
    "an expression that is none",
    { SKIP_AUTH_ROUTES: "[" },
    /PROBLEM .*skip_auth_routes \(.*missing closing \].*\n +→ write it as GET=/,
  ],
  [
    "Redis without its address",
    { SESSION_STORE_TYPE: "redis" },
    /PROBLEM .*redis_connection_url \(.*\n +→ such as redis:\/\//,
  ],
])("%s is a problem, and what to do stands below it", async (_, variables, expected) => {
  const { code, out } = await told(variables);
  expect([code, out]).toEqual([1, expect.stringMatching(expected)]);
});

test("a place in a file is told", async () => {
  const config = file("broken.toml", 'email_domains = [ "*"\nfoo = 1\n');
  const { code, out } = await told({}, ["--offline", "--config", config]);
  expect([code, out]).toEqual([1, expect.stringMatching(/broken\.toml": line 2, .*\n +→ correct the file/)]);
});

test.each([
  [
    "a callback that is not ours",
    { REDIRECT_URL: "https://auth.example.com/callback" },
    /warning .*redirect_url leads to \/callback, but the callback is at \/oauth2\/callback.*\n.*set it to https:\/\/auth\.example\.com\/oauth2\/callback,/,
  ],
  [
    "no headers for nginx to copy",
    { REVERSE_PROXY: "true", UPSTREAMS: "file:///dev/null", WHITELIST_DOMAINS: ".example.com" },
    /warning .*set_xauthrequest is off: applications do not learn who asks.*\n +→ set_xauthrequest \(--set-xauthrequest, OAUTH2_PROXY_SET_XAUTHREQUEST\)/,
  ],
  [
    "whoever may be the gateway",
    { REVERSE_PROXY: "true" },
    /warning .*reverse_proxy without trusted_proxy_ips.*\n +→ trusted_proxy_ips \(--trusted-proxy-ip,/,
  ],
  [
    "hosts that are none",
    { REVERSE_PROXY: "true", WHITELIST_DOMAINS: "*" },
    /warning .*whitelist_domains has "\*", which is no host or domain/,
  ],
  [
    "a variable that is none",
    { COOKIE_SERCET: "x" },
    /warning .*OAUTH2_PROXY_COOKIE_SERCET: unknown option, ignored; the nearest is OAUTH2_PROXY_COOKIE_SECRET/,
  ],
  [
    "secure cookies over plain HTTP",
    { REDIRECT_URL: "http://auth.example.com/oauth2/callback" },
    /warning .*redirect_url is http while cookies are Secure.*\n +→ redirect_url \(--redirect-url,/,
  ],
])("%s: a warning, for it works as far as it goes", async (_, variables, expected) => {
  const { code, out } = await told(variables);
  expect([code, out]).toEqual([0, expect.stringMatching(expected)]);
});

test("an application on another host: both options, and the value that they lack", async () => {
  const { code, out } = await told({}, ["--offline", "--url=https://app.example.com/x"]);
  expect(code).toBe(1);
  expect(out).toMatch(
    /cookie_domains \(--cookie-domain, .*\): "\.example\.com" is the domain that both are in/,
  );
  expect(out).toMatch(/whitelist_domains \(--whitelist-domain, .*\): add "app\.example\.com"/);
});

test.each(["https://app.example.org/", "http://127.0.0.1:9/"])("%s has no domain in common", async (url) => {
  const { out } = await told({}, ["--offline", `--url=${url}`]);
  expect(out).toMatch(/the two have no domain in common: have the sign-in on the application's own host/);
});

test("a gateway that is not there, and an address that is none", async () => {
  const home = { REDIRECT_URL: "http://127.0.0.1:9/oauth2/callback", COOKIE_SECURE: "false" };
  const { code, out } = await told(home, ["--offline", "--url=http://127.0.0.1:9/x"]);
  expect([code, out]).toEqual([
    1,
    expect.stringMatching(
      /PROBLEM gateway +http:\/\/127\.0\.0\.1:9\/x cannot be asked: ECONNREFUSED\n +→ look at the/,
    ),
  ]);
  const bad = await told({}, ["--offline", "--url=app.example.com"]);
  expect([bad.code, bad.err.trimEnd().split("\n").at(-1)]).toEqual([
    2,
    'Cannot read --url: must be an http or https URL, is "app.example.com"',
  ]);
});

test("a provider that is not there", async () => {
  const { code, out } = await told({ OIDC_ISSUER_URL: "http://127.0.0.1:9" }, []);
  expect([code, out]).toEqual([
    1,
    expect.stringMatching(
      /PROBLEM provider +http:\/\/127\.0\.0\.1:9\/\.well-known\S+ cannot be asked: ECONNREFUSED\n +→ oidc_issuer_url \(.*\): nobody listens there/,
    ),
  ]);
});

test("a flag that is none ends with 2, and its last words are the nearest flag", async () => {
  const { code, err } = await told({}, ["--offline", "--cookie-sercet=x"]);
  expect([code, err.trimEnd().split("\n").at(-1)]).toEqual([
    2,
    "Cannot read --cookie-sercet: unknown flag, the nearest is --cookie-secret",
  ]);
});

test("Redis keeps what is written, or the check says why it does not", async () => {
  const redis = await startTestRedis();
  const store = {
    SESSION_STORE_TYPE: "redis",
    REDIS_CONNECTION_URL: redis.url.replace("//", "//user:hidden@"),
  };
  const findings = async (): Promise<readonly Finding[]> => {
    const { out } = await told({ ...store, OIDC_ISSUER_URL: "http://127.0.0.1:9" }, ["--json"]);
    expect(out).not.toContain("hidden");
    return (JSON.parse(out) as { findings: Finding[] }).findings.filter(({ topic }) => topic === "sessions");
  };
  redis.down(true);
  expect(await findings()).toEqual([
    expect.objectContaining({
      level: "problem",
      option: "redis_connection_url",
      fix: expect.stringContaining("address"),
    }),
  ]);
  await redis.close();
  const open = await startTestRedis();
  store.REDIS_CONNECTION_URL = open.url;
  expect(await findings()).toEqual([
    { level: "ok", topic: "sessions", text: `Redis at ${open.url} keeps what is written` },
  ]);
  expect(open.keys()).toEqual([]);
  await open.close();
});

test("optionIn() takes the option that is missing, and no word that is one by chance", () => {
  expect(optionIn("reverse_proxy without trusted_proxy_ips: private addresses")).toBe("trusted_proxy_ips");
  expect(optionIn('email_domains "*" makes authenticated_emails_file ineffective')).toBe("email_domains");
  expect(optionIn("cookie_secret_file ends with a line break")).toBe("cookie_secret_file");
  expect(optionIn("the provider is reached without TLS")).toBeUndefined();
});
