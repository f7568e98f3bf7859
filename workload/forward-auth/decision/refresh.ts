/**
 * New tokens for sessions that are due: one request to the provider for each session, however many requests and replicas need
 * it. What goes wrong on the way ends no session; only the provider's word does.
 *
 * @see RFC 6749, section 6; RFC 9700, section 4.14; OpenID Connect Core, section 12.2
 * @module
 */
import { type Provider, ProviderError, type Refreshed, reasonOf } from "../provider/provider.ts";
import type { Providers } from "../provider/providers.ts";
import { Bounded } from "../session/bounded.ts";
import { withTokens } from "../session/kept-tokens.ts";
import type { Session } from "../session/session.ts";
import { type Entry, type SessionLock, type SessionStore, StoreUnavailableError } from "../session/store.ts";
import type { Settings } from "../settings.ts";

/** Milliseconds a decision waits for new tokens before it goes on with the session as it is. */
const PATIENCE = 5000;

/** Milliseconds until a failed refresh is tried again. */
const PAUSE = 30_000;

/** Milliseconds between looks whether another replica has done it, and for how long: longer than its lock lives. */
const LOOK = 100;
const LOOKS = 160;

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

/**
 * True for an answer that says the tokens are worth nothing any more. `invalid_client` is none: whoever changes the client's
 * secret does not want to sign everybody out.
 */
function isFinal(error: unknown): boolean {
  return error instanceof ProviderError && error.final && error.reason !== "invalid_client";
}

/** Failures after which the provider surely did not use up the refresh token: it refused, or was never reached. */
const UNTOUCHED =
  /^(?:status-|not-found|forbidden|client-auth|secret-file|.*\b(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)\b)/;

/** Failures of a connection that ended without an answer. */
const CUT_OFF = /\b(?:UND_ERR_SOCKET|ECONNRESET|EPIPE)\b/;

/** True when the provider may have made new tokens that we never got, so that the old ones may be refused from now on. */
function mayHaveRotated(error: unknown): boolean {
  if (!(error instanceof ProviderError) || error.fault === "refused") return false;
  return error.fault === "unusable" || (error.fault === "outage" && !UNTOUCHED.test(error.reason));
}

/** Refreshes sessions. */
export class Refresher {
  readonly #options: RefresherOptions;
  readonly #running: Map<string, Promise<Entry | undefined>>;
  /** A clock that was put back before `from` lengthens no pause. */
  readonly #paused: Bounded<string, { readonly from: number; readonly until: number }>;
  /** Sessions whose new tokens may have been lost on the way. */
  readonly #lost: Bounded<string, true>;

  /** @param before The refresher of an older configuration: what it has under way is waited for, not asked for again. */
  constructor(options: RefresherOptions, before?: Refresher) {
    this.#options = options;
    this.#running = before === undefined ? new Map() : before.#running;
    this.#paused = before === undefined ? new Bounded(16_384) : before.#paused;
    this.#lost = before === undefined ? new Bounded(16_384) : before.#lost;
  }

  /** When the session's next refresh is due, in milliseconds since the epoch. */
  dueAt({ session }: Entry): number {
    // Ages count in whole seconds, as in oauth2-proxy: an hour and a half second is no more than an hour.
    return this.#applies(session)
      ? session.refreshedAt + this.#options.settings.options.cookie_refresh + 1000
      : Number.POSITIVE_INFINITY;
  }

  /** True when the session should be refreshed before it decides anything. */
  due(entry: Entry): boolean {
    const now = this.#options.now();
    if (this.dueAt(entry) > now) return false;
    const pause = this.#paused.get(entry.session.id);
    return pause === undefined || pause.until <= now || pause.from > now;
  }

  /**
   * The session to decide with: the refreshed one; the old one when the provider does not answer in time, for an outage is
   * no sign-out; undefined when the provider ended it. While a refresh is under way others go on with the old session as long
   * as its access token holds. A refresh goes on to its end when nobody waits for it any more.
   *
   * @param most Milliseconds to wait; never more than 5 s.
   */
  async refresh(entry: Entry, most = PATIENCE): Promise<Entry | undefined> {
    const { id, expiresOn = 0 } = entry.session;
    const underWay = this.#running.get(id);
    if (underWay !== undefined && expiresOn > this.#options.now()) return entry;
    const running = underWay ?? this.#run(entry);
    this.#running.set(id, running);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<Entry>((resolve) => {
      timer = setTimeout(() => resolve(entry), Math.min(most, PATIENCE));
    });
    try {
      return await Promise.race([running, patience]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sessions without a refresh token are only looked at where oauth2-proxy's rules hold: it asks whether their tokens are still good. */
  #applies({ refreshToken }: Session): boolean {
    const { settings } = this.#options;
    if (settings.options.cookie_refresh === 0) return false;
    return (
      refreshToken !== undefined || (settings.mode === "compat" && settings.options.session_tokens === "all")
    );
  }

  async #run(entry: Entry): Promise<Entry | undefined> {
    const { listener } = this.#options;
    let lock: SessionLock | undefined;
    try {
      const turn = await this.#turn(entry);
      if ("settled" in turn) return turn.settled;
      lock = turn.lock;
      return await this.#renew(turn.entry);
    } catch (error) {
      this.#pause(entry.session, PAUSE);
      listener.failed(entry.session, error instanceof StoreUnavailableError ? error.code : reasonOf(error));
      return entry;
    } finally {
      this.#running.delete(entry.session.id);
      await lock?.release();
    }
  }

