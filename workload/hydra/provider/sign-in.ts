import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type Provider from "oidc-provider";
import { CONTENT_SECURITY_POLICY, errorPage, signInPage } from "../pages/pages.ts";
import { readBody } from "../server/body.ts";
import type { Accounts } from "../store/accounts.ts";
import { SIGN_IN_PATH } from "./provider.ts";

/** What the sign-in pages need. */
export interface SignInParts {
  readonly provider: Provider;
  readonly accounts: Accounts;
  /** Keys the anti-forgery token of the form. */
  readonly secret: string;
}

function send(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
  });
  response.end(html);
}

const tokenFor = (secret: string, uid: string): string =>
  createHmac("sha256", secret).update(`sign-in ${uid}`).digest("base64url");

function tokenMatches(secret: string, uid: string, given: string): boolean {
  const expected = Buffer.from(tokenFor(secret, uid));
  const actual = Buffer.from(given);
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

/**
 * Serves the sign-in page of one interaction. The interaction's cookie binds it to the browser that
 * began the login; the form carries a token as well.
 *
 * @returns Whether the path was one of ours.
 */
export async function signIn(
  parts: SignInParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const path = new URL(request.url ?? "/", "http://host").pathname;
  if (!path.startsWith(`${SIGN_IN_PATH}/`)) return false;
  let details: Awaited<ReturnType<Provider["interactionDetails"]>>;
  try {
    details = await parts.provider.interactionDetails(request, response);
  } catch {
    // No cookie, another browser's, or too late: the provider says so by throwing.
    send(
      response,
      400,
      errorPage("interaction_expired", "This sign-in has expired or began in another browser."),
    );
    return true;
  }
  const client = await parts.provider.Client.find(String(details.params["client_id"]));
  const form = {
    client: client?.clientName ?? client?.clientId ?? "the application",
    token: tokenFor(parts.secret, details.uid),
  };
  if (request.method !== "POST") {
    send(response, 200, signInPage(form));
    return true;
  }
  const body = new URLSearchParams((await readBody(request, 16_384)).toString("utf8"));
  const email = body.get("email") ?? "";
  if (!tokenMatches(parts.secret, details.uid, body.get("token") ?? "")) {
    send(
      response,
      403,
      signInPage({ ...form, email, message: "The form has expired. Please sign in again." }),
    );
    return true;
  }
  const account = await parts.accounts.authenticate(email, body.get("password") ?? "");
  if (account === undefined || account === "locked") {
    const message =
      account === "locked"
        ? "Too many tries. Wait a minute, then try again."
        : "The e-mail address or the password is wrong.";
    send(response, account === "locked" ? 429 : 401, signInPage({ ...form, email, message }));
    return true;
  }
  await parts.provider.interactionFinished(
    request,
    response,
    { login: { accountId: account.id, amr: ["pwd"], remember: true } },
    { mergeWithLastSubmission: false },
  );
  return true;
}
