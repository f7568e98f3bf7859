/** Every path that is none of ours: the application's, for who may have it. */

import { isScript } from "../decision/browser.ts";
import { tellNobody, tellRefused } from "../log/events.ts";
import { choiceOfWish, wishQuery } from "../login/start.ts";
import { removing } from "../points/removal.ts";
import type { SignInWish } from "../rules/access.ts";
import type { Answered, Exchange } from "../server/exchange.ts";
import { type Entry, whenThere } from "../session/store.ts";
import { passOn } from "../upstream/pass-on.ts";
import { type Allow, identityOf, outcomeOf, wantedBy } from "./auth.ts";
import { cleared, type Found, findSession } from "./chain.ts";
import { judge } from "./decision.ts";
import { answerError } from "./pages.ts";
import { json, text } from "./reply.ts";
import { uriOf } from "./request.ts";
import { challengePage } from "./sign-in.ts";
import { beginLogin } from "./start.ts";
import { pageTargetOf, targetOf } from "./targets.ts";

/** No parameters; never changed. */
const NO_QUERY = new URLSearchParams();

/** Answers a request for an application. */
export function proxied(exchange: Exchange): Answered {
  return whenThere(findSession(exchange, "page"), (found) => conclude(exchange, found));
}

function conclude(exchange: Exchange, { entry, headers, refused }: Found): Answered {
  if (refused)
    return text(exchange, 403, "Forbidden", headers, outcomeOf(exchange, "deny", "bad-bearer-token"));
  const verdict = judge(exchange, entry, false);
  const { reason } = verdict;
  switch (verdict.kind) {
    case "allow":
      return forward(exchange, verdict, headers);
    case "challenge":
      return challenge(exchange, headers, verdict.wish);
    case "forbidden":
      return text(exchange, 403, "Forbidden", headers, outcomeOf(exchange, "deny", reason, entry));
    case "unwelcome":
      if (entry !== undefined) tellRefused(exchange, entry.session);
      return whenThere(cleared(exchange), (gone) => unwelcome(exchange, gone, entry));
  }
}

/** Hands the request on; an application that is a status only is answered here. */
function forward(exchange: Exchange, verdict: Allow, cookies: readonly string[]): Answered {
  const { settings, upstreams } = exchange.context;
  const { entry, reason } = verdict;
  const wanted = wantedBy(exchange, verdict);
  const headers = [...identityOf(exchange, verdict, wanted), ...cookies];
  const said = outcomeOf(exchange, "allow", reason, entry);
  if (upstreams === undefined)
    return exchange.send(settings.allowStatus, removing(exchange.head, headers), undefined, said);
  return passOn(upstreams, exchange, upstreams.plan(exchange.url), { entry, headers, wanted, said });
}

/** A script's request: an element of `Accept` is exactly `application/json`, or the path is one of an API. */
function wantsStatus(exchange: Exchange): boolean {
  const { settings } = exchange.context;
  const { apiRoutes } = settings;
  if (settings.options.force_json_errors) return true;
  if (isScript(exchange.head)) return true;
  return apiRoutes.length > 0 && apiRoutes.some((route) => route.matches(exchange.method, uriOf(exchange)));
}

/** Parameters of the request, of which only `rd` counts here. */
const queryOf = ({ query }: Exchange): URLSearchParams =>
  /rd|%/.test(query) ? new URLSearchParams(query) : NO_QUERY;

/** @param wish The sign-in that rules ask for; it begins at once, for the page's buttons lead to any. */
function challenge(exchange: Exchange, headers: readonly string[], wish?: SignInWish): Answered {
  const said = outcomeOf(exchange, "challenge", "no-session");
  const refused = wantsStatus(exchange);
  tellNobody(exchange, refused);
  if (refused) return json(exchange, 401, "{}", headers, said);
  const query = queryOf(exchange);
  const certain = wish !== undefined && wishQuery(wish) !== "";
  if (exchange.context.settings.options.skip_provider_button || certain)
    return beginLogin(exchange, {
      target: targetOf(exchange, query),
      headers,
      ...(wish === undefined ? {} : { choice: choiceOfWish(exchange, wish) }),
    });
  return challengePage(exchange, pageTargetOf(exchange, query), said);
}

function unwelcome(exchange: Exchange, headers: readonly string[], entry: Entry | undefined): Answered {
  const said = outcomeOf(exchange, "deny", "not-permitted-globally", entry);
  if (exchange.context.settings.options.force_json_errors) return json(exchange, 403, "{}", headers, said);
  return answerError(exchange, { status: 403, message: "", redirect: uriOf(exchange) }, headers, said);
}
