/**
 * What happens to people, told to the auth log: in JSON by stable words, in text lines by oauth2-proxy's.
 *
 * A line says who it is about and which tokens there are, never a token, a code or a state.
 */
import type { Exchange } from "../server/exchange.ts";
import { authFields } from "../server/logged.ts";
import type { Session } from "../session/session.ts";
import { sessionText } from "./session-text.ts";

const nameOf = ({ email, subject }: Session): string => email || subject;

/** Somebody signed in through the provider. */
export function tellSignedIn(exchange: Exchange, session: Session): void {
  exchange.context.log.auth("signed in", {
    ...authFields(exchange, "AuthSuccess", nameOf(session)),
    session: session.id.slice(0, 8),
    text: `Authenticated via OAuth2: ${sessionText(session)}`,
  });
}

/** A sign-in through the provider failed. @param session Who it would have been, when that is known. */
export function tellSignInFailed(exchange: Exchange, reason: string, session?: Session): void {
  const why = session === undefined ? reason : "unauthorized";
  exchange.context.log.auth("sign-in failed", {
    ...authFields(exchange, "AuthFailure", session === undefined ? undefined : nameOf(session)),
    reason,
    text: `Invalid authentication via OAuth2: ${why}`,
  });
}

/** Somebody signed out. */
export function tellSignedOut(exchange: Exchange, session: Session): void {
  exchange.context.log.auth("signed out", {
    ...authFields(exchange, "AuthSuccess", nameOf(session)),
    session: session.id.slice(0, 8),
  });
}

/** Somebody who is signed in may not be any more; the session is taken out of the browser. */
export function tellRefused(exchange: Exchange, session: Session): void {
  const { log, policy } = exchange.context;
  const why = policy.admits?.(session) === false ? "invalid email" : "unauthorized";
  log.auth("session refused", {
    ...authFields(exchange, "AuthFailure", nameOf(session)),
    session: session.id.slice(0, 8),
    reason: why,
    text: `Invalid authorization via session (${why}): removing session ${sessionText(session)}`,
  });
}

const BY_PASSWORD = {
  form: ["Authenticated via HtpasswdFile", "Invalid authentication via HtpasswdFile"],
  basic: [
    "Authenticated via basic auth and HTpasswd File",
    "Invalid authentication via basic auth: not in Htpasswd File",
  ],
} as const;

/** A user of the htpasswd file signed in, or tried to. */
export function tellPassword(
  exchange: Exchange,
  user: string,
  how: "form" | "basic",
  success: boolean,
): void {
  exchange.context.log.auth(success ? "signed in by password" : "password refused", {
    ...authFields(exchange, success ? "AuthSuccess" : "AuthFailure", user),
    how,
    text: BY_PASSWORD[how][success ? 0 : 1],
  });
}

/** A cookie in the place of the session is none. */
export function tellBadCookie(exchange: Exchange): void {
  exchange.context.log.error("session cookie refused", {
    id: exchange.id,
    file: "stored_session.go:122",
    text: "Error loading cookied session: cookie signature not valid, removing session",
  });
}

/**
 * Nobody is signed in: the sign-in begins, or a script is refused. A line of oauth2-proxy's, which the request's own line makes
 * needless in JSON.
 */
export function tellNobody(exchange: Exchange, refused: boolean): void {
  const { log } = exchange.context;
  if (log.format === "json") return;
  const [text, file] = refused
    ? ["Access Denied.", "oauthproxy.go:1058"]
    : ["Initiating login.", "oauthproxy.go:1064"];
  log.info(`No valid authentication in request. ${text}`, { file });
}

/** Words of Node.js for a connection that did not come about, as Go has them. */
function inGo(detail: string): string {
  return detail
    .replace(/^connect ECONNREFUSED (\S+)$/, "dial tcp $1: connect: connection refused")
    .replace(/^connect ETIMEDOUT (\S+)$/, "dial tcp $1: i/o timeout")
    .replace(/^getaddrinfo ENOTFOUND (\S+)$/, "dial tcp: lookup $1: no such host");
}

/** A request was allowed, but no upstream answered. */
export function tellUpstreamFault(exchange: Exchange, reason: string, detail: string): void {
  exchange.context.log.error("request not handed on", {
    id: exchange.id,
    reason,
    detail,
    file: "error_page.go:93",
    text: `Error proxying to upstream server: ${inGo(detail)}`,
  });
}
