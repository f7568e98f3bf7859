import { type Sensitive, sensitive, type WorkloadPlan } from "charmed-iap/charm";

/** Public and admin listener, in the pod. */
export const PUBLIC_PORT = 4444;
export const ADMIN_PORT = 4445;

const CONFIG = "/etc/config/hydra.yaml";
const DATABASE = "/var/lib/hydra/hydra.sqlite";

/** What the service is told. */
export interface Settings {
  /** The issuer, without a trailing slash. */
  readonly publicUrl: string;
  readonly dev: boolean;
  readonly logLevel: string;
  readonly jwtAccessTokens: boolean;
  readonly systemSecret: Sensitive<string>;
  readonly cookieSecret: Sensitive<string>;
  /** Makes a container path text that commands and files may name. */
  readonly path: (absolute: string) => string;
}

/** The configuration file. JSON, which is YAML whose every value is quoted. */
function configFile(settings: Settings): Sensitive<string> {
  const cors = { enabled: false };
  const config = {
    dsn: `sqlite://${settings.path(DATABASE)}?_fk=true`,
    dev: settings.dev,
    log: { level: settings.logLevel, format: "json" },
    secrets: { system: [settings.systemSecret.reveal()], cookie: [settings.cookieSecret.reveal()] },
    serve: {
      public: { port: PUBLIC_PORT, cors },
      admin: { port: ADMIN_PORT, cors },
    },
    oauth2: { expose_internal_errors: false },
    strategies: {
      access_token: settings.jwtAccessTokens ? "jwt" : "opaque",
      jwt: { scope_claim: "list" },
      scope: "exact",
    },
    urls: { self: { issuer: settings.publicUrl, public: settings.publicUrl } },
    webfinger: {
      oidc_discovery: { supported_scope: ["openid", "profile", "email", "phone"] },
      jwks: {
        broadcast_keys: [
          "hydra.openid.id-token",
          ...(settings.jwtAccessTokens ? ["hydra.jwt.access-token"] : []),
        ],
      },
    },
  };
  return sensitive(`${JSON.stringify(config, null, 2)}\n`);
}

/** What runs in the container. */
export function plan(settings: Settings): WorkloadPlan {
  const health = (what: string) => `http://localhost:${ADMIN_PORT}/health/${what}`;
  return {
    services: {
      hydra: {
        command: `hydra serve all --config ${settings.path(CONFIG)}`,
        environment: { DEV: settings.dev ? "true" : "false", TRACING_ENABLED: "False" },
      },
    },
    checks: {
      ready: { level: "ready", threshold: 3, http: { url: health("ready") } },
      alive: { level: "alive", http: { url: health("alive") } },
    },
    files: { [CONFIG]: { content: configFile(settings), permissions: "600" } },
  };
}

/** The version in what `hydra version` prints, with its `v`. */
export const versionIn = (text: string): string | undefined => /Version:\s+(v\d+\.\d+\.\d+)/.exec(text)?.[1];
