/** What an option's text is read as. `list` is comma separated; `duration` is Go's (`1h30m`, `15m`, `0`). */
export type OptionKind = "string" | "boolean" | "integer" | "duration" | "list";

/** One option: its kind, its default as text, the flag when that is not the key with dashes, and what it does. */
export interface OptionSpec {
  readonly kind: OptionKind;
  readonly default: string;
  readonly flag?: string;
  /** True for options that oauth2-proxy does not have. */
  readonly ours?: true;
  /** True when the value must never be logged. */
  readonly secret?: true;
  readonly about: string;
}

/**
 * Every option, by oauth2-proxy's configuration key. The variable is `OAUTH2_PROXY_` and the key in upper
 * case; the flag is the key with dashes unless `flag` says otherwise (oauth2-proxy's list flags are singular).
 */
export const OPTIONS = {
  http_address: {
    kind: "string",
    default: "127.0.0.1:4180",
    about: "Address of the listener, `host:port`.",
  },
  metrics_address: {
    kind: "string",
    default: "",
    about: "Address of the metrics listener; empty: none.",
  },
  decision_mode: {
    kind: "string",
    default: "compat",
    ours: true,
    about:
      "Where the original request is read from: `compat` (oauth2-proxy's endpoints) or `forwarded` (Traefik, Caddy: X-Forwarded-* of the decision request, all four required).",
  },
  rules_file: {
    kind: "string",
    default: "",
    ours: true,
    about: "JSON file with the rules of each application, read again when it changes. No rule: deny.",
  },
  proxy_prefix: { kind: "string", default: "/oauth2", about: "Root of the sign-in endpoints." },
  ping_path: { kind: "string", default: "/ping", about: "Liveness path." },
  ready_path: { kind: "string", default: "/ready", about: "Readiness path." },
  reverse_proxy: {
    kind: "boolean",
    default: "false",
    about: "Read X-Forwarded-* of trusted proxies in mode `compat`; mode `forwarded` always does.",
  },
  trusted_proxy_ips: {
    kind: "list",
    default: "",
    flag: "trusted-proxy-ip",
    about:
      "Addresses and networks of the gateways. Empty: loopback, link-local and private ranges (RFC 1918, RFC 4193, 100.64.0.0/10).",
  },
  upstreams: {
    kind: "list",
    default: "",
    flag: "upstream",
    about: "`static://<code>` only: the status of an allowed request on the root path (200 when empty).",
  },
  cookie_name: { kind: "string", default: "_oauth2_proxy", about: "Name of the session cookie." },
  cookie_secret: {
    kind: "string",
    default: "",
    secret: true,
    about: "16, 24 or 32 bytes, as they are or in URL-safe Base64.",
  },
  cookie_secret_file: { kind: "string", default: "", about: "File with the cookie secret." },
  cookie_domains: {
    kind: "list",
    default: "",
    flag: "cookie-domain",
    about: "Domains of the session cookie; empty: the host of the sign-in endpoints only.",
  },
  cookie_path: { kind: "string", default: "/", about: "Path of the session cookie." },
  cookie_expire: {
    kind: "duration",
    default: "168h",
    about: "Lifetime of a session; 0: until the browser ends, at most 168h.",
  },
  cookie_refresh: {
    kind: "duration",
    default: "0",
    about: "Age at which a session is refreshed at the provider; 0: never.",
  },
  cookie_secure: { kind: "boolean", default: "true", about: "Attribute Secure." },
  cookie_httponly: { kind: "boolean", default: "true", about: "Attribute HttpOnly." },
  cookie_samesite: {
    kind: "string",
    default: "lax",
    about: "Attribute SameSite: `lax`, `strict` or `none`.",
  },
  cookie_csrf_per_request: {
    kind: "boolean",
    default: "true",
    about: "One cookie for each login under way, so that two tabs can sign in at once.",
  },
  cookie_csrf_per_request_limit: {
    kind: "integer",
    default: "5",
    about: "Logins under way in one browser; the oldest go first. 0: no limit.",
  },
  cookie_csrf_expire: { kind: "duration", default: "15m", about: "Time to finish a login." },
  provider: { kind: "string", default: "oidc", about: "`oidc` only." },
  provider_display_name: { kind: "string", default: "", about: "Name on the sign-in button." },
  oidc_issuer_url: {
    kind: "string",
    default: "",
    about: "Issuer. Empty: nobody can sign in, decisions are refused with 503.",
  },
  client_id: { kind: "string", default: "", about: "OAuth client." },
  client_secret: { kind: "string", default: "", secret: true, about: "Its secret." },
  client_secret_file: {
    kind: "string",
    default: "",
    about: "File with its secret, read again when the provider is discovered.",
  },
  provider_ca_files: {
    kind: "list",
    default: "",
    flag: "provider-ca-file",
    about: "CA bundles for the provider, instead of the system's unless use_system_trust_store.",
  },
  use_system_trust_store: {
    kind: "boolean",
    default: "false",
    about: "Trust the system's CAs beside provider_ca_files.",
  },
  ssl_insecure_skip_verify: {
    kind: "boolean",
    default: "false",
    about: "Do not verify the provider's certificate.",
  },
  scope: { kind: "string", default: "openid email profile", about: "Scopes asked for." },
  prompt: { kind: "string", default: "", about: "Login parameter `prompt`." },
  oidc_email_claim: { kind: "string", default: "email", about: "Claim with the e-mail address." },
  oidc_groups_claim: { kind: "string", default: "groups", about: "Claim with the groups." },
  insecure_oidc_allow_unverified_email: {
    kind: "boolean",
    default: "false",
    about: "Accept `email_verified: false`.",
  },
  redirect_url: {
    kind: "string",
    default: "",
    about: "Public URL of the callback; its path defaults to `<proxy_prefix>/callback`.",
  },
  whitelist_domains: {
    kind: "list",
    default: "",
    flag: "whitelist-domain",
    about: "Hosts a login may return to (`host`, `host:port`, `host:*`, `.domain`), beside the rules' hosts.",
  },
  skip_provider_button: {
    kind: "boolean",
    default: "false",
    about: "Go to the provider at once, without the sign-in page.",
  },
  email_domains: {
    kind: "list",
    default: "",
    flag: "email-domain",
    about: "Domains that may sign in at all; `*`: every address.",
  },
  authenticated_emails_file: {
    kind: "string",
    default: "",
    about: "Addresses that may sign in at all, one a line; read again when it changes.",
  },
  allowed_groups: {
    kind: "list",
    default: "",
    flag: "allowed-group",
    about: "Groups of which a session must have one.",
  },
  skip_auth_routes: {
    kind: "list",
    default: "",
    flag: "skip-auth-route",
    about: "`[METHOD=]regex` of paths that pass without login. Not with a rules file.",
  },
  skip_jwt_bearer_tokens: {
    kind: "boolean",
    default: "false",
    about: "Accept JSON Web Tokens of the issuer in `Authorization: Bearer`.",
  },
  bearer_token_login_fallback: {
    kind: "boolean",
    default: "true",
    about: "False: an unusable `Authorization` header is answered 403.",
  },
  extra_jwt_issuers: { kind: "list", default: "", about: "`issuer=audience` pairs accepted as well." },
  set_xauthrequest: { kind: "boolean", default: "false", about: "Answer with X-Auth-Request-* headers." },
  set_authorization_header: {
    kind: "boolean",
    default: "false",
    about: "Answer with the ID token in `Authorization`.",
  },
  pass_access_token: {
    kind: "boolean",
    default: "false",
    about: "With set_xauthrequest: answer with X-Auth-Request-Access-Token.",
  },
  request_logging: { kind: "boolean", default: "true", about: "Log each request." },
  auth_logging: { kind: "boolean", default: "true", about: "Log sign-ins, sign-outs and refusals." },
  standard_logging: { kind: "boolean", default: "true", about: "Log what is neither of the two." },
  silence_ping_logging: {
    kind: "boolean",
    default: "false",
    about: "Leave the ping and ready paths out of the request log.",
  },
} as const satisfies Record<string, OptionSpec>;

/** An option's key, such as `http_address`. */
export type OptionKey = keyof typeof OPTIONS;
