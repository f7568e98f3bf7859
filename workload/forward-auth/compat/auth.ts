/** `<prefix>/auth`: a gateway asks whether a request may pass. Never a redirect, never a page. */
import type { Answered, Exchange, Outcome } from "../server/exchange.ts";
import { type Entry, whenThere } from "../session/store.ts";
import { cleared, type Found, findSession } from "./chain.ts";
import { judge } from "./decision.ts";
import { text } from "./reply.ts";
import { hostText } from "./request.ts";

/** What the log says of a decision. */
export function outcomeOf(exchange: Exchange, decision: string, reason: string, entry?: Entry): Outcome {
  const { method, path } = exchange;
  const user = entry?.session.email || entry?.session.subject;
  return {
    decision,
    reason,
    method,
    path,
    host: hostText(exchange),
    ...(user === undefined ? {} : { user }),
  };
}

/** Answers 202, 401 or 403. */
export function auth(exchange: Exchange): Answered {
  return whenThere(findSession(exchange), (found) => conclude(exchange, found));
}

function conclude(exchange: Exchange, { entry, headers, refused }: Found): Answered {
  if (refused)
    return text(exchange, 403, "Forbidden", headers, outcomeOf(exchange, "deny", "bad-bearer-token"));
  const { kind, reason } = judge(exchange, entry, true);
  switch (kind) {
    case "allow":
      return allow(exchange, entry, headers, reason);
    case "challenge":
      return text(exchange, 401, "Unauthorized", headers, outcomeOf(exchange, "challenge", reason));
    case "forbidden":
      return text(exchange, 403, "Forbidden", headers, outcomeOf(exchange, "deny", reason, entry));
    case "unwelcome":
      return whenThere(cleared(exchange), (gone) =>
        text(exchange, 401, "Unauthorized", gone, outcomeOf(exchange, "deny", reason, entry)),
      );
  }
}

function allow(
  exchange: Exchange,
  entry: Entry | undefined,
  cookies: readonly string[],
  reason: string,
): void {
  const identity = entry?.headers ?? exchange.context.anonymous;
  const headers = cookies.length === 0 ? identity : [...identity, ...cookies];
  exchange.send(202, headers, undefined, outcomeOf(exchange, "allow", reason, entry));
}
