/** Everything that requests share, made once. */
import { randomBytes, randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Policy } from "../decision/decide.ts";
import { DecisionCache } from "../decision/decision-cache.ts";
import { Refresher } from "../decision/refresh.ts";
import { Htpasswd } from "../htpasswd/htpasswd.ts";
import { ApplicationHeaders } from "../identity/application-headers.ts";
import { Identity } from "../identity/identity.ts";
import { Secrets } from "../identity/secrets.ts";
import { signatureKey } from "../identity/signature.ts";
import type { Log } from "../log/log.ts";
import type { Backchannel } from "../login/backchannel.ts";
import { loginSameSite } from "../login/form-post.ts";
import { PendingLogins } from "../login/pending.ts";
import { Metrics } from "../metrics/metrics.ts";
import { Pages } from "../pages/pages.ts";
import { ownNames } from "../points/aliases.ts";
import type { Provider } from "../provider/provider.ts";
import type { Providers } from "../provider/providers.ts";
import { RulesSource } from "../rules/file.ts";
import { Gate } from "../rules/gate.ts";
import { type HostPattern, hostPattern } from "../rules/host.ts";
import type { CookieAttributes } from "../session/cookies.ts";
import { createSessionStore, loginFormats } from "../session/create.ts";
import type { Session } from "../session/session.ts";
import type { SessionStore } from "../session/store.ts";
import type { Settings } from "../settings.ts";
import type { BearerTokens } from "../token/bearer.ts";
import { Upstreams } from "../upstream/upstreams.ts";
import {
  createBackchannel,
  createBearerTokens,
  createProviders,
  revocationsFor,
  type Tellers,
} from "./create-providers.ts";

/** Milliseconds between looks at watched files. */
const WATCH_INTERVAL = 500;

/** What a request is answered with. */
export interface Context {
  readonly settings: Settings;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly pages: Pages;
  readonly providers: Providers;
  /** The first of them. */
  readonly provider: Provider;
  readonly sessions: SessionStore;
  readonly pending: PendingLogins;
  readonly refresher: Refresher;
  /** Undefined when bearer tokens are not accepted. */
  readonly bearer: BearerTokens | undefined;
  /** Undefined without an htpasswd file. */
  readonly htpasswd: Htpasswd | undefined;
  /** Undefined when providers cannot end sessions. */
  readonly backchannel: Backchannel | undefined;
  /** Undefined without a rules file. */
  readonly source: RulesSource | undefined;
  readonly policy: Policy;
  /** Undefined: every request is decided anew. */
  readonly decisions: DecisionCache | undefined;
  readonly whitelist: readonly HostPattern[];
  /** `<prefix>/authz/`: below it, each kind of enforcement point has its path. */
  readonly authzPrefix: string;
  /** Identity headers of the configuration's own, whose other spellings are refused. */
  readonly ownNames: ReadonlySet<string>;
  /** Headers made from sessions. */
  readonly identity: Identity;
  readonly applicationHeaders: ApplicationHeaders;
  /** Where allowed requests go in mode `compat`; undefined in the other modes, which only decide. */
  readonly upstreams: Upstreams | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** A new request id: a UUID where oauth2-proxy's users expect one. */
  readonly nextId: () => string;
  /** Header with the caller's request id, in lower case. */
  readonly idHeader: string;
  /** Paths whose requests are not logged. */
  readonly unlogged: ReadonlySet<string>;
  /** Reads files and looks for the provider. Settles when the files were read. */
  start(): Promise<void>;
  /** Ends what `next`, which takes this one's place, does not go on with. */
  close(next?: Context): void;
}

/** The domain for the cookies of a host: the longest configured one that covers it, else the host alone. */
export function cookieDomain(domains: readonly string[], hostname: string): string {
  const bare = domains.map((domain) => domain.replace(/^\./, "").toLowerCase());
  const covering = bare.filter((domain) => hostname === domain || hostname.endsWith(`.${domain}`));
  return covering.sort((a, b) => b.length - a.length)[0] ?? "";
}

