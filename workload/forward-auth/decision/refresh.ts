/**
 * New tokens for sessions that are due: one request to the provider for each session, however many requests need it.
 *
 * @see RFC 6749, section 6; OpenID Connect Core, section 12.2
 */
import { ProviderError, type Refreshed, reasonOf, type Tokens } from "../provider/provider.ts";
import type { Providers } from "../provider/providers.ts";
import { Bounded } from "../session/bounded.ts";
import type { Session } from "../session/session.ts";
import type { Entry, SessionStore } from "../session/store.ts";
import type { Settings } from "../settings.ts";

/** Milliseconds a decision waits for the provider before it goes on with the session as it is. */
const PATIENCE = 5000;

/** Milliseconds until a failed refresh is tried again. */
const PAUSE = 30_000;

/** Told about each refresh; never with secrets. */
export interface RefreshListener {
  refreshed(session: Session): void;
  ended(session: Session, reason: string): void;
  failed(session: Session, reason: string): void;
}

/** What the refresher needs. */
export interface RefresherOptions {
  readonly settings: Settings;
  readonly providers: Providers;
  readonly sessions: SessionStore;
  readonly listener: RefreshListener;
  readonly now: () => number;
}

/** True for an answer that says the tokens are worth nothing any more. */
function isFinal(error: unknown): boolean {
  return error instanceof ProviderError && error.final;
}

/** Refreshes sessions. */
export class Refresher {
  readonly #options: RefresherOptions;
  readonly #running = new Map<string, Promise<Entry | undefined>>();
  readonly #paused = new Bounded<string, number>(16_384);

  constructor(options: RefresherOptions) {
    this.#options = options;
  }

  /** When the session's next refresh is due, in milliseconds since the epoch. */
  dueAt({ session }: Entry): number {
    const age = this.#options.settings.options.cookie_refresh;
    return age === 0 || session.refreshToken === undefined
      ? Number.POSITIVE_INFINITY
      : session.refreshedAt + age;
  }

  /** True when the session should be refreshed before it decides anything. */
  due({ session }: Entry): boolean {
    const { settings, now } = this.#options;
    const age = settings.options.cookie_refresh;
    if (age === 0 || session.refreshToken === undefined || now() - session.refreshedAt <= age) return false;
    return (this.#paused.get(session.id) ?? 0) <= now();
  }

  /**
   * The session to decide with: the refreshed one; the old one when the provider does not answer in time, for an outage is
   * no sign-out; undefined when the provider ended it.
   */
  async refresh(entry: Entry): Promise<Entry | undefined> {
    const { id } = entry.session;
    const running = this.#running.get(id) ?? this.#run(entry);
    this.#running.set(id, running);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<Entry>((resolve) => {
      timer = setTimeout(() => resolve(entry), PATIENCE);
    });
    try {
      return await Promise.race([running, patience]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #run(entry: Entry): Promise<Entry | undefined> {
    const { sessions, listener, now } = this.#options;
    try {
      const session = await this.#ask(entry.session);
      if (session === undefined) return await this.#end(entry, "other-user");
      const fresh = await sessions.replace(entry, session);
      if (fresh !== undefined) listener.refreshed(fresh.session);
      return fresh;
    } catch (error) {
      if (isFinal(error)) return await this.#end(entry, reasonOf(error));
      this.#paused.set(entry.session.id, now() + PAUSE);
      listener.failed(entry.session, reasonOf(error));
      return entry;
    } finally {
      this.#running.delete(entry.session.id);
    }
  }

  async #end(entry: Entry, reason: string): Promise<undefined> {
    await this.#options.sessions.end(entry);
    this.#options.listener.ended(entry.session, reason);
  }

  /** @throws {ProviderError} Final when the session has ended at the provider, or its provider is configured no more. */
  async #ask(session: Session): Promise<Session> {
    const { settings, providers, now } = this.#options;
    const provider = providers.of(session);
    if (provider === undefined) throw new ProviderError("person", "provider-gone");
    const refreshed = await provider.refresh(session);
    if (refreshed === undefined) throw new ProviderError("outage", "no-refresh");
    return withTokens(settings, { ...session, ...person(refreshed), refreshedAt: now() }, refreshed.tokens);
  }
}

/** What is new about the person; nothing when no new ID token came. */
function person({ identity }: Refreshed): Partial<Session> {
  if (identity === undefined) return {};
  const { email, preferredUsername, groups, additionalClaims } = identity;
  return { email, preferredUsername, groups, ...(additionalClaims.size > 0 ? { additionalClaims } : {}) };
}

/** The session with those tokens that some option needs: the others stay out of the cookie. */
export function withTokens(settings: Settings, session: Session, tokens: Tokens): Session {
  const { pass_access_token, set_authorization_header, cookie_refresh } = settings.options;
  const idToken = tokens.idToken || session.idToken;
  const refreshToken = tokens.refreshToken || session.refreshToken;
  return {
    ...session,
    ...(pass_access_token ? { accessToken: tokens.accessToken } : {}),
    ...(set_authorization_header && idToken !== undefined ? { idToken } : {}),
    ...(cookie_refresh > 0 && refreshToken !== undefined ? { refreshToken } : {}),
  };
}
