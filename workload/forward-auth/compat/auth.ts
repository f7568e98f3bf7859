/** `<prefix>/auth`: a gateway asks whether a request may pass. Never a redirect, never a page. */
import { plainKey, remember } from "../decision/replay.ts";
import { withHeaders } from "../identity/application-headers.ts";
import { tellRefused } from "../log/events.ts";
import type { Answered, Exchange, Outcome } from "../server/exchange.ts";
import { type Entry, whenThere } from "../session/store.ts";
import { cleared, type Found, findSession } from "./chain.ts";
import { judge, type Verdict } from "./decision.ts";
import { text } from "./reply.ts";
import { hostText } from "./request.ts";

const NONE: readonly string[] = [];

/** What the log says of a decision. */
export function outcomeOf(exchange: Exchange, decision: string, reason: string, entry?: Entry): Outcome {
  const { method, path } = exchange;
  const user = entry?.session.email || entry?.session.subject;
  return { decision, reason, method, path, host: hostText(exchange), user };
}

/** An allow. */
export type Allow = Extract<Verdict, { kind: "allow" }>;

/** Headers that the applications of a request ask for. */
export function wantedBy({ context }: Exchange, { applications, entry }: Allow): readonly string[] {
  return applications.length === 0 ? NONE : context.applicationHeaders.of(applications, entry?.session);
}

/** Identity headers of an answer. */
export function identityOf(
  { context }: Exchange,
  { entry }: Allow,
  wanted: readonly string[],
): readonly string[] {
  const { identity } = context;
  const headers =
    entry === undefined
      ? identity.responseHeaders(undefined)
      : identity.currentHeaders(entry.session, entry.headers);
  return withHeaders(headers, wanted);
}

/** Answers 202, 401 or 403. */
export function auth(exchange: Exchange): Answered {
  return whenThere(findSession(exchange, "decision"), (found) => conclude(exchange, found));
}

function conclude(exchange: Exchange, { entry, headers, refused }: Found): Answered {
  if (refused)
    return text(exchange, 403, "Forbidden", headers, outcomeOf(exchange, "deny", "bad-bearer-token"));
  const verdict = judge(exchange, entry, true);
  const { reason } = verdict;
  switch (verdict.kind) {
    case "allow":
      return allow(exchange, verdict, headers);
    case "challenge":
      return text(exchange, 401, "Unauthorized", headers, outcomeOf(exchange, "challenge", reason));
    case "forbidden":
      return text(exchange, 403, "Forbidden", headers, outcomeOf(exchange, "deny", reason, entry));
    case "unwelcome":
      if (entry !== undefined) tellRefused(exchange, entry.session);
      return whenThere(cleared(exchange), (gone) =>
        text(exchange, 401, "Unauthorized", gone, outcomeOf(exchange, "deny", reason, entry)),
      );
  }
}

function allow(exchange: Exchange, verdict: Allow, cookies: readonly string[]): void {
  const { entry, reason } = verdict;
  const identity = identityOf(exchange, verdict, wantedBy(exchange, verdict));
  const headers = cookies.length === 0 ? identity : [...identity, ...cookies];
  const outcome = outcomeOf(exchange, "allow", reason, entry);
  exchange.send(202, headers, undefined, outcome);
  const key = reason === "session" && cookies.length === 0 ? plainKey(exchange) : undefined;
  if (key !== undefined && entry !== undefined)
    remember(exchange, key, { status: 202, headers: identity, entry, user: outcome.user ?? "" });
}
