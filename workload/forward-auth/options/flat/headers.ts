import type { Options } from "../read.ts";
import type { HeaderSettings } from "../structure.ts";

/** A header with one claim. */
function claimHeader(name: string, claim: string, prefix = "", password?: string): HeaderSettings {
  const basicAuthPassword = password === undefined ? undefined : { value: password };
  return {
    name,
    preserveRequestValue: false,
    insecureSkipHeaderNormalization: false,
    values: [{ claimSource: { claim, prefix, basicAuthPassword } }],
  };
}

const bearer = () => claimHeader("Authorization", "id_token", "Bearer ");

function basic({ prefer_email_to_user, basic_auth_password }: Options): HeaderSettings {
  const claim = prefer_email_to_user ? "email" : "user";
  return claimHeader("Authorization", claim, "Basic ", basic_auth_password);
}

/** X-Forwarded-* of the person; with prefer_email_to_user the address stands in the user's place. */
function person({ prefer_email_to_user }: Options): readonly HeaderSettings[] {
  return [
    claimHeader("X-Forwarded-Groups", "groups"),
    ...(prefer_email_to_user
      ? [claimHeader("X-Forwarded-User", "email")]
      : [claimHeader("X-Forwarded-User", "user"), claimHeader("X-Forwarded-Email", "email")]),
    claimHeader("X-Forwarded-Preferred-Username", "preferred_username"),
  ];
}

/** Headers for upstreams, in oauth2-proxy's order. */
export function flatRequestHeaders(options: Options): readonly HeaderSettings[] {
  const { pass_basic_auth, pass_user_headers, basic_auth_password } = options;
  const headers = [
    ...(pass_basic_auth && basic_auth_password !== "" ? [basic(options)] : []),
    ...(pass_basic_auth || pass_user_headers ? person(options) : []),
    ...(options.pass_access_token ? [claimHeader("X-Forwarded-Access-Token", "access_token")] : []),
    ...(options.pass_authorization_header ? [bearer()] : []),
  ];
  const preserveRequestValue = !options.skip_auth_strip_headers;
  return headers.map((header) => ({ ...header, preserveRequestValue }));
}

/** Headers of our own answers, in oauth2-proxy's order. */
export function flatResponseHeaders(options: Options): readonly HeaderSettings[] {
  const identity = [
    claimHeader("X-Auth-Request-User", "user"),
    claimHeader("X-Auth-Request-Email", "email"),
    claimHeader("X-Auth-Request-Preferred-Username", "preferred_username"),
    claimHeader("X-Auth-Request-Groups", "groups"),
    ...(options.pass_access_token ? [claimHeader("X-Auth-Request-Access-Token", "access_token")] : []),
  ];
  return [
    ...(options.set_xauthrequest ? identity : []),
    ...(options.set_basic_auth ? [basic(options)] : []),
    ...(options.set_authorization_header ? [bearer()] : []),
  ];
}
