/**
 * The way back from the provider.
 *
 * @see RFC 6749, section 4.1.2; RFC 9207 (iss); OpenID Connect Core, section 3.1.3
 */
import * as client from "openid-client";
import { unverified, withTokens } from "../decision/refresh.ts";
import { type Identity, readIdentity } from "../provider/claims.ts";
import { reasonOf } from "../provider/provider.ts";
import { cookieHeaders, type Exchange } from "../server/exchange.ts";
import { type Session, sessionIdOf } from "../session/session.ts";
import { StoreUnavailableError } from "../session/store.ts";
import { hostnameOf, publicAddressOf, redirectPolicyOf } from "./addresses.ts";
import { type PendingLogin, readState } from "./pending.ts";
import { readRedirect } from "./redirect.ts";
import { beginLogin, providerMissing } from "./start.ts";

/** Ends a sign-in that failed, with a page and a line in the log. */
function fail(exchange: Exchange, status: number, reason: string, text: string, login?: PendingLogin): void {
  const { log, metrics, pending } = exchange.context;
  metrics.event("sign-in", "failure");
  log.auth("sign-in failed", { id: exchange.id, client: exchange.client, reason });
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

/** True when the provider, not the answer, is to blame. */
function isOutage(error: unknown): boolean {
  if (error instanceof client.ResponseBodyError) return error.status >= 500 || error.status === 429;
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return error instanceof TypeError || code === "OAUTH_TIMEOUT" || code === "ERR_ANSWER_TOO_LARGE";
}

/** Redeems the code. What comes back is verified: state, issuer, nonce, signature, audience, expiry. */
async function redeem(
  exchange: Exchange,
  configuration: client.Configuration,
  login: PendingLogin,
): Promise<{ readonly identity: Identity | undefined; readonly tokens: client.TokenEndpointResponse }> {
  const { settings } = exchange.context;
  const url = new URL(publicAddressOf(exchange).callback);
  url.search = exchange.query;
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
  if (identity.email === "") return "no-email";
  if (unverified(identity, settings)) return "email-not-verified";
  return policy.gate(identity) ? undefined : "not-permitted-globally";
}

function newSession(
  exchange: Exchange,
  identity: Identity,
  tokens: client.TokenEndpointResponse,
  { nonceBytes: nonce }: PendingLogin,
): Session {
  const { settings, now } = exchange.context;
  const { emailVerified: _, ...person } = identity;
  const at = now();
  const session = { id: sessionIdOf(nonce), nonce, ...person, createdAt: at, refreshedAt: at };
  return withTokens(settings, session, tokens);
}

async function succeed(exchange: Exchange, session: Session, login: PendingLogin): Promise<void> {
  const { sessions, pending, log, metrics } = exchange.context;
  const target = readRedirect(login.redirect, redirectPolicyOf(exchange)) ?? "/";
  const entry = sessions.entry(session);
  const cookies = await sessions.save(exchange.head.cookie ?? "", entry, hostnameOf(exchange));
  metrics.event("sign-in", "success");
  const user = session.email || session.subject;
  log.auth("signed in", { id: exchange.id, client: exchange.client, user, session: session.id.slice(0, 8) });
  const ended = pending.end(login, hostnameOf(exchange));
  exchange.redirect(target, cookieHeaders([ended, ...cookies]), { reason: "signed-in", user });
}

async function finish(exchange: Exchange, login: PendingLogin): Promise<void> {
  const { configuration } = exchange.context.provider;
  if (configuration === undefined) return providerMissing(exchange);
  try {
    const { identity, tokens } = await redeem(exchange, configuration, login);
    const reason = identity === undefined ? "no-subject" : refusal(exchange, identity);
    if (identity === undefined || reason !== undefined) {
      return fail(exchange, 403, reason ?? "", "You do not have permission to sign in here.", login);
    }
    await succeed(exchange, newSession(exchange, identity, tokens, login), login);
  } catch (error) {
    if (exchange.answered || error instanceof StoreUnavailableError) throw error;
    const text = "The sign-in provider's answer could not be used.";
    if (isOutage(error))
      fail(exchange, 503, reasonOf(error), "The sign-in provider cannot be reached.", login);
    else if (error instanceof RangeError) fail(exchange, 500, "session-too-large", text, login);
    else fail(exchange, 403, reasonOf(error), text, login);
  }
}

/** `<prefix>/callback`. The login must have begun in this browser before anything else is looked at. */
export async function callback(exchange: Exchange): Promise<void> {
  const parameters = new URLSearchParams(exchange.query);
  const state = parameters.get("state") ?? "";
  const login = exchange.context.pending.find(exchange.head.cookie ?? "", state);
  if (login === undefined || parameters.getAll("state").length > 1) return orphan(exchange, state);
  const error = parameters.get("error");
  if (error === null) return finish(exchange, login);
  const word = /^[\x21\x23-\x5b\x5d-\x7e]{1,64}$/.test(error) ? error : "invalid";
  fail(exchange, 403, `provider: ${word}`, `The sign-in provider refused: ${word}.`, login);
}
