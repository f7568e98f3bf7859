/**
 * Logins whose answer comes as a form that the provider's page posts, instead of in the query of a redirect.
 *
 * The form is another site's, so browsers send only those cookies with it that say `SameSite=None` and `Secure`: the login's cookie
 * must, or nobody's login is found again. The session's cookie need not, for it is set by the answer.
 *
 * @see OAuth 2.0 Form Post Response Mode, section 2; RFC 6265bis, section 5.2 (same-site requests)
 * @module
 */
import type { Options } from "../options/read.ts";
import type { Structure } from "../options/structure.ts";
import type { Exchange } from "../server/exchange.ts";

const FORM_POST = "form_post";

/** True when a provider is asked to answer by a form. */
export const postsForms = ({ providers }: Pick<Structure, "providers">): boolean =>
  providers.some(
    ({ authRequestResponseMode: mode, loginUrlParameters }) =>
      mode === FORM_POST ||
      loginUrlParameters.some(
        (parameter) => parameter.name === "response_mode" && parameter.default.includes(FORM_POST),
      ),
  );

/** SameSite of the cookies of logins under way. @param strict True outside mode `compat`: there it follows from the answer's way. */
export function loginSameSite(options: Options, structure: Structure, strict: boolean): string {
  const { cookie_csrf_samesite, cookie_samesite } = options;
  if (cookie_csrf_samesite !== "") return cookie_csrf_samesite;
  return strict && postsForms(structure) ? "none" : cookie_samesite;
}

/**
 * Parameters of a provider's answer: of the form alone where one was posted, so that nobody mixes two answers.
 *
 * @returns Why there are none, when a form was announced that is none or longer than 64 KiB.
 */
export async function answerParameters(
  exchange: Exchange,
): Promise<URLSearchParams | "no-form" | "form-too-long"> {
  if (exchange.method !== "POST") return new URLSearchParams(exchange.query);
  const form = await exchange.form();
  if (form === undefined) return "form-too-long";
  return form === "" ? "no-form" : new URLSearchParams(form);
}
