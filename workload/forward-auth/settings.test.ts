import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Fault } from "./options/faults.ts";
import { networks } from "./server/address.ts";
import { ConfigurationError, readSettings } from "./settings.ts";

const folder = mkdtempSync(join(tmpdir(), "settings-"));
afterAll(() => rmSync(folder, { recursive: true }));

const complete = {
  OAUTH2_PROXY_COOKIE_SECRET: "3f8a1c07e9b24d56a0c7f1e83b5d9264",
  OAUTH2_PROXY_RULES_FILE: "/etc/rules.json",
  OAUTH2_PROXY_DECISION_MODE: "forwarded",
  OAUTH2_PROXY_REDIRECT_URL: "https://gw.localhost:8443/iam-proxy/oauth2/callback",
  OAUTH2_PROXY_OIDC_ISSUER_URL: "https://hydra.localhost",
  OAUTH2_PROXY_CLIENT_ID: "id",
  OAUTH2_PROXY_CLIENT_SECRET: "hidden",
  OAUTH2_PROXY_UPSTREAMS: "static://200",
};

function faultsOf(changes: Readonly<Record<string, string | undefined>>): readonly Fault[] {
  try {
    readSettings({ ...complete, ...changes }, []);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    expect(error.message).not.toContain("hidden");
    return error.faults;
  }
}

test("what the charm sets is complete", () => {
  const settings = readSettings(complete, []);
  expect(settings.mode).toBe("forwarded");
  expect(settings.publicAddress).toEqual({
    origin: "https://gw.localhost:8443",
    host: "gw.localhost:8443",
    path: "/iam-proxy/oauth2",
    callback: "https://gw.localhost:8443/iam-proxy/oauth2/callback",
  });
  expect(settings.warnings).toEqual([]);
});

test("before a client exists the program starts and says that nobody can sign in", () => {
  const changes = {
    OAUTH2_PROXY_OIDC_ISSUER_URL: undefined,
    OAUTH2_PROXY_CLIENT_ID: "default",
    OAUTH2_PROXY_CLIENT_SECRET: "default",
  };
  expect(readSettings({ ...complete, ...changes }, []).warnings).toEqual([
    "no oidc_issuer_url: nobody can sign in",
  ]);
});

test("a redirect URL without a path gets the callback's", () => {
  const settings = readSettings({ ...complete, OAUTH2_PROXY_REDIRECT_URL: "https://auth.example.com" }, []);
  expect(settings.publicAddress).toMatchObject({
    callback: "https://auth.example.com/oauth2/callback",
    path: "/oauth2",
  });
});

