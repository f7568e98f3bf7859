/** The way to the provider. */
import { hash } from "node:crypto";
import * as client from "openid-client";
import { cookieHeaders, type Exchange, type Outcome } from "../server/exchange.ts";
import { signInPage } from "../server/pages.ts";
import { hostnameOf, publicAddressOf, wantedRedirect } from "./addresses.ts";

/** Says that the provider cannot be reached, and that it is worth trying again. */
export function providerMissing(exchange: Exchange, retry?: string, outcome?: Outcome): void {
  const unconfigured = exchange.context.provider.state === "unconfigured";
  const text = unconfigured
    ? "No sign-in provider is set up yet."
    : "The sign-in provider cannot be reached. Try again in a moment.";
  const action = retry === undefined ? {} : { action: { href: retry, text: "Try again" } };
  exchange.error(
    503,
    { title: "Sign-in is not possible now", text, ...action },
    ["Retry-After", "5"],
    outcome ?? { reason: "provider-unavailable" },
  );
}

/**
 * Sends the browser to the provider.
 *
 * @param redirect Validated target for afterwards.
 * @param again True for a second attempt after a callback that belonged to no login.
 */
export function beginLogin(
  exchange: Exchange,
  redirect: string,
  again = false,
  headers: readonly string[] = [],
): void {
  const { provider, pending, settings } = exchange.context;
  const { configuration } = provider;
  const address = publicAddressOf(exchange);
  if (configuration === undefined) {
    providerMissing(exchange, `${address.path}/start?rd=${encodeURIComponent(redirect)}`);
    return;
  }
  const { login, cookies } = pending.begin(exchange.head.cookie ?? "", {
    redirect,
    again,
    hostname: hostnameOf(exchange),
  });
  const url = client.buildAuthorizationUrl(configuration, {
    redirect_uri: address.callback,
    scope: settings.options.scope,
    state: login.state,
    nonce: login.nonce,
    ...(login.verifier === undefined
      ? {}
      : { code_challenge: hash("sha256", login.verifier, "base64url"), code_challenge_method: "S256" }),
    ...(settings.options.prompt === "" ? {} : { prompt: settings.options.prompt }),
  });
  exchange.redirect(url.href, [...headers, ...cookieHeaders(cookies)], { reason: "sign-in-started" });
}

/** `<prefix>/start`. */
export function start(exchange: Exchange): void {
  beginLogin(exchange, wantedRedirect(exchange));
}

/** `<prefix>/sign_in`: the page, or the provider at once. The session that was there ends in this browser. */
export async function signIn(exchange: Exchange): Promise<void> {
  const { settings, sessions, provider } = exchange.context;
  const redirect = wantedRedirect(exchange);
  const cleared = cookieHeaders(await sessions.clear(exchange.head.cookie ?? "", hostnameOf(exchange)));
  if (settings.options.skip_provider_button) beginLogin(exchange, redirect, false, cleared);
  else exchange.page(200, signInPage(provider.displayName, startUrl(exchange, redirect)), cleared);
}

/** Path of the start, with the target for afterwards. */
export function startUrl(exchange: Exchange, redirect: string): string {
  return `${publicAddressOf(exchange).path}/start?rd=${encodeURIComponent(redirect)}`;
}
