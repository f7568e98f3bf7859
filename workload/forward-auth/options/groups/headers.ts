import type { OptionGroup } from "../spec.ts";

/** Identity headers; with an alpha configuration its `injectRequestHeaders` and `injectResponseHeaders` take their place. */
export const HEADERS = {
  set_xauthrequest: { kind: "boolean", default: "false", about: "Answer with X-Auth-Request-* headers." },
  set_authorization_header: {
    kind: "boolean",
    default: "false",
    about: "Answer with the ID token in `Authorization`.",
  },
  set_basic_auth: {
    kind: "boolean",
    default: "false",
    about: "Answer with the user and basic_auth_password in `Authorization`.",
  },
  pass_access_token: {
    kind: "boolean",
    default: "false",
    about:
      "The access token in X-Forwarded-Access-Token for upstreams and, with set_xauthrequest, in X-Auth-Request-Access-Token.",
  },
  pass_authorization_header: {
    kind: "boolean",
    default: "false",
    about: "The ID token in `Authorization` for upstreams.",
  },
  pass_user_headers: {
    kind: "boolean",
    default: "true",
    about: "X-Forwarded-{Groups,User,Email,Preferred-Username} for upstreams.",
  },
  pass_basic_auth: {
    kind: "boolean",
    default: "true",
    about: "The same, and the user with basic_auth_password, when there is one, in `Authorization`.",
  },
  basic_auth_password: {
    kind: "string",
    default: "",
    secret: true,
    about: "Password in the `Authorization` header that is made of the user.",
  },
  prefer_email_to_user: {
    kind: "boolean",
    default: "false",
    about: "The e-mail address as user for upstreams.",
  },
  skip_auth_strip_headers: {
    kind: "boolean",
    default: "true",
    about: "Remove a client's own copies of headers that we add for upstreams.",
  },
} as const satisfies OptionGroup;
