import type { Sensitive, WorkloadPlan } from "charmed-iap/charm";
import type { ForwardAuthEnvironment, RulesFile } from "../../workload/forward-auth/config.ts";

/** Where the decision point listens, in the pod. */
export const PORT = 4180;

/** Scopes of the client, as its upstream has them. */
export const SCOPE = "openid email profile offline_access";

const RULES = "/etc/config/oauth2-proxy/rules.json";
const CA_BUNDLE = "/etc/config/oauth2-proxy/ca.pem";

/** What the service is told. */
export interface Settings {
  /** Public base of the sign-in endpoints, without a trailing slash. */
  readonly baseUrl: string;
  readonly dev: boolean;
  readonly jwtBearerTokens: boolean;
  readonly setAuthorizationHeader: boolean;
  readonly cookieSecret: Sensitive<string>;
  /** Absent until the provider has registered a client: then nobody can sign in. */
  readonly client?: {
    readonly issuer: string;
    readonly id: string;
    readonly secret: Sensitive<string>;
  };
  readonly rules: RulesFile;
  /** Domain of the session cookie; absent: the host of `baseUrl` alone. */
  readonly cookieDomain: string | undefined;
  /** CA certificates, PEM, sorted. */
  readonly authorities: readonly string[];
  /** Makes a container path text that commands and files may name. */
  readonly path: (absolute: string) => string;
}

type Environment = { readonly [K in keyof ForwardAuthEnvironment]: string | Sensitive<string> | undefined };

const onOff = (value: boolean): string => (value ? "true" : "false");

function environment(settings: Settings): Environment {
  const { client, baseUrl, jwtBearerTokens, authorities, path } = settings;
  return {
    OAUTH2_PROXY_HTTP_ADDRESS: `0.0.0.0:${PORT}`,
    OAUTH2_PROXY_REVERSE_PROXY: "true",
    OAUTH2_PROXY_DECISION_MODE: "forwarded",
    OAUTH2_PROXY_RULES_FILE: path(RULES),
    OAUTH2_PROXY_SET_XAUTHREQUEST: "true",
    OAUTH2_PROXY_UPSTREAMS: "static://200",
    OAUTH2_PROXY_SSL_INSECURE_SKIP_VERIFY: onOff(settings.dev),
    OAUTH2_PROXY_COOKIE_SECRET: settings.cookieSecret,
    // Browsers keep a Secure cookie from plain HTTP out.
    OAUTH2_PROXY_COOKIE_SECURE: baseUrl.startsWith("http:") ? "false" : undefined,
    OAUTH2_PROXY_COOKIE_DOMAINS: settings.cookieDomain,
    OAUTH2_PROXY_REDIRECT_URL: callbackUrl(baseUrl),
    OAUTH2_PROXY_WHITELIST_DOMAINS: new URL(baseUrl).host,
    OAUTH2_PROXY_CLIENT_ID: client?.id ?? "default",
    OAUTH2_PROXY_CLIENT_SECRET: client?.secret ?? "default",
    OAUTH2_PROXY_SET_AUTHORIZATION_HEADER: settings.setAuthorizationHeader ? "true" : undefined,
    ...(client && {
      OAUTH2_PROXY_PROVIDER: "oidc",
      OAUTH2_PROXY_PROVIDER_DISPLAY_NAME: "Identity Platform",
      OAUTH2_PROXY_OIDC_ISSUER_URL: client.issuer,
      OAUTH2_PROXY_SCOPE: SCOPE,
      OAUTH2_PROXY_SKIP_PROVIDER_BUTTON: "true",
    }),
    ...(client &&
      jwtBearerTokens && {
        OAUTH2_PROXY_SKIP_JWT_BEARER_TOKENS: "true",
        OAUTH2_PROXY_BEARER_TOKEN_LOGIN_FALLBACK: "false",
        OAUTH2_PROXY_EXTRA_JWT_ISSUERS: `${client.issuer}=${client.id}`,
      }),
    ...(authorities.length > 0 && {
      OAUTH2_PROXY_PROVIDER_CA_FILES: path(CA_BUNDLE),
      OAUTH2_PROXY_USE_SYSTEM_TRUST_STORE: "true",
    }),
  };
}

/** What runs in the container. The rules are read again when they change; all else restarts the service. */
export function plan(settings: Settings): WorkloadPlan {
  const { authorities } = settings;
  return {
    services: {
      "oauth2-proxy": {
        command: "/bin/oauth2-proxy",
        summary: "oauth2 proxy",
        environment: { ...environment(settings) },
        "on-check-failure": { ready: "ignore" },
        reads: [CA_BUNDLE],
      },
    },
    checks: { ready: { http: { url: `http://localhost:${PORT}/ready` }, period: "10s" } },
    files: {
      [RULES]: `${JSON.stringify(settings.rules, null, 2)}\n`,
      [CA_BUNDLE]: authorities.length > 0 ? `${authorities.join("\n")}\n` : undefined,
    },
  };
}

/** Where the provider sends the person back to. */
export const callbackUrl = (baseUrl: string): string => `${baseUrl.replace(/\/+$/, "")}/oauth2/callback`;

/** The version in what `oauth2-proxy --version` prints, with its `v`. */
export const versionIn = (text: string): string | undefined => /v(\w+\.)+\w+/.exec(text)?.[0];
