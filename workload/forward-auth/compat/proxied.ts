/** Every path that is none of ours: the application's, for who may have it. */
import type { Answered, Exchange } from "../server/exchange.ts";
import { type Entry, whenThere } from "../session/store.ts";
import { outcomeOf } from "./auth.ts";
import { cleared, type Found, findSession } from "./chain.ts";
import { judge } from "./decision.ts";
import { answerError } from "./pages.ts";
import { json, text } from "./reply.ts";
import { uriOf } from "./request.ts";
import { challengePage } from "./sign-in.ts";
import { beginLogin } from "./start.ts";
import { pageTargetOf, targetOf } from "./targets.ts";

/** Answers a request for an application. */
export function proxied(exchange: Exchange): Answered {
  return whenThere(findSession(exchange), (found) => conclude(exchange, found));
}

function conclude(exchange: Exchange, { entry, headers, refused }: Found): Answered {
  if (refused)
    return text(exchange, 403, "Forbidden", headers, outcomeOf(exchange, "deny", "bad-bearer-token"));
  const { kind, reason } = judge(exchange, entry, false);
  switch (kind) {
    case "allow":
      return forward(exchange, entry, headers, reason);
    case "challenge":
      return challenge(exchange, headers);
    case "forbidden":
      return text(exchange, 403, "Forbidden", headers, outcomeOf(exchange, "deny", reason, entry));
    case "unwelcome":
      return whenThere(cleared(exchange), (gone) => unwelcome(exchange, gone, entry));
  }
}

/** Hands the request on; an application that is a status only is answered here. */
function forward(
  exchange: Exchange,
  entry: Entry | undefined,
  cookies: readonly string[],
  reason: string,
): void {
  const { settings, anonymous } = exchange.context;
  const identity = entry?.headers ?? anonymous;
  exchange.send(
    settings.allowStatus,
    [...identity, ...cookies],
    undefined,
    outcomeOf(exchange, "allow", reason, entry),
  );
}

/** A script's request: an element of `Accept` is exactly `application/json`, or the path is one of an API. */
function wantsStatus(exchange: Exchange): boolean {
  const { settings, apiRoutes } = exchange.context;
  if (settings.options.force_json_errors) return true;
  if (
    exchange
      .header("accept")
      .some((value) => value.split(",").some((type) => type.trim() === "application/json"))
  )
    return true;
  return apiRoutes.length > 0 && apiRoutes.some((route) => route.matches(exchange.method, uriOf(exchange)));
}

function challenge(exchange: Exchange, headers: readonly string[]): Answered {
  const said = outcomeOf(exchange, "challenge", "no-session");
  if (wantsStatus(exchange)) return json(exchange, 401, "{}", headers, said);
  const none = new URLSearchParams(exchange.query);
  if (exchange.context.settings.options.skip_provider_button)
    return beginLogin(exchange, { target: targetOf(exchange, none), headers });
  return challengePage(exchange, pageTargetOf(exchange, none), said);
}

function unwelcome(exchange: Exchange, headers: readonly string[], entry: Entry | undefined): Answered {
  const said = outcomeOf(exchange, "deny", "not-permitted-globally", entry);
  if (exchange.context.settings.options.force_json_errors) return json(exchange, 403, "{}", headers, said);
  const message = "You do not have permission to access this resource.";
  return answerError(exchange, { status: 403, message, redirect: uriOf(exchange) }, headers, said);
}
