/** Settings that hold together but may do something else than was meant. */
import { statSync } from "node:fs";
import { hostPattern } from "../../rules/host.ts";
import type { Options } from "../read.ts";
import type { Structure } from "../structure.ts";
import type { OptionKey } from "../table.ts";
import { formPostWarning } from "./form-post.ts";
import { weakness } from "./secret-strength.ts";

/** Warnings that lines of a start say as well, in oauth2-proxy's words. */
export const INSECURE_REDIRECT = "no redirect_url and cookie_secure off: redirects go to insecure HTTP";
export const PRIVATE_PROXIES =
  "reverse_proxy without trusted_proxy_ips: loopback, link-local and private addresses may set X-Forwarded-*";

/** What warnings are made from. */
export interface Checked {
  readonly options: Options;
  readonly structure: Structure;
  readonly strict: boolean;
  readonly cookieSecret: string;
  /** Of redirect_url. */
  readonly origin: string | undefined;
}

type Say = (when: boolean, text: string) => void;

function aboutCookies({ options, origin, strict, cookieSecret }: Checked, say: Say): void {
  const { cookie_secure: secure, cookie_domains } = options;
  const weak = cookieSecret === "" ? undefined : weakness(cookieSecret);
  say(weak !== undefined, `cookie_secret is weak: ${weak}`);
  say(
    cookie_domains.length > 0,
    "cookie_domains lets every host below the domain read and set the session cookie",
  );
  say(
    secure && origin?.startsWith("http:") === true,
    "redirect_url is http while cookies are Secure: browsers will not send them",
  );
  say(
    !secure && origin?.startsWith("https:") === true,
    "cookies are not Secure although redirect_url is https",
  );
  say(!secure && origin === undefined && options.redirect_url === "", INSECURE_REDIRECT);
  say(
    !secure && options.cookie_samesite === "none",
    'cookie_samesite "none" without cookie_secure: browsers refuse the cookie',
  );
  say(
    options.cookie_refresh > 0 && options.session_max_age === 0,
    "sessions that are refreshed go on as long as the provider lets them: session_max_age ends them",
  );
  const hostOnly = secure && options.cookie_path === "/" && cookie_domains.length === 0;
  say(
    !strict && options.cookie_name.startsWith("__Host-") && !hostOnly,
    'browsers refuse a cookie_name with "__Host-" unless it is Secure, has the path "/" and no domain',
  );
}

function aboutPeople({ options, structure }: Checked, say: Say): void {
  const routes = [...options.skip_auth_routes, ...options.skip_auth_regex];
  say(
    options.email_domains.includes("*") && options.authenticated_emails_file !== "",
    'email_domains "*" makes authenticated_emails_file ineffective',
  );
  say(
    routes.some((route) => !/(?:^|=)(?:\(\?[a-z]+\))?(?:\^|\\A)/.test(route)),
    "a skip_auth_route without ^ matches anywhere in a path",
  );
  say(
    options.trusted_ips.length > 0 && options.reverse_proxy,
    "trusted_ips with reverse_proxy: whoever can send the gateway a client address passes without login",
  );
  const introspects =
    options.introspection_url !== "" ||
    structure.providers.some(({ introspectionUrl }) => introspectionUrl !== "");
  say(
    introspects && !options.skip_jwt_bearer_tokens,
    "introspection_url without skip_jwt_bearer_tokens: no token is accepted",
  );
  say(options.skip_auth_regex.length > 0, "skip_auth_regex is deprecated: use skip_auth_routes");
}

