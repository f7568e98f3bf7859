import { createSealedLoginFormat, createUpstreamLoginFormat, type LoginFormat } from "../login/record.ts";
import type { Settings } from "../settings.ts";
import { type CookieSecret, cookieSecret } from "./cookie-secret.ts";
import { CookieStore } from "./cookie-store.ts";
import type { CookieAttributes } from "./cookies.ts";
import type { SessionFormat } from "./format.ts";
import { GuardedStore } from "./guarded-store.ts";
import type { RecordKeeper } from "./keeper.ts";
import { MemoryKeeper } from "./memory-keeper.ts";
import { RedisConnection, type RedisListener } from "./redis/connection.ts";
import { RedisKeeper } from "./redis/keeper.ts";
import { redisPlan } from "./redis/plan.ts";
import type { Revocations } from "./revocations.ts";
import { createSeal, type Seal } from "./seal.ts";
import { createSealedFormat } from "./sealed-format.ts";
import type { Session } from "./session.ts";
import type { SessionStore } from "./store.ts";
import { TicketStore } from "./ticket-store.ts";
import { createUpstreamFormat } from "./upstream-format.ts";

/** True when cookies are written as oauth2-proxy writes them. Both formats are read in every case, so that either program can take the place of the other. */
const writesUpstream = ({ options, mode }: Settings): boolean =>
  (options.session_format || (mode === "compat" ? "oauth2-proxy" : "sealed")) === "oauth2-proxy";

/** Keys of the cookie secrets. */
function secretsOf({
  cookieSecrets: [first, ...others],
}: Settings): readonly [CookieSecret, ...CookieSecret[]] {
  return [cookieSecret(first), ...others.map(cookieSecret)];
}

function sealsOf(
  { cookieSecrets: [first, ...others] }: Settings,
  purpose: string,
): readonly [Seal, ...Seal[]] {
  return [createSeal(first, purpose), ...others.map((text) => createSeal(text, purpose))];
}

/** The formats of session cookies, the one that is written first. */
function sessionFormats(settings: Settings): readonly [SessionFormat, SessionFormat] {
  const { cookie_name: name, session_cookie_minimal: minimal } = settings.options;
  const sealed = createSealedFormat(sealsOf(settings, "session"), name);
  const upstream = createUpstreamFormat({ name, secrets: secretsOf(settings), minimal });
  return writesUpstream(settings) ? [upstream, sealed] : [sealed, upstream];
}

/** The formats of the cookies of logins under way, the one that is written first. */
export function loginFormats(settings: Settings): readonly [LoginFormat, LoginFormat] {
  const sealed = createSealedLoginFormat(sealsOf(settings, "login"));
  const upstream = createUpstreamLoginFormat(secretsOf(settings));
  return writesUpstream(settings) ? [upstream, sealed] : [sealed, upstream];
}

/** What the session store needs beside the settings. */
export interface SessionStoreOptions {
  /** Attributes for the cookies of a host; the domain depends on it. */
  readonly attributes: (hostname: string) => CookieAttributes;
  /** Identity headers of a session. */
  readonly headers: (session: Session) => readonly string[];
  readonly now: () => number;
  /** Makes the memory of sessions that providers ended; undefined: they end none. */
  readonly revocations?:
    | ((keeper: RecordKeeper | undefined, before: Revocations | undefined) => Revocations)
    | undefined;
  /** Told once, when sessions are so large that gateways may drop their cookies. */
  readonly large?: (characters: number) => void;
  /** Told when Redis comes and goes. */
  readonly redis: RedisListener;
}

/** Where records are kept; undefined when the cookie keeps them. */
function keeperOf(
  settings: Settings,
  { now, redis }: SessionStoreOptions,
  before: SessionStore | undefined,
): RecordKeeper | undefined {
  switch (settings.options.session_store_type) {
    case "redis":
      return new RedisKeeper(new RedisConnection(redisPlan(settings), redis), settings.options.cookie_name);
    case "memory":
      return before instanceof TicketStore && before.keeper instanceof MemoryKeeper
        ? before.keeper
        : new MemoryKeeper(now);
    default:
      return undefined;
  }
}

/**
 * The store that the settings name.
 *
 * @param before The store of an older configuration: what only memory knows is taken over.
 */
export function createSessionStore(
  settings: Settings,
  options: SessionStoreOptions,
  before?: SessionStore,
): SessionStore {
  const guarded = before instanceof GuardedStore ? before : undefined;
  const inner = guarded?.store ?? before;
  const keeper = keeperOf(settings, options, inner);
  const store = storeOf(settings, options, keeper, inner);
  const revocations = options.revocations?.(keeper, guarded?.revocations);
  return revocations === undefined ? store : new GuardedStore(store, revocations);
}

function storeOf(
  settings: Settings,
  { attributes, headers, now, large }: SessionStoreOptions,
  keeper: RecordKeeper | undefined,
  before: SessionStore | undefined,
): SessionStore {
  const common = {
    attributes,
    headers,
    now,
    name: settings.options.cookie_name,
    life: settings.sessionLife,
    maxAge: settings.options.session_max_age,
    persistent: settings.options.cookie_expire !== 0,
  };
  const memory = before instanceof CookieStore ? before.memory : undefined;
  if (keeper === undefined) {
    return new CookieStore({
      ...common,
      formats: sessionFormats(settings),
      ...(memory === undefined ? {} : { memory }),
      ...(large === undefined ? {} : { large }),
    });
  }
  const secrets = secretsOf(settings);
  // Memory needs no second memory in front of it, but what is held there saves opening the record again.
  return new TicketStore({
    ...common,
    keeper,
    secrets,
    remember: Math.min(REMEMBER, settings.options.decision_cache_ttl),
  });
}

/** Milliseconds for which a session that was read from the store is not asked for again. */
const REMEMBER = 1000;
