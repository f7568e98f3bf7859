import type { OptionGroup } from "../spec.ts";

/** Who may pass. */
export const ACCESS = {
  ssl_insecure_skip_verify: {
    kind: "boolean",
    default: "false",
    about: "Do not verify the provider's certificate.",
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
  htpasswd_file: {
    kind: "string",
    default: "",
    about: "Local users with bcrypt or `{SHA}` passwords; read again when it changes.",
  },
  htpasswd_user_groups: {
    kind: "list",
    default: "",
    flag: "htpasswd-user-group",
    about: "Groups of local users.",
  },
  display_htpasswd_form: {
    kind: "boolean",
    default: "true",
    about: "Show the form for local users on the sign-in page.",
  },
  whitelist_domains: {
    kind: "list",
    default: "",
    flag: "whitelist-domain",
    about: "Hosts a login may return to (`host`, `host:port`, `host:*`, `.domain`), beside the rules' hosts.",
  },
  skip_auth_routes: {
    kind: "list",
    default: "",
    flag: "skip-auth-route",
    about: "`[METHOD=]regex` of paths that pass without login. Not with a rules file.",
  },
  skip_auth_regex: {
    kind: "list",
    default: "",
    about: "Deprecated: skip_auth_routes.",
  },
  skip_auth_preflight: {
    kind: "boolean",
    default: "false",
    about: "Requests of method OPTIONS pass without login.",
  },
  api_routes: {
    kind: "list",
    default: "",
    flag: "api-route",
    about: "Regexes of addresses that are answered 401 instead of a login.",
  },
  skip_jwt_bearer_tokens: {
    kind: "boolean",
    default: "false",
    about: "Accept JSON Web Tokens of the issuer in `Authorization`.",
  },
  introspection_url: {
    kind: "string",
    default: "",
    ours: true,
    about:
      "Where the provider tells about opaque tokens in `Authorization: Bearer` (RFC 7662); `discovery`: where it announces to. With skip_jwt_bearer_tokens. Of several providers the first one; each may have its own `introspectionURL` in an alpha configuration. Empty: only JSON Web Tokens.",
  },
  bearer_token_login_fallback: {
    kind: "boolean",
    default: "true",
    about: "False: an unusable `Authorization` header is answered 403.",
  },
  extra_jwt_issuers: { kind: "list", default: "", about: "`issuer=audience` pairs accepted as well." },
} as const satisfies OptionGroup;
