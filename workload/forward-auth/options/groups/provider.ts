import type { OptionGroup } from "../spec.ts";

/** The provider; with an alpha configuration its `providers` take their place. */
export const PROVIDER = {
  provider: {
    kind: "string",
    default: "google",
    strict: "oidc",
    about:
      "`oidc`, `google`, `adfs`, `azure`, `entra-id`, `bitbucket`, `cidaas`, `digitalocean`, `facebook`, `github`, `gitlab`, `keycloak`, `keycloak-oidc`, `linkedin`, `login.gov`, `nextcloud` or `sourcehut`.",
  },
  provider_display_name: { kind: "string", default: "", about: "Name on the sign-in button." },
  client_id: { kind: "string", default: "", about: "OAuth client." },
  client_secret: { kind: "string", default: "", secret: true, about: "Its secret." },
  client_secret_file: {
    kind: "string",
    default: "",
    about: "File with its secret, read again when it changes.",
  },
  client_authentication: {
    kind: "string",
    default: "",
    ours: true,
    about:
      "How the client shows who it is: `client_secret_basic`, `client_secret_post`, `private_key_jwt`, `tls_client_auth` or `token_file`. Empty: by secret, as the provider takes it.",
  },
  client_key_file: {
    kind: "string",
    default: "",
    ours: true,
    about: "Private key (PEM or JWK) for `private_key_jwt` and `tls_client_auth`.",
  },
  client_certificate_file: {
    kind: "string",
    default: "",
    ours: true,
    about: "Certificate for `tls_client_auth`, PEM.",
  },
  client_token_file: {
    kind: "string",
    default: "",
    ours: true,
    about: "Projected token that is sent as client assertion with `token_file`.",
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
  scope: {
    kind: "string",
    default: "",
    strict: "openid email profile",
    about: "Scopes asked for. Empty: the provider's usual ones, with OpenID Connect `openid email profile`.",
  },
  login_url: { kind: "string", default: "", about: "Authorization endpoint; discovery replaces it." },
  redeem_url: { kind: "string", default: "", about: "Token endpoint; discovery replaces it." },
  profile_url: { kind: "string", default: "", about: "Userinfo endpoint; discovery replaces it." },
  validate_url: { kind: "string", default: "", about: "Where access tokens are validated after a refresh." },
  skip_claims_from_profile_url: {
    kind: "boolean",
    default: "false",
    about: "Do not ask the userinfo endpoint for claims that the ID token lacks.",
  },
  prompt: { kind: "string", default: "", about: "Login parameter `prompt`." },
  approval_prompt: {
    kind: "string",
    default: "force",
    strict: "",
    about: "Login parameter `approval_prompt`, sent unless prompt is set.",
  },
  acr_values: { kind: "string", default: "", about: "Login parameter `acr_values`." },
  auth_request_response_mode: {
    kind: "string",
    default: "",
    about:
      "Login parameter `response_mode`. With `form_post` the provider's page posts the answer: the login's cookie must be `SameSite=None; Secure` to come along, which it is by itself outside mode `compat`, there with `cookie_csrf_samesite=none`.",
  },
  code_challenge_method: {
    kind: "string",
    default: "",
    about: "PKCE: `S256` or `plain`. Empty: `S256`, unless the provider's metadata excludes it.",
  },
  force_code_challenge_method: {
    kind: "string",
    default: "",
    about: "Deprecated: code_challenge_method.",
  },
  allowed_groups: {
    kind: "list",
    default: "",
    flag: "allowed-group",
    about: "Groups of which a session must have one.",
  },
  allowed_roles: {
    kind: "list",
    default: "",
    flag: "allowed-role",
    about: "Roles of which a session must have one; `keycloak-oidc` only.",
  },
  backend_logout_url: {
    kind: "string",
    default: "",
    about: "Called at sign-out; `{id_token}` is replaced.",
  },
  resource: { kind: "string", default: "", about: "Login parameter `resource`." },
} as const satisfies OptionGroup;

/** OpenID Connect; part of an alpha configuration's `providers`. */
export const OIDC = {
  oidc_issuer_url: {
    kind: "string",
    default: "",
    about: "Issuer, exactly as the provider's metadata has it.",
  },
  skip_oidc_discovery: {
    kind: "boolean",
    default: "false",
    about: "Use login_url, redeem_url and oidc_jwks_url instead of the provider's metadata.",
  },
  oidc_jwks_url: { kind: "string", default: "", about: "Keys of the provider." },
  oidc_public_key_files: {
    kind: "list",
    default: "",
    flag: "oidc-public-key-file",
    about: "Public keys of the provider, PEM, instead of oidc_jwks_url.",
  },
  oidc_email_claim: { kind: "string", default: "email", about: "Claim with the e-mail address." },
  oidc_groups_claim: { kind: "string", default: "groups", about: "Claim with the groups." },
  user_id_claim: { kind: "string", default: "email", about: "Deprecated: oidc_email_claim." },
  oidc_audience_claims: {
    kind: "list",
    default: "aud",
    flag: "oidc-audience-claim",
    about: "Claims with the audience; the first that a token has is compared.",
  },
  oidc_extra_audiences: {
    kind: "list",
    default: "",
    flag: "oidc-extra-audience",
    about: "Audiences accepted beside the client.",
  },
  oidc_enabled_signing_algs: {
    kind: "list",
    default: "",
    flag: "oidc-enabled-signing-alg",
    about: "Signature algorithms accepted, of those that the provider names.",
  },
  insecure_oidc_allow_unverified_email: {
    kind: "boolean",
    default: "false",
    about: "Accept `email_verified: false`.",
  },
  insecure_oidc_skip_issuer_verification: {
    kind: "boolean",
    default: "false",
    about: "Accept tokens of another issuer than oidc_issuer_url.",
  },
  insecure_oidc_skip_nonce: {
    kind: "boolean",
    default: "false",
    about: "Do not send and check a nonce.",
  },
} as const satisfies OptionGroup;
