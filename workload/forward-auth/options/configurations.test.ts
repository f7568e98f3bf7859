/** Configurations that people run oauth2-proxy with; each must work unchanged. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readSettings, type Settings } from "../settings.ts";

const folder = mkdtempSync(join(tmpdir(), "configurations-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SECRET = "3f8a1c07e9b24d56a0c7f1e83b5d9264";

const prefixed = (variables: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(variables).map(([name, value]) => [`OAUTH2_PROXY_${name}`, value]));

/** Names of the headers that answers carry, in order. */
const announced = ({ structure }: Settings) => structure.responseHeaders.map(({ name }) => name);

const IDENTITY = [
  "X-Auth-Request-User",
  "X-Auth-Request-Email",
  "X-Auth-Request-Preferred-Username",
  "X-Auth-Request-Groups",
];

test("ingress-nginx with Dex: all flags", () => {
  const settings = readSettings({}, [
    "--provider=oidc",
    "--provider-display-name=Dex",
    "--oidc-issuer-url=https://dex.example.com",
    "--client-id=nginx",
    "--client-secret=hidden",
    `--cookie-secret=${SECRET}`,
    "--cookie-domain=.example.com",
    "--whitelist-domain=.example.com",
    "--email-domain=*",
    "--upstream=file:///dev/null",
    "--http-address=0.0.0.0:4180",
    "--reverse-proxy=true",
    "--set-xauthrequest",
    "--skip-provider-button",
    "--redirect-url=https://auth.example.com/oauth2/callback",
  ]);
  expect(settings).toMatchObject({
    mode: "compat",
    allowStatus: 404,
    publicAddress: { callback: "https://auth.example.com/oauth2/callback" },
    structure: {
      server: { bindAddress: "0.0.0.0:4180" },
      upstreams: [{ id: "/dev/null", path: "/dev/null", uri: "file:///dev/null" }],
      providers: [{ id: "Dex", type: "oidc", clientId: "nginx" }],
    },
  });
  expect(announced(settings)).toEqual(IDENTITY);
});

test("Istio with Okta: the Helm chart's file, flags and variables", () => {
  const file = join(folder, "oauth2_proxy.cfg");
  writeFileSync(file, 'email_domains = [ "*" ]\nupstreams = [ "file:///dev/null" ]\n');
  const variables = prefixed({ CLIENT_ID: "okta", CLIENT_SECRET: "hidden", COOKIE_SECRET: SECRET });
  const settings = readSettings(variables, [
    "--provider=oidc",
    "--cookie-secure=true",
    "--cookie-samesite=lax",
    "--cookie-refresh=1h",
    "--cookie-expire=4h",
    "--cookie-name=_oauth2_proxy_istio_ingressgateway",
    "--set-authorization-header=true",
    "--email-domain=*",
    "--http-address=0.0.0.0:4180",
    "--upstream=static://200",
    "--skip-provider-button=true",
    "--oidc-issuer-url=https://example.okta.com/oauth2/default",
    "--metrics-address=0.0.0.0:44180",
    `--config=${file}`,
  ]);
  expect(settings).toMatchObject({
    allowStatus: 200,
    sessionLife: 14_400_000,
    options: { cookie_refresh: 3_600_000, email_domains: ["*"], upstreams: ["static://200"] },
    structure: { metricsServer: { bindAddress: "0.0.0.0:44180" } },
  });
  expect(announced(settings)).toEqual(["Authorization"]);
});

const CHARM = {
  HTTP_ADDRESS: "0.0.0.0:4180",
  SKIP_PROVIDER_BUTTON: "true",
  EMAIL_DOMAINS: "*",
  SET_XAUTHREQUEST: "true",
  REVERSE_PROXY: "true",
  UPSTREAMS: "static://200",
  SSL_INSECURE_SKIP_VERIFY: "false",
  COOKIE_SECRET: SECRET,
  CLIENT_ID: "default",
  CLIENT_SECRET: "default",
};

test("Canonical's charm with the Identity Platform: all variables", () => {
  const emails = join(folder, "access_list.cfg");
  writeFileSync(emails, "ada@example.com\n");
  const settings = readSettings(
    {
      ...prefixed({
        ...CHARM,
        PROVIDER: "oidc",
        PROVIDER_DISPLAY_NAME: "Identity Platform",
        OIDC_ISSUER_URL: "https://hydra.example.com",
        CLIENT_ID: "id",
        CLIENT_SECRET: "hidden",
        SCOPE: "openid email profile offline_access",
        REDIRECT_URL: "https://gw.example.com/model-proxy/oauth2/callback",
        WHITELIST_DOMAINS: "gw.example.com",
        SKIP_AUTH_ROUTES: "^/a/health,GET=^/b/",
        AUTHENTICATED_EMAILS_FILE: emails,
        SKIP_JWT_BEARER_TOKENS: "true",
        BEARER_TOKEN_LOGIN_FALLBACK: "false",
        EXTRA_JWT_ISSUERS: "https://hydra.example.com=id",
        SET_AUTHORIZATION_HEADER: "true",
      }),
      HTTP_PROXY: "",
      NO_PROXY: "",
    },
    [],
  );
  expect(announced(settings)).toEqual([...IDENTITY, "Authorization"]);
  expect(settings.extraIssuers).toEqual([{ issuer: "https://hydra.example.com", audience: "id" }]);
  expect(settings.skipAuth.map((route) => route.matches("POST", "/b/x"))).toEqual([false, false]);
  expect(settings.skipAuth.map((route) => route.matches("GET", "/b/x"))).toEqual([false, true]);
  expect(settings.warnings).toContain('email_domains "*" makes authenticated_emails_file ineffective');
});

test("Canonical's charm before it has a provider", () => {
  const settings = readSettings(prefixed(CHARM), []);
  expect(settings.structure.providers).toMatchObject([{ id: "google=default", type: "google" }]);
  expect(settings.allowStatus).toBe(200);
});
