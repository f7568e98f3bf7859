/** The short way to an answer: what was allowed a moment ago, for the same cookies and the same question, is allowed again. */
import type { Coverage, Rules } from "../rules/rules.ts";
import type { Exchange, Outcome } from "../server/exchange.ts";
import type { Entry } from "../session/store.ts";
import type { DecisionEndpoint } from "./answer.ts";
import type { KnownAnswer } from "./decision-cache.ts";
import type { Original } from "./original.ts";

/** A question, as far as the answer to it depends on more than the session. */
export interface AskedKey {
  /** Who asks in which way, with what constraints, about which applications. */
  readonly url: string;
  readonly host: string | undefined;
  /** Most milliseconds after the sign-in; undefined: as long as the session is good. */
  readonly maxAge?: number | undefined;
}

/** Where an allow is kept that may be given again. */
export interface Allowed {
  readonly status: number;
  /** Without cookies: they are for one browser at one time. */
  readonly headers: readonly string[];
  readonly entry: Entry;
  /** What the log says of it. */
  readonly user: string;
}

/**
 * The question in mode `compat`; undefined unless nothing but cookies, address and host has a part in the answer: no enforcement
 * point that tells the original request, no rules by application, no other credentials, nothing odd about the headers.
 */
export function plainKey({ context, mode, point, asks, head, url }: Exchange): AskedKey | undefined {
  const plain =
    mode === "compat" &&
    point === undefined &&
    asks === undefined &&
    context.policy.rules === undefined &&
    !context.settings.options.force_https &&
    head.authorization === undefined &&
    head.fault === undefined;
  return plain ? { url, host: head.host } : undefined;
}

/**
 * The question of an enforcement point whose original request was read; undefined where the answer may follow from something else.
 *
 * Of the original request the host is in it, and the applications that cover it, with what they ask of somebody there: so methods
 * and paths of one application share an answer as far as its rules make no difference between them. Whether the request can be
 * decided at all is the caller's to find out, each time.
 */
export function pointKey(
  { context, mode, point, asks, head, query }: Exchange,
  endpoint: DecisionEndpoint,
  original: Original,
): AskedKey | undefined {
  if (asks !== undefined || head.authorization !== undefined) return undefined;
  const asked = askedBy(context.policy.rules, original);
  if (asked === undefined) return undefined;
  // A check's query is the user's, and asks nothing.
  const own = point?.question === "check" ? "" : query;
  return {
    url: `${mode} ${point?.question ?? "listener"} ${endpoint} ${asked.text} ?${own}`,
    host: original.hostText,
    maxAge: asked.maxAge,
  };
}

/** What rules ask for a request. */
interface Asked {
  readonly text: string;
  readonly maxAge: number | undefined;
}

const NOTHING: Asked = { text: "no rules", maxAge: undefined };

const known = new WeakMap<Coverage & object, Asked>();
const numbers = new WeakMap<object, number>();
let count = 0;

/** A number that no other application or requirement has, of these rules or of others. */
function numberOf(one: object): number {
  const number = numbers.get(one) ?? ++count;
  numbers.set(one, number);
  return number;
}

/** Undefined when no application covers the request, or it is not certain which. */
function askedBy(rules: Rules | undefined, original: Original): Asked | undefined {
  if (rules === undefined) return NOTHING;
  const coverage = rules.coverage(original);
  if (coverage === "ambiguous" || coverage.length === 0) return undefined;
  const before = known.get(coverage);
  if (before !== undefined) return before;
  const texts = coverage.map(
    ({ application, requirements }) => `${numberOf(application)}:${requirements.map(numberOf).join("+")}`,
  );
  const ages = coverage.flatMap(({ requirements }) => requirements.flatMap(({ wish }) => wish.maxAge ?? []));
  const asked = { text: texts.join(), maxAge: ages.length === 0 ? undefined : Math.min(...ages) };
  known.set(coverage, asked);
  return asked;
}

/**
 * What was answered lately to the same question with the same cookies; undefined when it has to be decided.
 *
 * A session that was ended or refreshed in the meantime, has run out, or is due for a refresh is decided anew.
 */
export function recall({ context, head }: Exchange, { url, host }: AskedKey): KnownAnswer | undefined {
  const { decisions, sessions, metrics, now } = context;
  if (decisions === undefined || head.cookie === undefined) return undefined;
  const answer = decisions.find(head.cookie, url, host);
  const hit = answer !== undefined && answer.until > now() && sessions.stands(answer.session);
  metrics.cache(hit);
  return hit ? answer : undefined;
}

/** Answers a request in mode `compat` from what was decided lately; false when it has to be decided. */
export function replay(exchange: Exchange): boolean {
  const key = plainKey(exchange);
  const answer = key === undefined ? undefined : recall(exchange, key);
  if (answer === undefined) return false;
  exchange.send(answer.status, answer.headers, undefined, answer.outcome);
  return true;
}

const outcomeFor = (user: string): Outcome => ({ decision: "allow", reason: "session", user });

/** Keeps an allow that followed from the session and the question alone. */
export function remember(
  { context, head }: Exchange,
  { url, host, maxAge = Number.POSITIVE_INFINITY }: AskedKey,
  { status, headers, entry, user }: Allowed,
): void {
  const { decisions, settings, refresher, now } = context;
  if (decisions === undefined || head.cookie === undefined) return;
  const { id, refreshedAt, createdAt } = entry.session;
  const until = Math.min(
    now() + settings.options.decision_cache_ttl,
    entry.endsAt,
    refresher.dueAt(entry),
    createdAt + maxAge,
  );
  if (until <= now()) return;
  const session = { id, refreshedAt };
  decisions.keep(head.cookie, { url, host, status, headers, outcome: outcomeFor(user), session, until });
}
