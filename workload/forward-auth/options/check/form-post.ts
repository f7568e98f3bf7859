import { loginSameSite, postsForms } from "../../login/form-post.ts";
import type { Faults } from "../faults.ts";
import type { Options } from "../read.ts";
import type { Structure } from "../structure.ts";

/** Answers as forms need a cookie that browsers send with them, and an endpoint that sees the form. */
export function checkFormPost(structure: Structure, options: Options, faults: Faults): void {
  if (!postsForms(structure)) return;
  const { decision_mode, cookie_csrf_samesite, cookie_secure } = options;
  if (!["", "none"].includes(cookie_csrf_samesite))
    faults.add(
      "cookie_csrf_samesite",
      `must be "none" or empty for answers by "form_post", is "${cookie_csrf_samesite}": browsers would not send the login's cookie with the provider's form`,
    );
  if (!cookie_secure)
    faults.add(
      "cookie_secure",
      'must be on for answers by "form_post": browsers refuse a login cookie of SameSite=None otherwise',
    );
  if (decision_mode === "envoy-http")
    faults.add(
      "decision_mode",
      '"envoy-http" makes the whole listener answer checks, which carry no form: answers by "form_post" need the path <prefix>/authz/envoy-http beside another mode',
    );
}

/** What is likely not to work, in mode `compat`, where oauth2-proxy would begin all the same; undefined when it will. */
export function formPostWarning(structure: Structure, options: Options, strict: boolean): string | undefined {
  if (!postsForms(structure)) return undefined;
  if (strict)
    return options.decision_mode === "envoy-grpc"
      ? "auth_request_response_mode form_post: checks carry no form, so the callback needs a route past them, to http_address"
      : undefined;
  if (loginSameSite(options, structure, strict) === "none" && options.cookie_secure) return undefined;
  return "auth_request_response_mode form_post without cookie_csrf_samesite \"none\" and cookie_secure: browsers do not send the login's cookie with the provider's form";
}
