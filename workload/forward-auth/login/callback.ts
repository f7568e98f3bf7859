/**
 * The way back from the provider.
 *
 * @see RFC 6749, section 4.1.2; RFC 9207 (iss); OpenID Connect Core, section 3.1.3
 */

import { tellSignedIn, tellSignInFailed } from "../log/events.ts";
import {
  type AuthorizationAnswer,
  type Provider,
  ProviderError,
  reasonOf,
  type SignIn,
} from "../provider/provider.ts";
import type { Context } from "../server/context.ts";
import { cookieHeaders, type Exchange } from "../server/exchange.ts";
import { withTokens } from "../session/kept-tokens.ts";
import { type Session, sessionIdOf } from "../session/session.ts";
import { StoreUnavailableError } from "../session/store.ts";
import { hostnameOf, publicAddressOf, redirectPolicyOf } from "./addresses.ts";
import { answerParameters } from "./form-post.ts";
import { type PendingLogin, readState } from "./pending.ts";
import { readRedirect } from "./redirect.ts";
import { beginLogin, providerMissing } from "./start.ts";

/** Ends a sign-in that failed, with a page and a line in the log. */
function fail(
  exchange: Exchange,
  status: number,
  reason: string,
  text: string,
  login?: PendingLogin,
  session?: Session,
): void {
  const { metrics, pending } = exchange.context;
  metrics.signInFailed(reason);
  tellSignInFailed(exchange, reason, session);
  const path = publicAddressOf(exchange).path;
  const target = login === undefined ? "" : `?rd=${encodeURIComponent(login.redirect)}`;
  const ended = login === undefined ? [] : cookieHeaders([pending.end(login, hostnameOf(exchange))]);
  const action = { href: `${path}/start${target}`, text: "Try again" };
  exchange.error(status, { title: "Sign-in failed", text, action }, ended, { reason });
}

/** A callback that belongs to no login of this browser: it is old, or somebody else's. */
async function orphan(exchange: Exchange, state: string): Promise<void> {
  const { sessions } = exchange.context;
  const reading = readState(state);
  const target = readRedirect(reading?.redirect ?? "", redirectPolicyOf(exchange)) ?? "/";
  if ((await sessions.load(exchange.head.cookie)) !== undefined) {
    exchange.redirect(target, [], { reason: "already-signed-in" });
  } else if (reading !== undefined && !reading.again) {
    beginLogin(exchange, target, true);
  } else {
    fail(exchange, 403, "unknown-login", "This sign-in was not begun in this browser, or it took too long.");
  }
}

/** What the provider answered to a login, and what that login remembered; the provider verifies the one by the other. */
export const answerOf = (
  { verifier, nonce, foreign, maxAge }: PendingLogin,
  parameters: URLSearchParams,
): Omit<AuthorizationAnswer, "redirectUri"> => ({
  code: parameters.get("code") ?? "",
  verifier,
  nonce,
  foreign,
  maxAge,
  iss: parameters.get("iss") ?? undefined,
});

/** The session of a sign-in that succeeded. */
export function newSession(
  { settings, providers, now }: Context,
  provider: Provider,
  { identity, tokens }: SignIn,
  { nonceBytes: nonce }: PendingLogin,
): Session {
  const { issuer, subject, email, preferredUsername, groups, additionalClaims, acr, sid } = identity;
  const at = now();
  const person = { issuer, subject, email, preferredUsername, groups };
  const session = {
    ...{ id: sessionIdOf(nonce), nonce, ...person, createdAt: at, refreshedAt: at },
    ...(tokens.expiresOn === undefined ? {} : { expiresOn: tokens.expiresOn }),
    ...(additionalClaims.size > 0 ? { additionalClaims } : {}),
    ...(providers.list.length > 1 ? { provider: provider.id } : {}),
    ...(acr === "" ? {} : { acr }),
    ...(sid === "" ? {} : { sid }),
  };
  return withTokens(settings, session, tokens);
}

async function succeed(exchange: Exchange, session: Session, login: PendingLogin): Promise<void> {
  const { sessions, pending, metrics } = exchange.context;
  const target = readRedirect(login.redirect, redirectPolicyOf(exchange)) ?? "/";
  const entry = sessions.entry(session);
  const cookies = await sessions.save(exchange.head.cookie ?? "", entry, hostnameOf(exchange));
  metrics.event("sign-in", "success");
  const user = session.email || session.subject;
  tellSignedIn(exchange, session);
  const ended = pending.end(login, hostnameOf(exchange));
  exchange.redirect(target, cookieHeaders([ended, ...cookies]), {
    reason: "signed-in",
    // oauth2-proxy's line of a callback names nobody; the line of the sign-in does.
    ...(exchange.mode === "compat" ? {} : { user }),
  });
}

async function finish(exchange: Exchange, login: PendingLogin, parameters: URLSearchParams): Promise<void> {
  const { providers, policy } = exchange.context;
  const provider = providers.of(login);
  if (provider?.state !== "ready") return providerMissing(exchange);
  const redirectUri = publicAddressOf(exchange).callback;
  try {
    const found = await provider.redeem({ ...answerOf(login, parameters), redirectUri });
    const session = newSession(exchange.context, provider, found, login);
    if (policy.gate(session)) return await succeed(exchange, session, login);
    const refused = "You do not have permission to sign in here.";
    fail(exchange, 403, "not-permitted-globally", refused, login, session);
  } catch (error) {
    if (exchange.answered || error instanceof StoreUnavailableError) throw error;
    const text = "The sign-in provider's answer could not be used.";
    if (error instanceof RangeError) fail(exchange, 500, "session-too-large", text, login);
    else if (!(error instanceof ProviderError)) throw error;
    else if (error.fault === "outage")
      fail(exchange, 503, reasonOf(error), "The sign-in provider cannot be reached.", login);
    else if (error.fault === "person")
      fail(exchange, 403, error.reason, "You do not have permission to sign in here.", login);
    else if (error.reason === "auth-time")
      fail(exchange, 403, error.reason, "The sign-in provider did not ask who you are again.", login);
    else fail(exchange, 403, reasonOf(error), text, login);
  }
}

/** `<prefix>/callback`. The login must have begun in this browser before anything else is looked at. */
export async function callback(exchange: Exchange): Promise<void> {
  const parameters = await answerParameters(exchange);
  if (parameters === "form-too-long")
    return fail(exchange, 413, parameters, "The sign-in provider's answer is too long.");
  if (parameters === "no-form")
    return fail(exchange, 400, parameters, "The sign-in provider's answer came without its form.");
  const state = parameters.get("state") ?? "";
  const login = exchange.context.pending.find(exchange.head.cookie ?? "", state);
  if (login === undefined || parameters.getAll("state").length > 1) return orphan(exchange, state);
  const error = parameters.get("error");
  if (error === null) return finish(exchange, login, parameters);
  const word = /^[\x21\x23-\x5b\x5d-\x7e]{1,64}$/.test(error) ? error : "invalid";
  fail(exchange, 403, `provider: ${word}`, `The sign-in provider refused: ${word}.`, login);
}
