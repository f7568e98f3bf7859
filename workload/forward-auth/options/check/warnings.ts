import type { Options } from "../read.ts";

/** Settings that hold together but may do something else than was meant. */
export function warningsOf(options: Options, origin: string | undefined): readonly string[] {
  const warnings: string[] = [];
  const say = (when: boolean, text: string) => when && warnings.push(text);
  const { cookie_secure: secure, oidc_issuer_url: issuer } = options;
  const open = options.email_domains.includes("*");
  say(
    open && options.authenticated_emails_file !== "",
    'email_domains "*" makes authenticated_emails_file ineffective',
  );
  say(
    options.ssl_insecure_skip_verify,
    "the provider's certificate is not verified (ssl_insecure_skip_verify)",
  );
  say(issuer === "" && options.provider === "oidc", "no oidc_issuer_url: nobody can sign in");
  say(issuer.startsWith("http:"), "the provider is reached without TLS");
  say(
    options.cookie_domains.length > 0,
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
  say(
    options.skip_auth_routes.some((route) => !/(?:^|=)\^/.test(route)),
    "a skip_auth_route without ^ matches anywhere in a path",
  );
  return warnings;
}
