import type { OptionGroup } from "../spec.ts";

/** The session cookie and the cookie of a login under way. */
export const COOKIES = {
  cookie_name: { kind: "string", default: "_oauth2_proxy", about: "Name of the session cookie." },
  cookie_secret: {
    kind: "string",
    default: "",
    secret: true,
    about:
      "16, 24 or 32 bytes, as they are or in URL-safe Base64. Several, separated by commas: the first signs, all are good.",
  },
  cookie_secret_file: {
    kind: "string",
    default: "",
    about:
      "File with the cookie secret, where every byte counts, a line break too; or with several, one a line. Read again when it changes.",
  },
  cookie_domains: {
    kind: "list",
    default: "",
    flag: "cookie-domain",
    about: "Domains of the session cookie; the longest that covers the host counts. Empty: the host only.",
  },
  cookie_path: { kind: "string", default: "/", about: "Path of the session cookie." },
  cookie_expire: {
    kind: "duration",
    default: "168h",
    about: "Lifetime of a session; 0: until the browser ends.",
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
    default: "",
    strict: "lax",
    about: "Attribute SameSite: `lax`, `strict`, `none`, or empty for none.",
  },
  cookie_csrf_per_request: {
    kind: "boolean",
    default: "false",
    strict: "true",
    about: "One cookie for each login under way, so that two tabs can sign in at once.",
  },
  cookie_csrf_per_request_limit: {
    kind: "integer",
    default: "0",
    strict: "5",
    about: "Logins under way in one browser; the oldest go first. 0: no limit.",
  },
  cookie_csrf_expire: { kind: "duration", default: "15m", about: "Time to finish a login." },
  cookie_csrf_samesite: {
    kind: "string",
    default: "",
    about: "SameSite of the login's cookie; empty: cookie_samesite.",
  },
} as const satisfies OptionGroup;
