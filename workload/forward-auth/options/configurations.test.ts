/**
 * Configurations that people run oauth2-proxy with, as settings. The suite of peers starts the program with them, behind the
 * gateways that they were written for.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { CONTAINERS } from "../../../test/peers/configurations/containers.ts";
import { readSettings, type Settings } from "../settings.ts";

const folder = mkdtempSync(join(tmpdir(), "configurations-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Settings of a container, whose files are here. @param more Variables beside its own. */
function settingsOf(
  name: keyof typeof CONTAINERS,
  more: Readonly<Record<string, string>> = {},
  without: RegExp = /^$/,
): Settings {
  const { args, environment, files } = CONTAINERS[name];
  const here = (text: string): string => {
    const file = Object.keys(files).find((path) => text.endsWith(path));
    return file === undefined ? text : text.replace(file, join(folder, basename(file)));
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, basename(path)), text);
  const variables = Object.entries(environment).filter(([key]) => !without.test(key));
  return readSettings(
    { ...Object.fromEntries(variables.map(([key, value]) => [key, here(value)])), ...more },
    args.map(here),
  );
}

/** Names of the headers that answers carry, in order. */
const announced = ({ structure }: Settings) => structure.responseHeaders.map(({ name }) => name);

const IDENTITY = [
  "X-Auth-Request-User",
  "X-Auth-Request-Email",
  "X-Auth-Request-Preferred-Username",
  "X-Auth-Request-Groups",
];

test("ingress-nginx with Dex: all flags", () => {
  const settings = settingsOf("dex");
  expect(settings).toMatchObject({
    mode: "compat",
    allowStatus: 404,
    publicAddress: { callback: "https://auth.example.com/oauth2/callback" },
    structure: {
      server: { bindAddress: "0.0.0.0:4180" },
      upstreams: [{ id: "/dev/null", path: "/dev/null", uri: "file:///dev/null" }],
      providers: [{ id: "Dex", type: "oidc", clientId: "ingress-nginx" }],
    },
  });
  expect(announced(settings)).toEqual(IDENTITY);
});

test("Istio with Okta: the chart's flags and variables", () => {
  const settings = settingsOf("okta");
  expect(settings).toMatchObject({
    allowStatus: 200,
    sessionLife: 14_400_000,
    options: { cookie_refresh: 3_600_000, email_domains: ["*"], upstreams: ["static://200"] },
  });
  expect(announced(settings)).toEqual(["Authorization"]);
});

test("the chart's file, Redis and addresses: flags win over the file", () => {
  const settings = settingsOf("okta with Redis");
  expect(settings).toMatchObject({
    allowStatus: 200,
    options: {
      email_domains: ["example.com"],
      upstreams: ["static://200"],
      session_store_type: "redis",
      redis_password: "foo",
      pass_access_token: true,
    },
    structure: { metricsServer: { bindAddress: "0.0.0.0:44180" } },
  });
  expect(announced(settings)).toEqual([...IDENTITY, "X-Auth-Request-Access-Token", "Authorization"]);
});

test("the chart's structured configuration", () => {
  const settings = settingsOf("okta, structured", { OAUTH2_PROXY_CLIENT_SECRET: "from-the-environment" });
  expect(settings).toMatchObject({
    allowStatus: 200,
    structure: {
      server: { bindAddress: "0.0.0.0:4180" },
      providers: [{ id: "okta", type: "oidc", clientSecret: "from-the-environment" }],
    },
  });
  expect(announced(settings)).toEqual(["Authorization", "X-Auth-Request-User", "X-Auth-Request-Email"]);
});

test("Canonical's charm with the Identity Platform, bearer tokens and the header for them", () => {
  const settings = settingsOf("canonical", {
    OAUTH2_PROXY_EMAIL_DOMAINS: "*",
    OAUTH2_PROXY_SKIP_AUTH_ROUTES: "^/a/health,GET=^/b/",
    OAUTH2_PROXY_SKIP_JWT_BEARER_TOKENS: "true",
    OAUTH2_PROXY_BEARER_TOKEN_LOGIN_FALLBACK: "false",
    OAUTH2_PROXY_EXTRA_JWT_ISSUERS: "https://gw.example.com/iam-hydra=id",
    OAUTH2_PROXY_SET_AUTHORIZATION_HEADER: "true",
  });
  expect(announced(settings)).toEqual([...IDENTITY, "Authorization"]);
  expect(settings.extraIssuers).toEqual([{ issuer: "https://gw.example.com/iam-hydra", audience: "id" }]);
  expect(settings.skipAuth.map((route) => route.matches("POST", "/b/x"))).toEqual([false, false]);
  expect(settings.skipAuth.map((route) => route.matches("GET", "/b/x"))).toEqual([false, true]);
  expect(settings.warnings).toContain('email_domains "*" makes authenticated_emails_file ineffective');
});

test("Canonical's charm before it has a provider", () => {
  const settings = settingsOf(
    "canonical",
    {
      OAUTH2_PROXY_CLIENT_ID: "default",
      OAUTH2_PROXY_CLIENT_SECRET: "default",
      OAUTH2_PROXY_EMAIL_DOMAINS: "*",
    },
    /_(?:PROVIDER|PROVIDER_DISPLAY_NAME|OIDC_ISSUER_URL|SCOPE|AUTHENTICATED_EMAILS_FILE|SKIP_AUTH_ROUTES)$/,
  );
  expect(settings.structure.providers).toMatchObject([{ id: "google=default", type: "google" }]);
  expect(settings.allowStatus).toBe(200);
});
