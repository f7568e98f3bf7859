/** `<prefix>/start`: the way to the provider. */
import { hash } from "node:crypto";
import * as client from "openid-client";
import { type Answered, cookieHeaders, type Exchange } from "../server/exchange.ts";
import { answerError } from "./pages.ts";
import { NO_CACHE, redirect } from "./reply.ts";
import { hostOf } from "./request.ts";
import { parametersOf, redirectUriOf, targetOf } from "./targets.ts";

/** What a login begins with. */
export interface Beginning {
  /** Validated target for afterwards. */
  readonly target: string;
  /** Query of the request: what the configuration allows of it goes to the provider. */
  readonly wanted?: URLSearchParams;
  /** True for a second attempt after a callback that belonged to no login. */
  readonly again?: boolean;
  readonly headers?: readonly string[];
}

/** Sends the browser to the provider. */
export function beginLogin(exchange: Exchange, beginning: Beginning): Answered {
  const { provider, pending, settings } = exchange.context;
  const { configuration } = provider;
  if (configuration === undefined) return unavailable(exchange, beginning.target);
  const { login, cookies } = pending.begin(exchange.head.cookie ?? "", {
    redirect: beginning.target,
    hostname: hostOf(exchange)?.name ?? "",
    again: beginning.again ?? false,
  });
  const url = client.buildAuthorizationUrl(configuration, {
    redirect_uri: redirectUriOf(exchange),
    scope: settings.options.scope || "openid email profile",
    state: login.state,
    nonce: login.nonce,
    ...(login.verifier === undefined
      ? {}
      : { code_challenge: hash("sha256", login.verifier, "base64url"), code_challenge_method: "S256" }),
    ...(settings.options.prompt === "" ? {} : { prompt: settings.options.prompt }),
  });
  const headers = [...NO_CACHE, ...(beginning.headers ?? []), ...cookieHeaders(cookies)];
  redirect(exchange, 302, url.href, headers, { reason: "sign-in-started" });
}

/** The provider was not found yet, or is not set up: worth trying again. */
export function unavailable(exchange: Exchange, target: string): Answered {
  const message = "The sign-in provider cannot be reached. Try again in a moment.";
  const text = { status: 503, message, redirect: target };
  return answerError(exchange, text, [...NO_CACHE, "Retry-After", "5"], { reason: "provider-unavailable" });
}

/** Answers `<prefix>/start`. */
export async function start(exchange: Exchange): Promise<void> {
  const parameters = await parametersOf(exchange);
  await beginLogin(exchange, { target: targetOf(exchange, parameters), wanted: parameters });
}
