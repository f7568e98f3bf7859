/** The decision endpoints: the root, which may redirect, and `<prefix>/auth`, which never does. */

import { withHeaders } from "../identity/application-headers.ts";
import { tellRefused } from "../log/events.ts";
import { hostnameOf, publicAddressOf } from "../login/addresses.ts";
import { choiceOfWish, providerMissing, wishQuery } from "../login/start.ts";
import { noteRefusal } from "../points/notices.ts";
import { patienceOf } from "../points/patience.ts";
import type { SignInWish } from "../rules/access.ts";
import { readHost } from "../rules/host.ts";
import { cookieDomain } from "../server/context.ts";
import { type Answered, cookieHeaders, type Exchange, NO_STORE, type Outcome } from "../server/exchange.ts";
import { type Entry, type Eventually, whenThere } from "../session/store.ts";
import type { Settings } from "../settings.ts";
import { IssuerUnreachableError, tokenOf } from "../token/bearer.ts";
import { isNavigation } from "./browser.ts";
import { type Constraints, strictConstraints } from "./constraints.ts";
import { acceptedProviders, type Decision, decide } from "./decide.ts";
import { forwardedOriginal, type Original, type OriginalFault } from "./original.ts";
import { type AskedKey, pointKey, recall, remember } from "./replay.ts";

/** Which endpoint was asked. */
export type DecisionEndpoint = "root" | "auth";

/** One question, while it is answered. */
interface Question {
  readonly exchange: Exchange;
  readonly endpoint: DecisionEndpoint;
  readonly original: Original;
  /** What the enforcement point asks of a session beside the rules. */
  readonly constraints: Constraints | undefined;
  /** Under which an allow is remembered; undefined: it is not. */
  readonly key: AskedKey | undefined;
}

/**
 * A 4xx for a question that cannot be decided; never a 2xx, never a redirect. nginx makes 500 of a 400, as if the fault were
 * ours, and gets 403.
 */
function refuse(exchange: Exchange, fault: 400 | 403 | 503, reason: string): Answered {
  const words = { 400: "Bad Request\n", 403: "Forbidden\n", 503: "Service Unavailable\n" };
  const nginx = exchange.point?.question === "auth" || exchange.mode === "nginx-ingress";
  const status = fault === 400 && nginx ? 403 : fault;
  noteRefusal(exchange, reason);
  exchange.text(status, words[status], NO_STORE, { decision: "deny", reason });
}

/** Answers a question of the gateway. */
export function answerDecision(exchange: Exchange, endpoint: DecisionEndpoint): Answered {
  const { head, context } = exchange;
  if (!exchange.trusted) return refuse(exchange, 403, "untrusted-proxy");
  if (head.fault !== undefined) return refuse(exchange, 400, head.fault);
  if (exchange.misspelt) return refuse(exchange, 400, "alias-header");
  const constraints = constraintsOf(exchange);
  if (typeof constraints === "string") return refuse(exchange, 400, constraints);
  const original = waive(exchange, forwardedOriginal(head));
  if (typeof original === "string") return refuse(exchange, 400, original);
  const key = pointKey(exchange, endpoint, original);
  const question = { exchange, endpoint, original, constraints, key };
  if (key !== undefined && replayed(question, key)) return;
  if (context.bearer !== undefined && head.authorization !== undefined)
    return withBearer(question, head.authorization);
  return withCookie(question);
}

/** Answers from what was decided lately; false when it has to be decided. */
function replayed(question: Question, key: AskedKey): boolean {
  const answer = recall(question.exchange, key);
  if (answer === undefined) return false;
  const { status, headers, outcome: before } = answer;
  question.exchange.send(status, headers, undefined, outcome(question, "allow", "session", before.user));
  return true;
}

/** Notes why the original request needs no login, whatever its path. */
function waive(exchange: Exchange, original: Original | OriginalFault): Original | OriginalFault {
  if (typeof original === "string") return original;
  const { head, context } = exchange;
  const { options, trustedClients } = context.settings;
  const preflight =
    original.method === "OPTIONS" &&
    head.origin !== undefined &&
    head["access-control-request-method"] !== undefined;
  if (options.skip_auth_preflight && preflight) return { ...original, waived: "preflight" };
  return trustedClients?.has(exchange.provenClient) === true
    ? { ...original, waived: "trusted-address" }
    : original;
}

/** True for an address whose callers want a status, not a page. */
const isApi = ({ apiRoutes }: Settings, original: Original): boolean =>
  apiRoutes.some((route) => route.matches(original.method, original.path.decoded));

/** The decision request's own query; Envoy's is the user's and asks nothing. */
function constraintsOf(exchange: Exchange): Constraints | undefined | "bad-decision-query" {
  const { point, query } = exchange;
  if (point?.question === "check") return exchange.asks;
  if (query === "") return undefined;
  return exchange.context.settings.options.ignore_decision_query ? undefined : strictConstraints(query);
}