function attributesFor({ options }: Settings, domain: string, path: string): CookieAttributes {
  const { cookie_secure: secure, cookie_httponly: httpOnly, cookie_samesite: sameSite } = options;
  return { path, domain, secure, httpOnly, sameSite };
}

function createPending(settings: Settings, now: () => number): PendingLogins {
  const { options, mode, publicAddress } = settings;
  const path = mode === "forwarded" ? (publicAddress?.path ?? "/") || "/" : options.cookie_path;
  return new PendingLogins({
    name: options.cookie_name,
    formats: loginFormats(settings),
    attributes: (host) => ({
      ...attributesFor(
        settings,
        mode === "forwarded" ? "" : cookieDomain(options.cookie_domains, host),
        path,
      ),
      sameSite: loginSameSite(options, settings.structure, mode !== "compat"),
    }),
    perRequest: options.cookie_csrf_per_request,
    limit: options.cookie_csrf_per_request_limit,
    life: options.cookie_csrf_expire,
    encodeState: options.encode_state,
    now,
  });
}

/** What sessions are made with. */
interface SessionParts {
  readonly settings: Settings;
  readonly identity: Identity;
  readonly providers: Providers;
  readonly tellers: Tellers;
  readonly now: () => number;
}

function createSessions(
  { settings, identity, providers, tellers: { log, metrics }, now }: SessionParts,
  before: SessionStore | undefined,
): SessionStore {
  const { options } = settings;
  const common = {
    attributes: (host: string) =>
      attributesFor(settings, cookieDomain(options.cookie_domains, host), options.cookie_path),
    headers: (session: Session) => identity.responseHeaders(session),
    now,
    revocations: options.backchannel_logout ? revocationsFor(settings, providers, now) : undefined,
    large: (characters: number) =>
      log.warn(
        "sessions are large, gateways may drop their cookies: session_tokens=needed or a session_store_type of redis makes them smaller",
        { characters },
      ),
    redis: {
      connected: () => log.info("Redis reached", {}),
      lost: (reason: string) =>
        log.error("Redis does not answer: sessions stay, decisions are refused", { reason }),
      asked: (seconds: number, answered: boolean) => metrics.storeAsked("redis", seconds, answered),
    },
  };
  return createSessionStore(settings, common, before);
}

/** @throws {RangeError} When an upstream is none. */
function createUpstreams({ options, mode, structure }: Settings, identity: Identity): Upstreams | undefined {
  if (mode !== "compat") return undefined;
  return new Upstreams({
    upstreams: structure.upstreams,
    proxyRawPath: structure.proxyRawPath,
    identity,
    signature: options.signature_key === "" ? undefined : signatureKey(options.signature_key),
    cookieName: options.pass_session_cookies ? undefined : options.cookie_name,
  });
}

function createSource(settings: Settings, log: Log, metrics: Metrics): RulesSource | undefined {
  if (settings.options.rules_file === "") return undefined;
  const issuesText = (issues: readonly { path: string; message: string }[]) =>
    issues.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  return new RulesSource(
    settings.options.rules_file,
    settings.structure.providers.map(({ id }) => id),
    {
      loaded: (applications, issues) => {
        metrics.event("rules", issues.length > 0 ? "loaded-with-issues" : "loaded");
        log.info("rules loaded", { applications });
        if (issues.length > 0)
          log.warn("rules have faults: what is faulty stays closed", { issues: issuesText(issues) });
      },
      refused: (issues) => {
        metrics.event("rules", "refused");
        log.error("rules not loaded: those of before stay, without any everything is denied", {
          issues: issuesText(issues),
        });
      },
    },
  );
}

const sessionFields = (session: Session) => ({
  session: session.id.slice(0, 8),
  user: session.email || session.subject,
});

/** True when the rules of an older configuration can go on. */
const sameRules = (before: Context, { options }: Settings): boolean =>
  before.settings.options.rules_file === options.rules_file;

/** True when the providers of an older configuration can go on: discovered, with the keys that they know. */
const sameProviders = (before: Context, settings: Settings): boolean =>
  sameRules(before, settings) && isDeepStrictEqual(providerParts(before.settings), providerParts(settings));