function aboutProviders({ options, structure, strict }: Checked, say: Say): void {
  const formPost = formPostWarning(structure, options, strict);
  if (formPost !== undefined) say(true, formPost);
  say(
    options.ssl_insecure_skip_verify,
    "the provider's certificate is not verified (ssl_insecure_skip_verify)",
  );
  for (const { type, oidc } of structure.providers) {
    say(strict && type === "oidc" && oidc.issuerUrl === "", "no oidc_issuer_url: nobody can sign in");
    say(oidc.issuerUrl.startsWith("http:"), "the provider is reached without TLS");
    say(
      oidc.insecureAllowUnverifiedEmail,
      "insecure_oidc_allow_unverified_email: addresses that nobody verified count",
    );
    say(
      oidc.insecureSkipIssuerVerification,
      "insecure_oidc_skip_issuer_verification: tokens of any issuer count",
    );
    say(oidc.insecureSkipNonce, "insecure_oidc_skip_nonce: an ID token of another login counts");
    say(oidc.userIdClaim !== "email", "user_id_claim is deprecated: use oidc_email_claim");
  }
}

const NEVER = "file:///dev/null";

/** What a gateway in front needs; the explicit modes have it anyway. */
function aboutGateways({ options, structure, strict }: Checked, say: Say): void {
  if (strict || !options.reverse_proxy) return;
  // Guides for nginx have a file that is never read as their upstream.
  const decides = structure.upstreams.every((upstream) => upstream.static || upstream.uri === NEVER);
  say(options.trusted_proxy_ips.length === 0, PRIVATE_PROXIES);
  say(
    decides && options.whitelist_domains.length === 0,
    "no whitelist_domains: after a login nobody is sent back to another host than this one",
  );
  for (const text of options.whitelist_domains) {
    const named = hostPattern(text.trim(), { apex: true }) !== undefined;
    say(!named, `whitelist_domains has "${text}", which is no host or domain and counts for nothing`);
  }
  say(
    decides && structure.responseHeaders.length === 0,
    "set_xauthrequest is off: applications do not learn who asks, and a gateway that copies X-Auth-Request-* hands on what the client sent",
  );
}

function aboutRequests({ options, structure }: Checked, say: Say): void {
  const covered = (path: string) =>
    structure.upstreams.some(
      (each) =>
        each.path !== "/" && (each.path === path || (each.path.endsWith("/") && path.startsWith(each.path))),
    );
  for (const key of ["ping_path", "ready_path"] as const) {
    say(covered(options[key]), `${key} "${options[key]}" hides a path of an upstream`);
  }
  say(
    structure.upstreams.some(({ insecureSkipTlsVerify }) => insecureSkipTlsVerify),
    "the certificate of an upstream is not verified (ssl_upstream_insecure_skip_verify)",
  );
  say(
    options.redis_insecure_skip_tls_verify,
    "the certificate of Redis is not verified (redis_insecure_skip_tls_verify)",
  );
  say(options.show_debug_on_error, "show_debug_on_error shows visitors what went wrong inside");
  say(options.signature_key !== "", "signature_key is deprecated");
  say(options.gcp_healthchecks, "gcp_healthchecks is deprecated");
  const quiet = !options.request_logging && !options.auth_logging && !options.standard_logging;
  say(quiet, "logging is disabled: no further logs will be shown");
}

/** Secrets that others on the machine can read. */
function aboutFiles({ options }: Checked, say: Say): void {
  const keys: readonly OptionKey[] = [
    "cookie_secret_file",
    "client_secret_file",
    "tls_key_file",
    "grpc_tls_key_file",
    "jwt_key_file",
    "client_key_file",
  ];
  for (const key of keys) {
    const file = String(options[key]);
    const found = file === "" ? undefined : statSync(file, { throwIfNoEntry: false });
    say(
      found !== undefined && (found.mode & 0o004) !== 0,
      `everybody on this machine can read ${key} "${file}"`,
    );
  }
}

/** The warnings, each a sentence without secrets. */
export function warningsOf(checked: Checked): readonly string[] {
  const warnings: string[] = [];
  const say: Say = (when, text) => when && !warnings.includes(text) && warnings.push(text);
  for (const about of [aboutCookies, aboutPeople, aboutProviders, aboutGateways, aboutRequests, aboutFiles]) {
    about(checked, say);
  }
  return warnings;
}