/** A token that can be verified is a session; another one is ignored or refused, as the option says. */
async function withBearer(question: Question, authorization: string): Promise<void> {
  const { exchange } = question;
  const { bearer, settings, log, policy } = exchange.context;
  const token = tokenOf(authorization);
  try {
    const accepted = () => acceptedProviders(policy, question.original);
    const entry = token === undefined ? undefined : await bearer?.read(token, accepted);
    if (entry !== undefined) return conclude(question, entry);
  } catch (error) {
    if (!(error instanceof IssuerUnreachableError)) throw error;
    log.warn("bearer token not verified", { id: exchange.id, reason: error.message });
    return refuse(exchange, 503, "issuer-unreachable");
  }
  if (!settings.options.bearer_token_login_fallback) return refuse(exchange, 403, "bad-bearer-token");
  await withCookie(question);
}

function withCookie(question: Question): Answered {
  const { sessions, refresher } = question.exchange.context;
  return whenThere(sessions.load(question.exchange.head.cookie), (entry) =>
    entry === undefined || !refresher.due(entry)
      ? conclude(question, entry)
      : refresher.refresh(entry, patienceOf(question.exchange)).then((fresh) => conclude(question, fresh)),
  );
}

/** Tells the log who it is, and that somebody may not sign in at all. */
function tell({ exchange }: Question, entry: Entry | undefined, { reason }: Decision): void {
  if (entry === undefined) return;
  exchange.user = entry.session.email || entry.session.subject;
  if (reason === "not-permitted-globally") tellRefused(exchange, entry.session);
}

function conclude(question: Question, entry: Entry | undefined): Answered {
  const decision = decide(
    question.exchange.context.policy,
    question.original,
    entry,
    question.exchange.context.now(),
    question.constraints,
  );
  tell(question, entry, decision);
  switch (decision.kind) {
    case "allow":
      return allow(question, decision);
    case "challenge":
      return challenge(question, decision);
    case "deny":
      return deny(question, decision);
  }
}

/** What the log says about the question. */
function outcome({ original }: Question, decision: string, reason: string, user?: string): Outcome {
  return {
    decision,
    reason,
    ...(user === undefined ? {} : { user }),
    method: original.method,
    host: original.hostText,
    path: original.path.raw,
  };
}

function allow(question: Question, decision: Extract<Decision, { kind: "allow" }>): Answered {
  const { exchange, endpoint, key } = question;
  const { settings, identity: headersOf, applicationHeaders } = exchange.context;
  const { entry, reason, applications } = decision;
  const status = exchange.point?.allowStatus ?? (endpoint === "auth" ? 202 : settings.allowStatus);
  const wanted = applicationHeaders.of(applications, entry?.session);
  const global =
    entry === undefined
      ? headersOf.responseHeaders(undefined)
      : headersOf.currentHeaders(entry.session, entry.headers);
  const identity = withHeaders(global, wanted);
  const cookies = entry === undefined ? [] : renewal(question, entry);
  const headers = cookies.length === 0 ? identity : [...identity, ...cookieHeaders(cookies)];
  const user = entry?.session.email || entry?.session.subject;
  exchange.send(status, headers, undefined, outcome(question, "allow", reason, user));
  if (reason === "session" && entry !== undefined && cookies.length === 0 && key !== undefined)
    remember(exchange, key, { status, headers: identity, entry, user: user ?? "" });
}

/**
 * The newer cookie, for a browser that still has the one from before a refresh. Several are sent only where all of them reach
 * the browser: parts of two sessions are none.
 */
function renewal({ exchange, original }: Question, entry: Entry): readonly string[] {
  const { point } = exchange;
  const { settings, sessions, log } = exchange.context;
  const { cookie } = exchange.head;
  if (settings.options.cookie_refresh === 0 || cookie === undefined || !sessions.outdated(cookie, entry))
    return [];
  try {
    const cookies = sessions.renew(cookie, entry, original.host.name);
    return cookies.length > 1 && point?.manyCookies !== true ? [] : cookies;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    log.warn("refreshed session does not fit into cookies", { id: exchange.id });
    return [];
  }
}

/** `Set-Cookie` headers that take the session out of the browser. */
function cleared(exchange: Exchange): Eventually<string[]> {
  const cookies = exchange.context.sessions.clear(exchange.head.cookie ?? "", hostnameOf(exchange));
  return whenThere(cookies, cookieHeaders);
}

/** Nobody is signed in, or not in the way that the application asks for. */
function challenge(question: Question, { reason, wish }: Extract<Decision, { kind: "challenge" }>): Answered {
  const { exchange, endpoint, original } = question;
  const { settings } = exchange.context;
  const choice = choiceOfWish(exchange, wish);
  const provider = choice.provider ?? exchange.context.provider;
  const said = outcome(question, "challenge", reason);
  const api = isApi(settings, original);
  const navigates = isNavigation(original.method, exchange.head);
  if (endpoint === "auth") {
    const leads = !api && navigates;
    return exchange.text(401, "Unauthorized\n", leads ? signInHeaders(exchange, original, wish) : [], said);
  }
  const waits = !settings.options.force_json_errors && !api && navigates;
  if (provider.state !== "ready") return unavailable(question, waits);
  if (!waits) return exchange.json(401, {}, [...NO_STORE, "Vary", VARY], said);
  redirectToSignIn(question, original, wish, said);
}

