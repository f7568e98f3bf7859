import type { OptionGroup } from "../spec.ts";

/** The login, its pages and its errors. */
export const LOGIN = {
  redirect_url: {
    kind: "string",
    default: "",
    about: "Public URL of the callback; its path defaults to `<proxy_prefix>/callback`.",
  },
  relative_redirect_url: {
    kind: "boolean",
    default: "false",
    about: "Send redirect_url as it is, also without a host.",
  },
  skip_provider_button: {
    kind: "boolean",
    default: "false",
    about: "Go to the provider at once, without the sign-in page.",
  },
  encode_state: { kind: "boolean", default: "false", about: "Write the login's state in Base64." },
  force_json_errors: {
    kind: "boolean",
    default: "false",
    about: "JSON instead of pages and redirects.",
  },
  show_debug_on_error: {
    kind: "boolean",
    default: "false",
    about: "Error pages show what went wrong inside.",
  },
  custom_templates_dir: {
    kind: "string",
    default: "",
    about: "Folder with `sign_in.html`, `error.html`, `robots.txt`; those that are not there stay ours.",
  },
  custom_sign_in_logo: {
    kind: "string",
    default: "",
    about: "Picture on the sign-in page: a file, an `https://` URL, or `-` for none.",
  },
  custom_style_file: {
    kind: "string",
    default: "",
    ours: true,
    about: "CSS after our pages' own, such as `:root{--accent:#060}`.",
  },
  banner: { kind: "string", default: "", about: "HTML above the sign-in button; `-` for none." },
  footer: { kind: "string", default: "", about: "HTML below pages; `-` for none." },
  provider_sign_out: {
    kind: "boolean",
    default: "false",
    ours: true,
    about:
      "At sign-out go on to the provider's own, where it announces one (OpenID Connect RP-Initiated Logout).",
  },
  revoke_tokens: {
    kind: "boolean",
    default: "false",
    ours: true,
    about: "At sign-out have the provider revoke the session's tokens, where it announces that (RFC 7009).",
  },
  backchannel_logout: {
    kind: "boolean",
    default: "false",
    ours: true,
    about:
      "Accept logout tokens of providers at `<proxy_prefix>/backchannel-logout` (OpenID Connect Back-Channel Logout). With Redis all replicas know, else the one that was told.",
  },
  provider_endpoint_hosts: {
    kind: "list",
    default: "",
    ours: true,
    about:
      "Hosts, beside the issuer's own, on which a provider may announce its endpoints; `-`: no others. Empty: anywhere.",
  },
} as const satisfies OptionGroup;