const providerParts = ({ structure, options }: Settings): unknown => [
  structure.providers,
  options.provider_endpoint_hosts,
  options.revoke_tokens,
  options.ssl_insecure_skip_verify,
];

/**
 * Builds the context; opens and asks nothing before `start`.
 *
 * @param before The context of an older configuration, whose place this one takes: sessions that only memory knows, refreshes
 *   under way, counts, and what did not change, go on.
 */
export function createContext(settings: Settings, log: Log, now: () => number, before?: Context): Context {
  const { options } = settings;
  const metrics = before?.metrics ?? new Metrics(() => log.dropped);
  const source =
    before !== undefined && sameRules(before, settings)
      ? before.source
      : createSource(settings, log, metrics);
  const providers =
    before !== undefined && sameProviders(before, settings)
      ? before.providers
      : createProviders(settings, { log, metrics }, source, now);
  const secrets = new Secrets(process.env);
  const identity = new Identity(settings.structure, secrets);
  const sessions = createSessions(
    { settings, identity, providers, tellers: { log, metrics }, now },
    before?.sessions,
  );
  const gate = new Gate(settings);
  const told = (result: string, message: string) => (session: Session, reason?: string) => {
    metrics.event("refresh", result);
    log.auth(message, { ...sessionFields(session), reason });
  };
  const listener = {
    refreshed: told("success", "session refreshed"),
    ended: told("ended", "session ended by the provider"),
    failed: told("failure", "session not refreshed, goes on as it is"),
  };
  const policy: Policy = {
    get rules() {
      return source?.rules;
    },
    gate: (subject) => gate.admits(subject) && providers.authorizes(subject),
    admits: (subject) => gate.admits(subject),
    open: (method, path) => settings.skipAuth.some((expression) => expression.matches(method, path)),
  };
  const decisions = options.decision_cache_ttl === 0 ? undefined : new DecisionCache(options.cookie_name);
  const htpasswd = options.htpasswd_file === "" ? undefined : new Htpasswd({ settings, sessions, log, now });
  const bearer = options.skip_jwt_bearer_tokens
    ? createBearerTokens(settings, providers, sessions, now)
    : undefined;
  const prefix = randomBytes(6).toString("base64url");
  let requests = 0;
  return {
    settings,
    log,
    metrics,
    pages: new Pages(options),
    providers,
    provider: providers.first,
    sessions,
    pending: createPending(settings, now),
    refresher: new Refresher({ settings, providers, sessions, listener, now }, before?.refresher),
    bearer,
    htpasswd,
    source,
    policy,
    decisions,
    backchannel: createBackchannel(providers, sessions, () => decisions?.clear(), now),
    whitelist: options.whitelist_domains.flatMap((text) => hostPattern(text.trim(), { apex: true }) ?? []),
    ownNames: ownNames(settings.structure.responseHeaders),
    authzPrefix: `${options.proxy_prefix}/authz/`,
    identity,
    applicationHeaders: new ApplicationHeaders(secrets),
    upstreams: createUpstreams(settings, identity),
    now,
    nextId: settings.mode === "compat" ? () => randomUUID() : () => `${prefix}-${(++requests).toString(36)}`,
    idHeader: options.request_id_header.toLowerCase(),
    unlogged: new Set(options.exclude_logging_paths),
    async start() {
      if (providers !== before?.providers) void providers.start();
      const failed = (reason: string) => log.error("authenticated_emails_file cannot be read", { reason });
      secrets.onChange(() => {
        decisions?.clear();
        log.info("secrets of headers read again");
      });
      secrets.watch(WATCH_INTERVAL);
      await Promise.all([
        source === before?.source ? undefined : source?.watch(WATCH_INTERVAL),
        gate.watch(WATCH_INTERVAL, failed, () => decisions?.clear()),
        htpasswd?.watch(WATCH_INTERVAL),
      ]);
    },
    close(next) {
      void sessions.close();
      if (providers !== next?.providers) providers.close();
      bearer?.close();
      if (source !== next?.source) source?.close();
      gate.close();
      secrets.close();
      void htpasswd?.close();
    },
  };
}
