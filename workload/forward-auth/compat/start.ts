/** `<prefix>/start`: the way to the provider. */

import { choiceOf, type LoginChoice, mustChoose, remembered } from "../login/start.ts";
import { type Answered, cookieHeaders, type Exchange } from "../server/exchange.ts";
import { answerError, answerSignIn } from "./pages.ts";
import { NO_CACHE, redirect, text } from "./reply.ts";
import { hostOf, isLost } from "./request.ts";
import { parametersOf, redirectUriOf, targetOf } from "./targets.ts";

/** What a login begins with. */
export interface Beginning {
  /** Validated target for afterwards. */
  readonly target: string;
  /** Which sign-in; without one, the first provider as it is configured. */
  readonly choice?: LoginChoice;
  /** True for a second attempt after a callback that belonged to no login. */
  readonly again?: boolean;
  readonly headers?: readonly string[];
}

/** Sends the browser to the provider. */
export function beginLogin(exchange: Exchange, beginning: Beginning): Answered {
  const { providers, pending } = exchange.context;
  const { target, choice = {}, again = false } = beginning;
  if (isLost(exchange)) return text(exchange, 400, "Bad Request", NO_CACHE, { reason: "bad-forwarded-host" });
  const provider = choice.provider ?? providers.first;
  if (provider.state !== "ready") return unavailable(exchange, target);
  const { login, cookies } = pending.begin(exchange.head.cookie ?? "", {
    redirect: target,
    again,
    hostname: hostOf(exchange)?.name ?? "",
    pkce: provider.challengeMethod !== "",
    ...remembered(choice),
    ...(providers.list.length > 1 ? { provider: provider.id } : {}),
  });
  const { state, nonce, verifier } = login;
  const { wanted, required } = choice;
  const redirectUri = redirectUriOf(exchange);
  const url = provider.loginUrl({ redirectUri, state, nonce, verifier, wanted, required });
  if (url === undefined) return unavailable(exchange, target);
  const headers = [...NO_CACHE, ...(beginning.headers ?? []), ...cookieHeaders(cookies)];
  redirect(exchange, 302, url, headers, { reason: "sign-in-started" });
}

/** The provider was not found yet, or is not set up: worth trying again. */
export function unavailable(exchange: Exchange, target: string): Answered {
  const message = "The sign-in provider cannot be reached. Try again in a moment.";
  const text = { status: 503, message, redirect: target };
  return answerError(exchange, text, [...NO_CACHE, "Retry-After", "5"], { reason: "provider-unavailable" });
}

/** Answers `<prefix>/start`. */
export async function start(exchange: Exchange): Promise<void> {
  const target = targetOf(exchange, await parametersOf(exchange));
  const choice = choiceOf(exchange);
  if (mustChoose(exchange, choice)) return answerSignIn(exchange, 200, target, NO_CACHE);
  await beginLogin(exchange, { target, choice });
}
