import type { Session } from "./session.ts";

/** A session as a decision uses it. */
export interface Entry {
  readonly session: Session;
  /** Identity headers: name, value, name, value. */
  readonly headers: readonly string[];
  /** Milliseconds since the epoch; the session ends then. */
  readonly endsAt: number;
}

/** Now, or later where another program has to be asked. */
export type Eventually<T> = T | Promise<T>;

/** Goes on with a value: at once when it is there, else when it has come. */
export function whenThere<T, R>(value: Eventually<T>, next: (value: T) => Eventually<R>): Eventually<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/**
 * The sessions of all browsers.
 *
 * What memory or the cookie itself can answer is answered at once, without a promise. Methods that ask another program
 * throw, or reject with, {@link StoreUnavailableError} when it does not answer: then nothing is known about the session, and
 * it must not be ended.
 */
export interface SessionStore {
  /**
   * The session of a request: the first of its cookies that is one.
   *
   * @param header The request's `Cookie` header.
   */
  load(header: string | undefined): Eventually<Entry | undefined>;
  /** True when the request has something in the place of a session cookie, whether it is one or not. */
  present(header: string | undefined): boolean;
  /** True when the request carries an older version of the session than is known, so the browser should get the newer. */
  outdated(header: string, entry: Entry): boolean;
  /** False when a session was ended, or refreshed, since it was loaded. Asks nobody. */
  stands(session: Pick<Session, "id" | "refreshedAt">): boolean;
  /** The entry of a session that is not stored yet. */
  entry(session: Session): Entry;
  /**
   * Stores a new session, under a new name if there are names, and ends the one that the browser had.
   *
   * @param header The request's cookies.
   * @returns `Set-Cookie` texts.
   * @throws {RangeError} When it does not fit into cookies.
   */
  save(header: string, entry: Entry, hostname: string): Eventually<string[]>;
  /**
   * `Set-Cookie` texts that give the browser the newest version of its session. Asks nobody.
   *
   * @throws {RangeError} When it does not fit into cookies.
   */
  renew(header: string, entry: Entry, hostname: string): string[];
  /**
   * Keeps a refreshed session, so that a browser that still sends the old cookie has the new session.
   *
   * @param entry The session before, as it was loaded.
   * @returns The newest version, which may be another replica's; undefined when the session was ended in the meantime: then
   * it stays ended.
   */
  replace(entry: Entry, session: Session): Eventually<Entry | undefined>;
  /** The newest version of a session, past all caches; undefined when it was ended. */
  reload(entry: Entry): Eventually<Entry | undefined>;
  /** Locks a session for a refresh; undefined when another replica has the lock. */
  lock(entry: Entry): Eventually<SessionLock | undefined>;
  /** Ends a session: copies of its cookie are worthless from now on. */
  end(entry: Entry): Eventually<void>;
  /** `Set-Cookie` texts that remove the session from the browser; ends what a server holds of it. */
  clear(header: string, hostname: string): Eventually<string[]>;
  /**
   * Asks whether sessions can be stored.
   *
   * @throws {StoreUnavailableError} When they cannot.
   */
  check(): Eventually<void>;
  close(): Eventually<void>;
}

/** A lock on one session, of all replicas that share the store. */
export interface SessionLock {
  /** Never throws: a lock that cannot be released runs out. */
  release(): Eventually<void>;
}

/** The program that keeps sessions does not answer. The session stays; the request is answered 503. */
export class StoreUnavailableError extends Error {
  readonly code = "ERR_STORE_UNAVAILABLE";
  constructor(reason: string, options?: { readonly cause?: unknown }) {
    super(`Cannot reach the session store: ${reason}`, options);
    this.name = "StoreUnavailableError";
  }
}
