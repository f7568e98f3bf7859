/** The short way to an answer: what was allowed a moment ago, for the same cookies at the same address, is allowed again. */
import type { Exchange } from "../server/exchange.ts";
import type { Entry } from "../session/store.ts";

/**
 * True when nothing but cookies, address and host has a part in the answer: no enforcement point that tells the original request,
 * no rules by application, no other credentials, nothing odd about the headers.
 */
function plain({ context, mode, point, asks, head }: Exchange): boolean {
  return (
    mode === "compat" &&
    point === undefined &&
    asks === undefined &&
    context.policy.rules === undefined &&
    !context.settings.options.force_https &&
    head.authorization === undefined &&
    head.fault === undefined
  );
}

/**
 * Answers a request from what was decided lately; false when it has to be decided.
 *
 * A session that was ended or refreshed in the meantime, has run out, or is due for a refresh is decided anew.
 */
export function replay(exchange: Exchange): boolean {
  const { decisions, sessions, metrics, now } = exchange.context;
  const { cookie, host } = exchange.head;
  if (decisions === undefined || cookie === undefined || !plain(exchange)) return false;
  const known = decisions.find(cookie, exchange.url, host);
  const hit = known !== undefined && known.until > now() && sessions.stands(known.session);
  metrics.cache(hit);
  if (!hit) return false;
  exchange.send(known.status, known.headers, undefined, known.outcome);
  return true;
}

/** What was answered to an allowed request. */
export interface Allowed {
  readonly status: number;
  /** Without cookies: they are for one browser at one time. */
  readonly headers: readonly string[];
  readonly entry: Entry;
  /** What the log says of it. */
  readonly user: string;
}

/** Keeps an allow that followed from the session alone, whatever the original request was. */
export function remember(exchange: Exchange, { status, headers, entry, user }: Allowed): void {
  const { decisions, settings, refresher, now } = exchange.context;
  const { cookie, host } = exchange.head;
  if (decisions === undefined || cookie === undefined || !plain(exchange)) return;
  const { id, refreshedAt } = entry.session;
  const until = Math.min(now() + settings.options.decision_cache_ttl, entry.endsAt, refresher.dueAt(entry));
  if (until <= now()) return;
  decisions.keep(cookie, {
    url: exchange.url,
    host,
    status,
    headers,
    outcome: { decision: "allow", reason: "session", user },
    session: { id, refreshedAt },
    until,
  });
}
