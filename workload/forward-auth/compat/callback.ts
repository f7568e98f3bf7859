/**
 * `<prefix>/callback`: the way back from the provider.
 *
 * @see RFC 6749, section 4.1.2; RFC 9207 (iss); OpenID Connect Core, section 3.1.3
 */
import * as client from "openid-client";
import { unverified, withTokens } from "../decision/refresh.ts";
import type { PendingLogin } from "../login/pending.ts";
import { readState } from "../login/pending.ts";
import { type Identity, readIdentity } from "../provider/claims.ts";
import { reasonOf } from "../provider/provider.ts";
import { cookieHeaders, type Exchange } from "../server/exchange.ts";
import { newSessionId, type Session } from "../session/session.ts";
import { answerError } from "./pages.ts";
import { NO_CACHE, redirect } from "./reply.ts";
import { hostOf } from "./request.ts";
import { beginLogin, unavailable } from "./start.ts";
import { isValidTarget, parametersOf, redirectUriOf } from "./targets.ts";

const NO_CSRF = "Login Failed: Unable to find a valid CSRF token. Please try again.";
const NOT_PERMITTED = "You do not have permission to access this resource.";
const INTERNAL = "Oops! Something went wrong. For more information contact your server administrator.";

/** A callback that did not lead to a session. */
interface Failure {
  readonly status: number;
  readonly message: string;
  /** For the log. */
  readonly reason: string;
  readonly login?: PendingLogin;
}

function fail(exchange: Exchange, { status, message, reason, login }: Failure): void {
  const { log, metrics, pending } = exchange.context;
  metrics.event("sign-in", "failure");
  log.auth("sign-in failed", { id: exchange.id, client: exchange.client, reason });
  const ended = login === undefined ? [] : cookieHeaders([pending.end(login, hostOf(exchange)?.name ?? "")]);
  answerError(exchange, { status, message, redirect: "/" }, [...NO_CACHE, ...ended], { reason });
}

/**
 * A callback that belongs to no login of this browser: it is old, another tab's, or somebody else's. Who is signed in goes on;
 * who is not begins anew, once.
 */
async function orphan(exchange: Exchange, state: string): Promise<void> {
  const { sessions } = exchange.context;
  const reading = readState(state);
  const target = reading !== undefined && isValidTarget(exchange, reading.redirect) ? reading.redirect : "/";
  if ((await sessions.load(exchange.head.cookie)) !== undefined)
    return redirect(exchange, 302, target, NO_CACHE, { reason: "already-signed-in" });
  if (reading !== undefined && !reading.again) return beginLogin(exchange, { target, again: true });
  fail(exchange, { status: 403, message: NO_CSRF, reason: "unknown-login" });
}

/** True when the provider, not the answer, is to blame. */
function isOutage(error: unknown): boolean {
  if (error instanceof client.ResponseBodyError) return error.status >= 500 || error.status === 429;
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return error instanceof TypeError || code === "OAUTH_TIMEOUT" || code === "ERR_ANSWER_TOO_LARGE";
}

/** Redeems the code. What comes back is verified: issuer, nonce, signature, audience, expiry. */
async function redeem(
  exchange: Exchange,
  configuration: client.Configuration,
  login: PendingLogin,
  parameters: URLSearchParams,
) {
  const { settings } = exchange.context;
  const url = new URL(redirectUriOf(exchange));
  url.searchParams.set("code", parameters.get("code") ?? "");
  url.searchParams.set("state", login.state);
  const iss = parameters.get("iss");
  if (iss !== null) url.searchParams.set("iss", iss);
  const tokens = await client.authorizationCodeGrant(configuration, url, {
    expectedState: login.state,
    ...(login.nonce === undefined ? {} : { expectedNonce: login.nonce }),
    ...(login.verifier === undefined ? {} : { pkceCodeVerifier: login.verifier }),
    idTokenExpected: true,
  });
  const names = { email: settings.options.oidc_email_claim, groups: settings.options.oidc_groups_claim };
  return { identity: await readIdentity(configuration, tokens, names), tokens };
}

/** Why the user may not sign in at all; undefined when nothing is against it. */
function refusal(exchange: Exchange, identity: Identity): string | undefined {
  const { policy, settings } = exchange.context;
  if (unverified(identity, settings)) return "email-not-verified";
  return policy.gate(identity) ? undefined : "not-permitted-globally";
}

async function succeed(exchange: Exchange, session: Session, login: PendingLogin): Promise<void> {
  const { sessions, pending, log, metrics } = exchange.context;
  const target = isValidTarget(exchange, login.redirect) ? login.redirect : "/";
  const cookies = await sessions.save(
    exchange.head.cookie ?? "",
    sessions.entry(session),
    hostOf(exchange)?.name ?? "",
  );
  metrics.event("sign-in", "success");
  const user = session.email || session.subject;
  log.auth("signed in", { id: exchange.id, client: exchange.client, user, session: session.id.slice(0, 8) });
  const headers = [
    ...NO_CACHE,
    ...cookieHeaders([pending.end(login, hostOf(exchange)?.name ?? ""), ...cookies]),
  ];
  redirect(exchange, 302, target, headers, { reason: "signed-in", user });
}

async function finish(exchange: Exchange, login: PendingLogin, parameters: URLSearchParams): Promise<void> {
  const { provider, settings, now } = exchange.context;
  if (provider.configuration === undefined) return unavailable(exchange, login.redirect);
  try {
    const { identity, tokens } = await redeem(exchange, provider.configuration, login, parameters);
    const reason = identity === undefined ? "no-subject" : refusal(exchange, identity);
    if (identity === undefined || identity.email === "")
      return fail(exchange, { status: 500, message: INTERNAL, reason: "no-email" });
    if (reason !== undefined) return fail(exchange, { status: 403, message: NOT_PERMITTED, reason, login });
    const { emailVerified: _, ...person } = identity;
    const session = { id: newSessionId(), ...person, createdAt: now(), refreshedAt: now() };
    await succeed(exchange, withTokens(settings, session, tokens), login);
  } catch (error) {
    if (exchange.answered) throw error;
    const reason = error instanceof RangeError ? "session-too-large" : reasonOf(error);
    fail(exchange, { status: isOutage(error) ? 500 : 500, message: INTERNAL, reason });
  }
}

/** Answers `<prefix>/callback`. The login must have begun in this browser before anything else is looked at. */
export async function callback(exchange: Exchange): Promise<void> {
  const parameters = await parametersOf(exchange);
  const error = parameters.get("error") ?? "";
  if (error !== "") {
    const word = error.replace(/[^\x20-\x7e]/g, "?").slice(0, 200);
    const message = `Login Failed: The upstream identity provider returned an error: ${word}`;
    return fail(exchange, { status: 403, message, reason: "provider-error" });
  }
  const state = parameters.get("state") ?? "";
  const login = exchange.context.pending.find(exchange.head.cookie ?? "", state);
  if (login === undefined) return orphan(exchange, state);
  if ((parameters.get("code") ?? "") === "")
    return fail(exchange, { status: 403, message: INTERNAL, reason: "no-code" });
  return finish(exchange, login, parameters);
}