function unavailable(question: Question, waits: boolean): Answered {
  const { exchange } = question;
  const said = outcome(question, "deny", "provider-unavailable");
  if (waits) providerMissing(exchange, undefined, said);
  else exchange.json(503, {}, [...NO_STORE, "Retry-After", "5"], said);
}

/** True when a browser sends the cookie of the sign-in host to this host. */
function cookieReaches(exchange: Exchange, name: string): boolean {
  const signInHost = hostnameOf(exchange);
  const domain = cookieDomain(exchange.context.settings.options.cookie_domains, signInHost);
  return name === signInHost || (domain !== "" && (name === domain || name.endsWith(`.${domain}`)));
}

/** What decides between a redirect and a 401. */
const VARY = "Accept, Cookie, Sec-Fetch-Mode, X-Requested-With";

/** Longest address to return to, in characters: it travels in a URL and in a cookie. */
const MOST = 1800;

/** The address that the user asked for; over TLS when the session cookie is sent over TLS only. */
function returnUrl(
  original: Original,
  signIn: { readonly origin: string; readonly host: string },
  secure: boolean,
): string {
  const upgrade = secure && original.scheme === "http" && signIn.origin.startsWith("https:");
  const sameHost = readHost(signIn.host)?.name === original.host.name;
  const authority = upgrade ? (sameHost ? signIn.host : original.host.name) : original.hostText;
  const uri =
    original.uri.length <= MOST ? original.uri : original.path.raw.length <= MOST ? original.path.raw : "/";
  const encoded = uri.replace(
    /[^\x21-\x7e]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `${upgrade ? "https" : original.scheme}://${authority}${encoded}`;
}

/** The address that begins a sign-in and returns to what was asked for. */
function signInUrl(exchange: Exchange, original: Original, wish: SignInWish): string {
  const { options } = exchange.context.settings;
  const address = publicAddressOf(exchange);
  const asked = wishQuery(wish);
  // The page has buttons for any sign-in; a particular one begins at once.
  const page = options.skip_provider_button || asked !== "" ? "start" : "sign_in";
  const back = encodeURIComponent(returnUrl(original, address, options.cookie_secure));
  return `${address.origin}${address.path}/${page}?rd=${back}${asked}`;
}

/** Tells a gateway that makes its own redirects, such as nginx, where the sign-in begins. */
function signInHeaders(exchange: Exchange, original: Original, wish: SignInWish): readonly string[] {
  if (exchange.context.provider.state !== "ready" || !cookieReaches(exchange, original.host.name))
    return NO_STORE;
  return ["Location", signInUrl(exchange, original, wish), ...NO_STORE];
}

function redirectToSignIn(question: Question, original: Original, wish: SignInWish, said: Outcome): Answered {
  const { exchange } = question;
  if (!cookieReaches(exchange, original.host.name)) {
    const text = "This address cannot be signed in to: the session cookie does not reach it.";
    return exchange.error(
      503,
      { title: "Sign-in is not possible here", text },
      [],
      outcome(question, "deny", "cookie-unreachable"),
    );
  }
  exchange.redirect(signInUrl(exchange, original, wish), ["Vary", VARY], said);
}

function deny(question: Question, { reason }: Extract<Decision, { kind: "deny" }>): Answered {
  const { exchange, endpoint } = question;
  const said = outcome(question, "deny", reason);
  if (endpoint === "auth") return denyAuth(question, reason, said);
  const method = question.original.method;
  if (!isNavigation(method, exchange.head)) return exchange.json(403, {}, NO_STORE, said);
  const known = ["not-permitted", "not-permitted-globally", "step-up-unmet"].includes(reason);
  const { origin, path } = publicAddressOf(exchange);
  const action = { href: `${origin}${path}/sign_out`, text: "Sign out" };
  const text =
    reason === "step-up-unmet"
      ? "You are signed in, but not in the way that this application asks for."
      : known
        ? "You are signed in, but you may not use this application."
        : "This address is not served.";
  exchange.error(403, { title: "No access", text, ...(known ? { action } : {}) }, [], said);
}

/** As oauth2-proxy: somebody who may not sign in at all is not signed in. */
function denyAuth({ exchange }: Question, reason: string, said: Outcome): Answered {
  if (reason !== "not-permitted-globally") return exchange.text(403, "Forbidden\n", [], said);
  return whenThere(cleared(exchange), (headers) => exchange.text(401, "Unauthorized\n", headers, said));
}
