/** The way to the provider. */
import type { Page } from "../pages/pages.ts";
import type { Provider } from "../provider/provider.ts";
import type { SignInWish } from "../rules/access.ts";
import { cookieHeaders, type Exchange, type Outcome } from "../server/exchange.ts";
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

/** Which sign-in is wanted. */
export interface LoginChoice {
  /** Undefined: the first one. */
  readonly provider?: Provider | undefined;
  /** Parameters of the request; the configuration says which of them reach the provider. */
  readonly wanted?: URLSearchParams | undefined;
  /** Login parameters that a rule asks for, such as `acr_values` and `max_age`. */
  readonly required?: Readonly<Record<string, string>>;
}

/** Login parameters that a rule's wish makes. */
const parametersOf = ({ acr, maxAge }: SignInWish): Readonly<Record<string, string>> => ({
  ...(acr.length === 0 ? {} : { acr_values: acr.join(" ") }),
  ...(maxAge === undefined ? {} : { max_age: String(Math.floor(maxAge / 1000)) }),
});

/** What a login remembers of a choice: the age that the provider's answer has to meet. */
export const remembered = ({ required }: LoginChoice): { readonly maxAge?: number } =>
  required?.["max_age"] === undefined ? {} : { maxAge: Number(required["max_age"]) };

/** The sign-in that rules ask for, as a choice. */
export function choiceOfWish(exchange: Exchange, wish: SignInWish): LoginChoice {
  const { provider } = wish;
  return {
    provider: provider === undefined ? undefined : exchange.context.providers.get(provider),
    required: parametersOf(wish),
  };
}

/** The same as parameters of the sign-in endpoints, each with `&` in front. They can only ask for more, so they need no seal. */
export function wishQuery(wish: SignInWish): string {
  const { provider } = wish;
  const all = { ...parametersOf(wish), ...(provider === undefined ? {} : { provider }) };
  return Object.entries(all)
    .map(([name, value]) => `&${name}=${encodeURIComponent(value)}`)
    .join("");
}

/** Values of `acr` that some rule asks for, and a greatest age, as the request names them. */
function requiredOf(exchange: Exchange, wanted: URLSearchParams): Readonly<Record<string, string>> {
  const known = exchange.context.policy.rules?.acrValues;
  if (known === undefined) return {};
  const acr = (wanted.get("acr_values") ?? "").split(" ").filter((value) => known.has(value));
  const age = wanted.get("max_age") ?? "";
  return {
    ...(acr.length === 0 ? {} : { acr_values: acr.join(" ") }),
    ...(/^\d{1,8}$/.test(age) ? { max_age: age } : {}),
  };
}

/** What a request for a sign-in chooses: its parameters, and a provider by `?provider=<id>`; an id that is not configured chooses none. */
export function choiceOf(exchange: Exchange): LoginChoice {
  const wanted = new URLSearchParams(exchange.query);
  const id = wanted.get("provider");
  const provider = id === null ? undefined : exchange.context.providers.get(id);
  return { wanted, provider, required: requiredOf(exchange, wanted) };
}

/**
 * Sends the browser to the provider.
 *
 * @param redirect Validated target for afterwards.
 * @param again True for a second attempt after a callback that belonged to no login.
 * @param choice Without one, the first provider as it is configured.
 */
export function beginLogin(
  exchange: Exchange,
  redirect: string,
  again = false,
  headers: readonly string[] = [],
  choice: LoginChoice = {},
): void {
  const { providers, pending } = exchange.context;
  const provider = choice.provider ?? providers.first;
  const address = publicAddressOf(exchange);
  if (provider.state !== "ready") {
    providerMissing(exchange, `${address.path}/start?rd=${encodeURIComponent(redirect)}`);
    return;
  }
  const { login, cookies } = pending.begin(exchange.head.cookie ?? "", {
    redirect,
    again,
    hostname: hostnameOf(exchange),
    pkce: provider.challengeMethod !== "",
    ...remembered(choice),
    ...(providers.list.length > 1 ? { provider: provider.id } : {}),
  });
  const url = provider.loginUrl({
    redirectUri: address.callback,
    state: login.state,
    nonce: login.nonce,
    verifier: login.verifier,
    wanted: choice.wanted,
    required: choice.required,
  });
  exchange.redirect(url ?? "/", [...headers, ...cookieHeaders(cookies)], { reason: "sign-in-started" });
}

/** True when there are several providers and none was named: then people choose on the sign-in page. */
export function mustChoose({ context }: Exchange, { provider }: LoginChoice): boolean {
  const { providers, settings } = context;
  return provider === undefined && providers.list.length > 1 && !settings.options.skip_provider_button;
}

/** `<prefix>/start`. */
export function start(exchange: Exchange): void {
  const [redirect, choice] = [wantedRedirect(exchange), choiceOf(exchange)];
  if (mustChoose(exchange, choice)) exchange.page(200, signInPage(exchange, 200, redirect));
  else beginLogin(exchange, redirect, false, [], choice);
}

/** `<prefix>/sign_in`: the page, or the provider at once. The session that was there ends in this browser. */
export async function signIn(exchange: Exchange): Promise<void> {
  const { settings, sessions } = exchange.context;
  const redirect = wantedRedirect(exchange);
  const cleared = cookieHeaders(await sessions.clear(exchange.head.cookie ?? "", hostnameOf(exchange)));
  if (settings.options.skip_provider_button)
    beginLogin(exchange, redirect, false, cleared, choiceOf(exchange));
  else exchange.page(200, signInPage(exchange, 200, redirect), cleared);
}

/** The sign-in page for a request. @param status With which it is answered. */
export function signInPage(exchange: Exchange, status: number, redirect: string): Page {
  const { pages, providers } = exchange.context;
  const several = providers.list.length > 1;
  const choices = providers.list.map(({ id, displayName }) => ({ id: several ? id : "", name: displayName }));
  return pages.signIn({ status, prefix: publicAddressOf(exchange).path, redirect, providers: choices });
}
