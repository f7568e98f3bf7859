import type { OptionGroup } from "../spec.ts";

/** Where sessions are kept. */
export const SESSIONS = {
  session_store_type: {
    kind: "string",
    default: "cookie",
    about: "`cookie`, `redis`, or `memory`, which is ours: for one replica, lost at its end.",
  },
  session_format: {
    kind: "string",
    default: "",
    ours: true,
    about:
      "Format in which sessions are written: `oauth2-proxy` or `sealed` (AES-256-GCM). Empty: `oauth2-proxy` in mode `compat`, else `sealed`. Both are read.",
  },
  session_tokens: {
    kind: "string",
    default: "all",
    strict: "needed",
    ours: true,
    about:
      "Tokens of the provider that a session keeps: `all`, or those that are `needed` by an injected header, the refresh or the sign-out.",
  },
  session_max_age: {
    kind: "duration",
    default: "0",
    ours: true,
    about: "Time after the sign-in at which a session ends, however often it was refreshed; 0: never.",
  },
  session_cookie_minimal: {
    kind: "boolean",
    default: "false",
    about: "Keep the provider's tokens out of the cookie.",
  },
  decision_cache_ttl: {
    kind: "duration",
    default: "10s",
    ours: true,
    about:
      "Longest time for which an allow is given again to the same cookies without opening them anew, in mode `compat`; a sign-out or refresh here ends it at once. 0: never.",
  },
  redis_connection_url: {
    kind: "string",
    default: "",
    secret: true,
    about: "`redis://`, `rediss://` or `unix://` URL.",
  },
  redis_username: { kind: "string", default: "", about: "User, instead of the URL's." },
  redis_password: { kind: "string", default: "", secret: true, about: "Password, instead of the URL's." },
  redis_use_sentinel: { kind: "boolean", default: "false", about: "Find the server by sentinels." },
  redis_sentinel_master_name: { kind: "string", default: "", about: "Name of the master set." },
  redis_sentinel_password: {
    kind: "string",
    default: "",
    secret: true,
    about: "Password of the sentinels themselves.",
  },
  redis_sentinel_connection_urls: {
    kind: "list",
    default: "",
    secret: true,
    about: "URLs of the sentinels.",
  },
  redis_use_cluster: { kind: "boolean", default: "false", about: "The server is a cluster." },
  redis_cluster_connection_urls: {
    kind: "list",
    default: "",
    secret: true,
    about: "URLs of some of its nodes.",
  },
  redis_ca_path: { kind: "string", default: "", about: "CA bundle for the server, beside the system's." },
  redis_insecure_skip_tls_verify: {
    kind: "boolean",
    default: "false",
    about: "Do not verify the server's certificate.",
  },
  redis_connection_idle_timeout: {
    kind: "integer",
    default: "0",
    about: "Seconds after which an idle connection is closed; 0: never.",
  },
} as const satisfies OptionGroup;
