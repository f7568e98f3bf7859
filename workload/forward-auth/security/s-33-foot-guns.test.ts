/** S-33: settings that hold together but open something are told at start, each by its name. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readSettings } from "../settings.ts";
import { COMPAT } from "../testing/compat.ts";

const folder = mkdtempSync(join(tmpdir(), "foot-guns-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "secret");
writeFileSync(file, "client-secret-0123456789");
chmodSync(file, 0o644);

/** Nothing in it is worth a warning but what the address of its provider is. */
const GOOD = {
  ...COMPAT,
  OAUTH2_PROXY_OIDC_ISSUER_URL: "https://issuer.example",
  OAUTH2_PROXY_COOKIE_SECRET: "pX7-3mK9vQ2wZr8LcY5nTb1sHd6gJf4aUe0iOqBWkxM=",
  OAUTH2_PROXY_REDIRECT_URL: "https://app.example.com/oauth2/callback",
};
const warnings = (more: Readonly<Record<string, string>>) =>
  readSettings({ ...GOOD, ...more }, []).warnings.join("\n");

const GATEWAY = { OAUTH2_PROXY_REVERSE_PROXY: "true", OAUTH2_PROXY_UPSTREAMS: "static://202" };

test.each<[string, Readonly<Record<string, string>>, RegExp]>([
  ["a file of addresses beside a star", { OAUTH2_PROXY_AUTHENTICATED_EMAILS_FILE: file }, /ineffective/],
  ["a gateway that nobody named", GATEWAY, /without trusted_proxy_ips/],
  ["no hosts to return to", GATEWAY, /no whitelist_domains/],
  ["headers that a gateway copies are off", GATEWAY, /set_xauthrequest is off/],
  ["cookies that are not Secure", { OAUTH2_PROXY_COOKIE_SECURE: "false" }, /not Secure although/],
  [
    "SameSite none without Secure",
    { OAUTH2_PROXY_COOKIE_SECURE: "false", OAUTH2_PROXY_COOKIE_SAMESITE: "none" },
    /"none" without cookie_secure/,
  ],
  ["a route that matches anywhere", { OAUTH2_PROXY_SKIP_AUTH_ROUTES: "/public" }, /without \^/],
  ["the same with a method", { OAUTH2_PROXY_SKIP_AUTH_ROUTES: "GET=/public" }, /without \^/],
  [
    "a health path of the application",
    { OAUTH2_PROXY_UPSTREAMS: "http://127.0.0.1:1/api/", OAUTH2_PROXY_PING_PATH: "/api/ping" },
    /ping_path "\/api\/ping" hides/,
  ],
  [
    "a readiness path of the application",
    { OAUTH2_PROXY_UPSTREAMS: "http://127.0.0.1:1/api/", OAUTH2_PROXY_READY_PATH: "/api/" },
    /ready_path "\/api\/" hides/,
  ],
  ["a secret of one letter", { OAUTH2_PROXY_COOKIE_SECRET: "a".repeat(32) }, /cookie_secret is weak/],
  [
    "a secret of digits",
    { OAUTH2_PROXY_COOKIE_SECRET: "12345678901234567890123456789012" },
    /cookie_secret is weak/,
  ],
  [
    "an example as secret",
    { OAUTH2_PROXY_COOKIE_SECRET: "OQINaROshtE9TcZkNfm-5Zs2Pv3xaWytBmc5W7sPX7w=" },
    /example from documentation/,
  ],
  ["nonces left out", { OAUTH2_PROXY_INSECURE_OIDC_SKIP_NONCE: "true" }, /skip_nonce/],
  [
    "addresses nobody verified",
    { OAUTH2_PROXY_INSECURE_OIDC_ALLOW_UNVERIFIED_EMAIL: "true" },
    /allow_unverified_email/,
  ],
  ["any issuer", { OAUTH2_PROXY_INSECURE_OIDC_SKIP_ISSUER_VERIFICATION: "true" }, /skip_issuer/],
  ["a provider nobody verifies", { OAUTH2_PROXY_SSL_INSECURE_SKIP_VERIFY: "true" }, /ssl_insecure/],
  ["a misspelt variable", { OAUTH2_PROXY_EMAIL_DOMAINZ: "x" }, /OAUTH2_PROXY_EMAIL_DOMAINZ/],
  ["cookies of a whole domain", { OAUTH2_PROXY_COOKIE_DOMAINS: ".example.com" }, /cookie_domains lets/],
  ["sessions without end", { OAUTH2_PROXY_COOKIE_REFRESH: "1m" }, /session_max_age/],
])("S-33: %s", (_, more, said) => {
  expect(warnings({})).not.toMatch(said);
  expect(warnings(more)).toMatch(said);
});

test("S-33: a secret file that everybody can read", () => {
  const { OAUTH2_PROXY_CLIENT_SECRET: _, ...rest } = GOOD;
  const told = () => readSettings({ ...rest, OAUTH2_PROXY_CLIENT_SECRET_FILE: file }, []).warnings.join("\n");
  chmodSync(file, 0o644);
  expect(told()).toContain("everybody on this machine can read client_secret_file");
  chmodSync(file, 0o600);
  expect(told()).not.toContain("everybody on this machine");
});

test("S-33: no warning repeats a secret", () => {
  const secret = "a".repeat(32);
  expect(warnings({ OAUTH2_PROXY_COOKIE_SECRET: secret, ...GATEWAY })).not.toContain(secret);
});
