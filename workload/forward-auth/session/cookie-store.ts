/**
 * Sessions that live in the browser's cookie. Memory holds only what makes that fast and revocable: sessions already
 * opened, newer versions of refreshed ones, and the ids of those that were signed out.
 *
 * @module
 */
import { Bounded } from "./bounded.ts";
import { type CookieAttributes, candidates, cookiesWith, remove, store } from "./cookies.ts";
import type { SessionFormat } from "./format.ts";
import { OpenedValues } from "./opened-values.ts";
import type { Session } from "./session.ts";
import type { Entry, SessionLock, SessionStore } from "./store.ts";

/** What is known about sessions beside what their cookies say. It outlives the store when the configuration is read again. */
class CookieMemory {
  readonly newer = new Bounded<string, Entry>(16_384);
  readonly ended = new Bounded<string, true>(65_536);
}

/** What the store needs. */
export interface CookieStoreOptions {
  readonly name: string;
  /** The first one writes; all read. */
  readonly formats: readonly [SessionFormat, ...SessionFormat[]];
  /** Attributes for the cookies of a host; the domain depends on it. */
  readonly attributes: (hostname: string) => CookieAttributes;
  /** Life of a session after its last refresh, in milliseconds. */
  readonly life: number;
  /** Life of a session after its sign-in, in milliseconds; 0: no such limit. */
  readonly maxAge: number;
  /** False: the browser forgets the cookie when it ends. */
  readonly persistent: boolean;
  /** Told once, when sessions are so large that gateways may drop them: characters of a cookie's value. */
  readonly large?: (characters: number) => void;
  /** Identity headers of a session. */
  readonly headers: (session: Session) => readonly string[];
  readonly now: () => number;
  /** That of the store whose place this one takes. */
  readonly memory?: CookieMemory;
}

/** A clock ahead of ours by this much, in milliseconds, is tolerated. */
const SKEW = 5 * 60_000;

/** Characters of a value above which it is worth a word: proxies have buffers of 4 KiB. */
const LARGE = 3500;

const UNSHARED: SessionLock = { release() {} };

/** The cookie store. */
export class CookieStore implements SessionStore {
  readonly #options: CookieStoreOptions;
  readonly #opened = new OpenedValues();
  readonly memory: CookieMemory;
  /** Entries that another store made have the headers of another configuration; undefined when there was no other. */
  readonly #own: WeakSet<Entry> | undefined;
  /** Written once, however many answers carry it. */
  readonly #written = new WeakMap<Entry, string>();

  #warned = false;

  constructor(options: CookieStoreOptions) {
    this.#options = options;
    this.memory = options.memory ?? new CookieMemory();
    this.#own = options.memory === undefined ? undefined : new WeakSet();
  }

  load(header: string | undefined): Entry | undefined {
    if (header === undefined) return undefined;
    for (const value of candidates(header, this.#options.name)) {
      const entry = this.#opened.get(value) ?? this.#open(value);
      if (entry !== undefined && this.#valid(entry)) return this.#newest(entry.session.id) ?? entry;
    }
    return undefined;
  }

  present(header: string | undefined): boolean {
    const { name } = this.#options;
    return (
      header !== undefined && cookiesWith(header, name).some(([key]) => key === name || key === `${name}_0`)
    );
  }

  outdated(header: string, entry: Entry): boolean {
    return candidates(header, this.#options.name).every(
      (value) => this.#opened.get(value)?.session.refreshedAt !== entry.session.refreshedAt,
    );
  }

  stands({ id, refreshedAt }: Pick<Session, "id" | "refreshedAt">): boolean {
    if (this.memory.ended.has(id)) return false;
    const newest = this.#newest(id);
    return newest === undefined || newest.session.refreshedAt === refreshedAt;
  }

  entry(session: Session): Entry {
    return this.#entry(session, session.refreshedAt);
  }

  save(header: string, entry: Entry, hostname: string): string[] {
    return this.renew(header, entry, hostname);
  }

  renew(header: string, entry: Entry, hostname: string): string[] {
    const { name, formats, attributes, persistent, now } = this.#options;
    const value = this.#written.get(entry) ?? formats[0].write(entry.session);
    this.#written.set(entry, value);
    this.#warn(value.length);
    const maxAge = persistent ? Math.max(1, Math.ceil((entry.endsAt - now()) / 1000)) : undefined;
    this.#opened.set(value, entry);
    return store(header, name, value, attributes(hostname), maxAge);
  }

  #warn(characters: number): void {
    if (characters <= LARGE || this.#warned) return;
    this.#warned = true;
    this.#options.large?.(characters);
  }

  replace(_: Entry, session: Session): Entry | undefined {
    if (this.memory.ended.has(session.id)) return undefined;
    const entry = this.entry(session);
    this.memory.newer.set(session.id, entry);
    return entry;
  }

  reload(entry: Entry): Entry | undefined {
    const { id } = entry.session;
    return this.memory.ended.has(id) ? undefined : (this.#newest(id) ?? entry);
  }

  /** Replicas with this store share nothing, so there is nobody to lock out. */
  lock(): SessionLock {
    return UNSHARED;
  }

  end(entry: Entry): void {
    this.memory.ended.set(entry.session.id, true);
    this.memory.newer.delete(entry.session.id);
  }

  clear(header: string, hostname: string): string[] {
    return remove(header, this.#options.name, this.#options.attributes(hostname));
  }

  check(): void {}

  close(): void {}

  #entry(session: Session, savedAt: number): Entry {
    const { headers, life, maxAge } = this.#options;
    const last = maxAge === 0 ? Number.POSITIVE_INFINITY : session.createdAt + maxAge;
    const entry = { session, headers: headers(session), endsAt: Math.min(savedAt + life, last) };
    this.#own?.add(entry);
    return entry;
  }

  /** What memory has instead of what the cookie says. */
  #newest(id: string): Entry | undefined {
    const entry = this.memory.newer.get(id);
    if (entry === undefined || this.#own === undefined || this.#own.has(entry)) return entry;
    const own = this.#entry(entry.session, entry.session.refreshedAt);
    this.memory.newer.set(id, own);
    return own;
  }

  #valid(entry: Entry): boolean {
    const now = this.#options.now();
    const newest = this.#newest(entry.session.id) ?? entry;
    return (
      newest.endsAt > now &&
      newest.session.refreshedAt <= now + SKEW &&
      !this.memory.ended.has(entry.session.id)
    );
  }

  #open(value: string): Entry | undefined {
    for (const format of this.#options.formats) {
      const reading = format.read(value);
      if (reading === undefined) continue;
      const entry = this.#entry(reading.session, reading.savedAt);
      this.#opened.set(value, entry);
      return entry;
    }
    return undefined;
  }
}