test.each([
  [{ COOKIE_SECRET: undefined }, "cookie_secret", "missing setting: cookie_secret"],
  [{ COOKIE_SECRET: "short" }, "cookie_secret", "is 5 bytes"],
  [{ COOKIE_SECRET_FILE: "/nowhere", COOKIE_SECRET: undefined }, "cookie_secret_file", "ENOENT"],
  [{ COOKIE_SAMESITE: "loose" }, "cookie_samesite", 'is "loose"'],
  [{ COOKIE_REFRESH: "168h" }, "cookie_refresh", "(168h0m0s) must be less than cookie_expire"],
  [{ COOKIE_NAME: "a b" }, "cookie_name", 'is "a b"'],
  [{ COOKIE_DOMAINS: "a.com; Secure" }, "cookie_domains", 'has "a.com; Secure"'],
  [{ REDIRECT_URL: undefined }, "redirect_url", "users are sent to its host to sign in"],
  [{ REDIRECT_URL: "https://u:p@h/x" }, "redirect_url", 'without a user, is "https://***@h/x"'],
  [
    { UPSTREAMS: "http://u:p@h:x/", DECISION_MODE: undefined },
    "upstreams",
    'must be URLs, "http://***@h:x/" is none',
  ],
  [{ DECISION_MODE: "open" }, "decision_mode", 'is "open"'],
  [{ DECISION_MODE: "envoy-http", REDIRECT_URL: undefined }, "redirect_url", "users are sent to its host"],
  [{ DECISION_MODE: "envoy-grpc" }, "grpc_address", "the HTTP listener decides nothing"],
  [{ PROVIDER: "OIDC" }, "provider", 'is "OIDC"'],
  [{ UPSTREAMS: "http://app:80" }, "upstreams", "in this decision_mode"],
  [{ UPSTREAMS: "static://401" }, "upstreams", "another 2xx code"],
  [{ TRUSTED_PROXY_IPS: "10.0.0.1/8" }, "trusted_proxy_ips", "bits behind the prefix are set"],
  [{ SKIP_AUTH_ROUTES: "^/x" }, "rules_file", "exclude each other"],
  [{ RULES_FILE: undefined }, "email_domains", "missing setting for email validation"],
  [{ CLIENT_ID: undefined }, "client_id", "missing setting: the OAuth client"],
  [{ PING_PATH: "/" }, "ping_path", 'must be a path such as "/x"'],
  [
    { EXTRA_JWT_ISSUERS: "nonsense", SKIP_JWT_BEARER_TOKENS: "true" },
    "extra_jwt_issuers",
    "must be issuer=audience pairs",
  ],
])("refuses %j", (changes, option, text) => {
  const variables = Object.entries(changes).map(([name, value]) => [`OAUTH2_PROXY_${name}`, value]);
  expect(faultsOf(Object.fromEntries(variables))).toContainEqual({
    option,
    message: expect.stringContaining(text),
  });
});

test("a __Host- cookie needs what browsers ask of it", () => {
  expect(faultsOf({ OAUTH2_PROXY_COOKIE_NAME: "__Host-s" })).toEqual([]);
  expect(
    faultsOf({ OAUTH2_PROXY_COOKIE_NAME: "__Host-s", OAUTH2_PROXY_COOKIE_DOMAINS: "a.com" }),
  ).toHaveLength(1);
});

test("a secret in a file ends before the line break", () => {
  const file = join(folder, "secret");
  writeFileSync(file, "0123456789abcdef\n");
  const environment = { ...complete, OAUTH2_PROXY_COOKIE_SECRET: "", OAUTH2_PROXY_COOKIE_SECRET_FILE: file };
  expect(readSettings(environment, []).cookieSecret).toBe("0123456789abcdef");
});

test("a secret in a file is text: bytes that are none would be another secret than was meant", () => {
  const file = join(folder, "bytes");
  writeFileSync(file, Buffer.alloc(32, 0xff));
  expect(faultsOf({ OAUTH2_PROXY_COOKIE_SECRET: "", OAUTH2_PROXY_COOKIE_SECRET_FILE: file })).toContainEqual({
    option: "cookie_secret_file",
    message: expect.stringContaining("must hold text"),
  });
});

test("trusted proxies: private ranges unless named, in canonical spellings only", () => {
  const standard = networks([]);
  for (const address of [
    "127.0.0.1",
    "::1",
    "10.1.2.3",
    "::ffff:192.168.1.1",
    "172.31.0.1",
    "100.64.0.1",
    "fd00::1",
    "fe80::1",
  ]) {
    expect(standard.has(address)).toBe(true);
  }
  for (const address of [
    "8.8.8.8",
    "172.32.0.1",
    "2001:db8::1",
    "010.0.0.1",
    "10.1",
    "0x0a000001",
    "unknown",
    "",
    "10.0.0.1:80",
  ]) {
    expect(standard.has(address)).toBe(false);
  }
  expect(networks(["192.0.2.7"]).has("192.0.2.7")).toBe(true);
  expect(networks(["192.0.2.7"]).has("127.0.0.1")).toBe(false);
  for (const text of ["", "x", "1.2.3.4/33", "1.2.3.4/8/8", "fd00::1/8", "1.2.3.0/24 "])
    expect(() => networks([text])).toThrow(RangeError);
});
