/**
 * `<prefix>/callback`: the way back from the provider.
 *
 * @see RFC 6749, section 4.1.2; RFC 9207 (iss); OpenID Connect Core, section 3.1.3
 */
import { tellSignedIn, tellSignInFailed } from "../log/events.ts";
import { answerOf, newSession } from "../login/callback.ts";
import { type PendingLogin, readState } from "../login/pending.ts";
import { ProviderError, reasonOf } from "../provider/provider.ts";
import { cookieHeaders, type Exchange } from "../server/exchange.ts";
import type { Session } from "../session/session.ts";
import { StoreUnavailableError } from "../session/store.ts";
import { answerError } from "./pages.ts";
import { NO_CACHE, redirect } from "./reply.ts";
import { hostOf } from "./request.ts";
import { beginLogin, unavailable } from "./start.ts";
import { isValidTarget, parametersOf, redirectUriOf } from "./targets.ts";

const NO_CSRF = "Login Failed: Unable to find a valid CSRF token. Please try again.";
/** The provider's fault, or ours. */
const FAULT = { status: 500, message: "" } as const;

/** A callback that did not lead to a session. */
interface Failure {
  readonly status: number;
  readonly message: string;
  /** For the log. */
  readonly reason: string;
  readonly login?: PendingLogin;
  /** Who it would have been. */
  readonly session?: Session;
}

function fail(exchange: Exchange, { status, message, reason, login, session }: Failure): void {
  const { metrics, pending } = exchange.context;
  metrics.signInFailed(reason);
  tellSignInFailed(exchange, reason, session);
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

async function succeed(exchange: Exchange, session: Session, login: PendingLogin): Promise<void> {
  const { sessions, pending, metrics } = exchange.context;
  const target = isValidTarget(exchange, login.redirect) ? login.redirect : "/";
  const hostname = hostOf(exchange)?.name ?? "";
  const cookies = await sessions.save(exchange.head.cookie ?? "", sessions.entry(session), hostname);
  metrics.event("sign-in", "success");
  tellSignedIn(exchange, session);
  const headers = [...NO_CACHE, ...cookieHeaders([pending.end(login, hostname), ...cookies])];
  redirect(exchange, 302, target, headers, { reason: "signed-in" });
}

/** True when who has no address is admitted: nobody asks for one. */
function admitsAll({ context }: Exchange): boolean {
  const { email_domains, authenticated_emails_file } = context.settings.options;
  return email_domains.includes("*") || (email_domains.length === 0 && authenticated_emails_file === "");
}

async function finish(exchange: Exchange, login: PendingLogin, parameters: URLSearchParams): Promise<void> {
  const { providers, policy } = exchange.context;
  const provider = providers.of(login);
  if (provider?.state !== "ready") return unavailable(exchange, login.redirect);
  const redirectUri = redirectUriOf(exchange);
  try {
    const found = await provider.redeem({ ...answerOf(login, parameters), redirectUri });
    const session = newSession(exchange.context, provider, found, login);
    if (session.email === "" && provider.issuer !== "")
      return fail(exchange, { ...FAULT, reason: "no-email" });
    if (policy.gate(session) && (session.email !== "" || admitsAll(exchange)))
      return await succeed(exchange, session, login);
    fail(exchange, { status: 403, message: "", reason: "not-permitted-globally", login, session });
  } catch (error) {
    if (exchange.answered || error instanceof StoreUnavailableError) throw error;
    if (error instanceof RangeError) fail(exchange, { ...FAULT, reason: "session-too-large", login });
    else if (!(error instanceof ProviderError)) throw error;
    else if (/nonce|other-issuer|auth-time/.test(error.reason))
      fail(exchange, { status: 403, message: "", reason: reasonOf(error), login });
    else fail(exchange, { ...FAULT, reason: reasonOf(error) });
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
    return fail(exchange, { status: 403, message: "", reason: "no-code" });
  return finish(exchange, login, parameters);
}
