/**
 * Sessions, which live in the browser's cookie. Memory holds only what makes that fast and revocable: sessions already
 * opened, newer versions of refreshed ones, and the ids of those that were signed out.
 */
import { Bounded } from "./bounded.ts";
import { type CookieAttributes, candidates, remove, store } from "./cookies.ts";
import type { Seal } from "./seal.ts";
import { formatSession, parseSession, type Session } from "./session.ts";

/** A session as a decision uses it. */
export interface Entry {
  readonly session: Session;
  /** Identity headers: name, value, name, value. */
  readonly headers: readonly string[];
  /** Milliseconds since the epoch; the session ends then. */
  readonly endsAt: number;
}

/** What the store needs. */
export interface SessionStoreOptions {
  readonly name: string;
  readonly seal: Seal;
  /** Attributes for the cookies of a host; the domain depends on it. */
  readonly attributes: (hostname: string) => CookieAttributes;
  /** Life of a session after its last refresh, in milliseconds. */
  readonly life: number;
  /** False: the browser forgets the cookie when it ends. */
  readonly persistent: boolean;
  /** Identity headers of a session. */
  readonly headers: (session: Session) => readonly string[];
  readonly now: () => number;
}

/** A clock ahead of ours by this much, in milliseconds, is tolerated. */
const SKEW = 5 * 60_000;

/** The sessions of all browsers. */
export class SessionStore {
  readonly #options: SessionStoreOptions;
  readonly #opened = new Bounded<string, Entry>(4096);
  readonly #newer = new Bounded<string, Entry>(16_384);
  readonly #ended = new Bounded<string, true>(65_536);
  /** Sealed once, however many answers carry it. */
  readonly #sealed = new WeakMap<Entry, string>();

  constructor(options: SessionStoreOptions) {
    this.#options = options;
  }

  /**
   * The session of a request: the first of its cookies that is one. Remembers the answer for the same cookie text.
   *
   * @param header The request's `Cookie` header.
   */
  load(header: string | undefined): Entry | undefined {
    if (header === undefined) return undefined;
    for (const value of candidates(header, this.#options.name)) {
      const entry = this.#opened.get(value) ?? this.#open(value);
      if (entry !== undefined && this.#valid(entry)) return this.#newer.get(entry.session.id) ?? entry;
    }
    return undefined;
  }

  /** True when the request carries an older version of the session than memory has, so the browser should get the newer. */
  outdated(header: string, entry: Entry): boolean {
    return candidates(header, this.#options.name).every(
      (value) => this.#opened.get(value)?.session.refreshedAt !== entry.session.refreshedAt,
    );
  }

  /** The entry of a session that is not in a cookie yet. */
  entry(session: Session): Entry {
    return {
      session,
      headers: this.#options.headers(session),
      endsAt: session.refreshedAt + this.#options.life,
    };
  }

  /**
   * `Set-Cookie` texts that put a session into the browser.
   *
   * @throws {RangeError} When it does not fit.
   */
  save(header: string, entry: Entry, hostname: string): string[] {
    const { name, seal, attributes, persistent, now } = this.#options;
    const sealed = this.#sealed.get(entry) ?? seal.seal(formatSession(entry.session), name);
    this.#sealed.set(entry, sealed);
    const maxAge = persistent ? Math.max(1, Math.floor((entry.endsAt - now()) / 1000)) : undefined;
    this.#opened.set(sealed, entry);
    return store(header, name, sealed, attributes(hostname), maxAge);
  }

  /**
   * Keeps a refreshed session, so that a browser that still sends the old cookie has the new session.
   *
   * @returns False when the session was ended in the meantime: then it stays ended.
   */
  replace(entry: Entry): boolean {
    if (this.#ended.has(entry.session.id)) return false;
    this.#newer.set(entry.session.id, entry);
    return true;
  }

  /** Ends a session: copies of its cookie are worthless from now on, in this process. */
  end(entry: Entry): void {
    this.#ended.set(entry.session.id, true);
    this.#newer.delete(entry.session.id);
  }

  /** `Set-Cookie` texts that remove the session from the browser. */
  clear(header: string, hostname: string): string[] {
    return remove(header, this.#options.name, this.#options.attributes(hostname));
  }

  #valid(entry: Entry): boolean {
    const now = this.#options.now();
    const newest = this.#newer.get(entry.session.id) ?? entry;
    return (
      newest.endsAt > now && newest.session.refreshedAt <= now + SKEW && !this.#ended.has(entry.session.id)
    );
  }

  #open(value: string): Entry | undefined {
    const { seal, name } = this.#options;
    const plain = seal.open(value, name);
    const session = plain === undefined ? undefined : parseSession(plain);
    if (session === undefined) return undefined;
    const entry = this.entry(session);
    this.#opened.set(value, entry);
    return entry;
  }
}