  /** Waits for the lock. Another replica may have done what is to be done by then. */
  async #turn(
    entry: Entry,
  ): Promise<
    { readonly settled: Entry | undefined } | { readonly lock: SessionLock; readonly entry: Entry }
  > {
    const { sessions } = this.#options;
    for (let look = 0; look < LOOKS; look++) {
      const lock = await sessions.lock(entry);
      const newest = await this.#newest(entry, lock);
      const done = newest === undefined || newest.session.refreshedAt > entry.session.refreshedAt;
      if (!done && lock !== undefined) return { lock, entry: newest };
      if (done) {
        await lock?.release();
        return { settled: newest };
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK));
    }
    return { settled: entry };
  }

  async #newest(entry: Entry, lock: SessionLock | undefined): Promise<Entry | undefined> {
    try {
      return await this.#options.sessions.reload(entry);
    } catch (error) {
      await lock?.release();
      throw error;
    }
  }

  async #renew(entry: Entry): Promise<Entry | undefined> {
    const { sessions, listener, providers } = this.#options;
    const { session } = entry;
    const provider = providers.of(session);
    if (provider === undefined) return this.#end(entry, "provider-gone");
    try {
      const refreshed = await this.#ask(provider, session);
      if (refreshed === undefined) return await this.#validate(provider, entry);
      this.#lost.delete(session.id);
      const fresh = await sessions.replace(entry, this.#merged(session, refreshed));
      if (fresh === undefined) return undefined;
      if (!(await this.#stands(provider, fresh.session))) return await this.#end(fresh, "not-valid");
      listener.refreshed(fresh.session);
      return fresh;
    } catch (error) {
      if (!isFinal(error)) throw error;
      return this.#refused(entry, reasonOf(error));
    }
  }

  /** Asks once more when the connection ended without an answer: mostly the provider has not seen the first request. */
  async #ask(provider: Provider, session: Session): Promise<Refreshed | undefined> {
    try {
      try {
        return await provider.refresh(session);
      } catch (error) {
        if (!(error instanceof ProviderError && error.fault === "outage" && CUT_OFF.test(error.reason)))
          throw error;
        this.#lost.set(session.id, true);
        return await provider.refresh(session);
      }
    } catch (error) {
      if (mayHaveRotated(error)) this.#lost.set(session.id, true);
      throw error;
    }
  }

  /** New tokens are good, unless a configured address says otherwise. An address that does not answer says nothing. */
  async #stands(provider: Provider, session: Session): Promise<boolean> {
    try {
      return await provider.validate(session, true);
    } catch (error) {
      if (error instanceof ProviderError && error.fault === "outage") return true;
      throw error;
    }
  }

  /** Nothing to refresh with: the session goes on while its tokens hold, as in oauth2-proxy. */
  async #validate(provider: Provider, entry: Entry): Promise<Entry | undefined> {
    const { sessions, now } = this.#options;
    const { session } = entry;
    if (session.expiresOn !== undefined && session.expiresOn <= now()) return this.#end(entry, "expired");
    if (!(await provider.validate(session, false))) return this.#end(entry, "not-valid");
    if (!provider.refreshes) return await sessions.replace(entry, { ...session, refreshedAt: now() });
    this.#pause(session, Math.min(PAUSE, (session.expiresOn ?? Number.POSITIVE_INFINITY) - now()));
    return entry;
  }

  /** The refresh token was refused. If new tokens were lost on the way, that is nobody's fault: what is left of the old ones counts. */
  #refused(entry: Entry, reason: string): Promise<undefined> | Entry {
    const { now, listener } = this.#options;
    const { session } = entry;
    const left = (session.expiresOn ?? 0) - now();
    if (!this.#lost.has(session.id) || left <= 0) return this.#end(entry, reason);
    this.#pause(session, left);
    listener.failed(session, `${reason}, after an answer was lost`);
    return entry;
  }

  async #end(entry: Entry, reason: string): Promise<undefined> {
    await this.#options.sessions.end(entry);
    this.#options.listener.ended(entry.session, reason);
  }

  #pause({ id }: Session, milliseconds: number): void {
    const from = this.#options.now();
    this.#paused.set(id, { from, until: from + milliseconds });
  }

  #merged(session: Session, { identity, tokens }: Refreshed): Session {
    const { settings, now } = this.#options;
    const dated = { ...session, refreshedAt: now() };
    if (identity === undefined) return withTokens(settings, dated, tokens);
    const { groups, additionalClaims } = identity;
    // Providers leave claims out of later ID tokens; the groups may really be none.
    const email = identity.email || session.email;
    const preferredUsername = identity.preferredUsername || session.preferredUsername;
    const person = { email, preferredUsername, groups };
    const claims = additionalClaims.size > 0 ? { additionalClaims } : {};
    return withTokens(settings, { ...dated, ...person, ...claims }, tokens);
  }
}
