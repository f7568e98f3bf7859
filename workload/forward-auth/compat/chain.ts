/** Whose request it is: a bearer token's, a local user's with a password, or the stored session's; the first that there is. */
import { acceptedProviders } from "../decision/decide.ts";
import { tellBadCookie } from "../log/events.ts";
import { cookieHeaders, type Exchange } from "../server/exchange.ts";
import { type Entry, type Eventually, whenThere } from "../session/store.ts";
import { type AcceptedProviders, tokenOf } from "../token/bearer.ts";
import { originalOf } from "./decision.ts";
import { hostOf } from "./request.ts";

/** Somebody, or nobody. */
export interface Found {
  readonly entry: Entry | undefined;
  /** `Set-Cookie` headers for whatever the answer is: a newer session, or the end of one that is none. */
  readonly headers: readonly string[];
  /** True when the request must be refused whatever it asks for. */
  readonly refused?: boolean;
}

const NOBODY: Found = { entry: undefined, headers: [] };
const REFUSED: Found = { entry: undefined, headers: [], refused: true };

/** Which endpoint a request is to: one that only decides, an application's page, or another one of ours. */
export type Asking = "decision" | "page" | "own";

/** Finds whose request it is. At once, unless somebody has to be asked. */
export function findSession(exchange: Exchange, asking: Asking = "own"): Eventually<Found> {
  const { authorization } = exchange.head;
  const { bearer, htpasswd } = exchange.context;
  if (authorization === undefined || (bearer === undefined && htpasswd === undefined))
    return fromCookie(exchange);
  return fromAuthorization(exchange, authorization, asking);
}

/** Providers whose sessions the applications of a request accept; undefined: of any. */
function acceptedBy(exchange: Exchange, asking: Asking): AcceptedProviders {
  if (asking === "own" || exchange.context.policy.rules === undefined) return undefined;
  const original = originalOf(exchange, asking === "decision");
  return acceptedProviders(exchange.context.policy, typeof original === "string" ? undefined : original);
}

/** @throws {IssuerUnreachableError} When nobody can say whether a token is good: that is no refusal. */
async function fromAuthorization(exchange: Exchange, authorization: string, asking: Asking): Promise<Found> {
  const { bearer, htpasswd, settings } = exchange.context;
  if (bearer !== undefined) {
    const token = tokenOf(authorization);
    const found =
      token === undefined ? undefined : await bearer.read(token, () => acceptedBy(exchange, asking));
    if (found !== undefined) return { entry: found, headers: [] };
    if (!settings.options.bearer_token_login_fallback) return REFUSED;
  }
  const entry = await htpasswd?.basic(authorization, exchange);
  return entry === undefined ? fromCookie(exchange) : { entry, headers: [] };
}

function fromCookie(exchange: Exchange): Eventually<Found> {
  const { cookie } = exchange.head;
  if (cookie === undefined) return NOBODY;
  const { sessions, refresher } = exchange.context;
  return whenThere(sessions.load(cookie), (entry) => {
    if (entry === undefined) {
      if (sessions.present(cookie)) tellBadCookie(exchange);
      return nobody(exchange, cookie);
    }
    if (!refresher.due(entry)) return { entry, headers: renewal(exchange, cookie, entry) };
    return refresher
      .refresh(entry)
      .then((fresh) =>
        fresh === undefined
          ? nobody(exchange, cookie)
          : { entry: fresh, headers: renewal(exchange, cookie, fresh) },
      );
  });
}

/** A cookie that is no session is taken away. */
function nobody(exchange: Exchange, cookie: string): Eventually<Found> {
  if (!exchange.context.sessions.present(cookie)) return NOBODY;
  return whenThere(cleared(exchange), (headers) => ({ entry: undefined, headers }));
}

/** `Set-Cookie` headers that take the session out of the browser. */
export function cleared(exchange: Exchange): Eventually<string[]> {
  const { sessions } = exchange.context;
  return whenThere(sessions.clear(exchange.head.cookie ?? "", hostOf(exchange)?.name ?? ""), cookieHeaders);
}

/** The newer cookie, for a browser that still has the one from before a refresh. */
function renewal(exchange: Exchange, cookie: string, entry: Entry): readonly string[] {
  const { settings, sessions, log } = exchange.context;
  if (settings.options.cookie_refresh === 0 || !sessions.outdated(cookie, entry)) return [];
  try {
    return cookieHeaders(sessions.renew(cookie, entry, hostOf(exchange)?.name ?? ""));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    log.warn("refreshed session does not fit into cookies", { id: exchange.id });
    return [];
  }
}
