/** `<prefix>/sign_in`: the page, its form for local users, or the provider at once. */

import { choiceOf } from "../login/start.ts";
import { type Answered, cookieHeaders, type Exchange } from "../server/exchange.ts";
import type { Entry } from "../session/store.ts";
import { cleared } from "./chain.ts";
import { answerError, answerSignIn } from "./pages.ts";
import { NO_CACHE, redirect, text } from "./reply.ts";
import { hostOf, isCrossSite } from "./request.ts";
import { beginLogin } from "./start.ts";
import { pageTargetOf, parametersOf, targetOf } from "./targets.ts";

/** Answers `<prefix>/sign_in`. */
export async function signIn(exchange: Exchange): Promise<void> {
  const { htpasswd, settings } = exchange.context;
  const parameters = await parametersOf(exchange);
  const target = targetOf(exchange, parameters);
  if (htpasswd === undefined || exchange.method !== "POST") return showPage(exchange, parameters, target);
  if (isCrossSite(exchange)) return text(exchange, 403, "Forbidden", NO_CACHE, { reason: "cross-site" });
  const user = parameters.get("username") ?? "";
  const tried = await htpasswd.form(user, parameters.get("password") ?? "", exchange);
  if (tried !== undefined) return succeed(exchange, tried, target);
  if (settings.options.skip_provider_button) return showPage(exchange, parameters, target);
  await page(exchange, user === "" ? 400 : 401, pageTargetOf(exchange, parameters));
}

async function showPage(exchange: Exchange, parameters: URLSearchParams, target: string): Promise<void> {
  if (exchange.context.settings.options.skip_provider_button)
    return beginLogin(exchange, { target, choice: choiceOf(exchange) });
  await page(exchange, 200, pageTargetOf(exchange, parameters));
}

/** The page; whatever session the browser had ends in it. */
async function page(exchange: Exchange, status: number, target: string): Promise<void> {
  const gone = await cleared(exchange);
  answerSignIn(exchange, status, target, [...NO_CACHE, ...gone]);
}

/** Nobody is signed in on a proxied path: the page with 403, and no session any more. */
export async function challengePage(exchange: Exchange, target: string, outcome: object): Promise<void> {
  const gone = await cleared(exchange);
  answerSignIn(exchange, 403, target, [...NO_CACHE, ...gone], outcome);
}

async function succeed(exchange: Exchange, entry: Entry, target: string): Promise<void> {
  const { sessions, metrics } = exchange.context;
  const user = entry.session.subject;
  try {
    const cookies = await sessions.save(exchange.head.cookie ?? "", entry, hostOf(exchange)?.name ?? "");
    metrics.event("sign-in", "success");
    redirect(exchange, 302, target, [...NO_CACHE, ...cookieHeaders(cookies)], { reason: "signed-in", user });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    await failed(exchange, target);
  }
}

function failed(exchange: Exchange, target: string): Answered {
  return answerError(exchange, { status: 500, message: "", redirect: target }, NO_CACHE, {
    reason: "session-too-large",
  });
}
