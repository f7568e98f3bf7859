/**
 * Sessions that are kept on a server, in Redis or in memory; the browser has a ticket. What was read is remembered for a
 * moment, so that the many requests of one page ask once.
 *
 * @module
 */
import { Bounded } from "./bounded.ts";
import type { CookieSecret } from "./cookie-secret.ts";
import { type CookieAttributes, candidates, cookiesWith, remove, setCookie, store } from "./cookies.ts";
import type { RecordKeeper } from "./keeper.ts";
import { readRecord, writeRecord } from "./record.ts";
import type { Session } from "./session.ts";
import { readSigned, signValue } from "./signed-value.ts";
import {
  type Entry,
  type Eventually,
  type SessionLock,
  type SessionStore,
  StoreUnavailableError,
  whenThere,
} from "./store.ts";
import { formatTicket, newTicket, openRecord, parseTicket, sealRecord, type Ticket } from "./ticket.ts";

/** What the store needs. */
export interface TicketStoreOptions {
  readonly name: string;
  readonly keeper: RecordKeeper;
  /** The first one signs; all are good. */
  readonly secrets: readonly [CookieSecret, ...CookieSecret[]];
  /** Attributes for the cookies of a host; the domain depends on it. */
  readonly attributes: (hostname: string) => CookieAttributes;
  /** Life of a session after its last refresh, in milliseconds. */
  readonly life: number;
  /** Life of a session after its sign-in, in milliseconds; 0: no such limit. */
  readonly maxAge: number;
  /** False: the browser forgets the ticket when it ends. */
  readonly persistent: boolean;
  /** How long what was read holds without asking again, in milliseconds; 0: not at all. */
  readonly remember: number;
  /** Identity headers of a session. */
  readonly headers: (session: Session) => readonly string[];
  readonly now: () => number;
}

/** A ticket as a cookie has it. */
interface Shown extends Ticket {
  /** When it was signed, in milliseconds since the epoch. */
  readonly time: number;
}

/** How an entry is kept. */
interface Held {
  readonly ticket: Ticket;
  /** The record as it was read; a refresh may only replace this one. */
  readonly value: Buffer;
}

interface Remembered {
  readonly entry: Entry;
  /** Milliseconds since the epoch. A clock that was put back before it lengthens nothing. */
  readonly from: number;
  readonly until: number;
}

/** A clock ahead of ours by this much, in milliseconds, is tolerated. */
const SKEW = 5 * 60_000;

/** Milliseconds for which new tokens that could not be stored are kept and tried again. */
const STUBBORNNESS = 60_000;
const RETRY = 500;

/** Milliseconds for which a health check that went well holds. */
const CHECKED = 1000;

/** The ticket store. */
export class TicketStore implements SessionStore {
  readonly #options: TicketStoreOptions;
  readonly #shown = new Bounded<string, Shown>(8192);
  readonly #remembered = new Bounded<string, Remembered>(8192);
  readonly #loading = new Map<string, Promise<Entry | undefined>>();
  readonly #ended = new Bounded<string, true>(16_384);
  readonly #held = new WeakMap<Entry, Held>();
  /** The newest version of each session that was seen, by the session's id. */
  readonly #versions = new Bounded<string, { readonly ticket: string; readonly refreshedAt: number }>(
    131_072,
  );
  #closed = false;
  #checking: Promise<void> | undefined;
  #checkedAt = 0;

  /** Where the records are. */
  get keeper(): RecordKeeper {
    return this.#options.keeper;
  }

  constructor(options: TicketStoreOptions) {
    this.#options = options;
  }

  load(header: string | undefined): Eventually<Entry | undefined> {
    return header === undefined ? undefined : this.#first(this.#tickets(header));
  }

  present(header: string | undefined): boolean {
    const { name } = this.#options;
    return (
      header !== undefined && cookiesWith(header, name).some(([key]) => key === name || key === `${name}_0`)
    );
  }

  outdated(header: string, entry: Entry): boolean {
    const id = this.#held.get(entry)?.ticket.id;
    const time = Math.floor(entry.session.refreshedAt / 1000) * 1000;
    return (
      id !== undefined && !this.#tickets(header).some((ticket) => ticket.id === id && ticket.time >= time)
    );
  }

  stands({ id, refreshedAt }: Pick<Session, "id" | "refreshedAt">): boolean {
    const known = this.#versions.get(id);
    return known !== undefined && known.refreshedAt === refreshedAt && !this.#ended.has(known.ticket);
  }

  entry(session: Session): Entry {
    const { headers, life, maxAge } = this.#options;
    const last = maxAge === 0 ? Number.POSITIVE_INFINITY : session.createdAt + maxAge;
    return { session, headers: headers(session), endsAt: Math.min(session.refreshedAt + life, last) };
  }

  save(header: string, entry: Entry, hostname: string): Eventually<string[]> {
    const { name, keeper, life } = this.#options;
    // A new ticket: the one in the request may be somebody's who wants to share the session that begins now.
    const ticket = newTicket(name);
    const value = sealRecord(ticket, writeRecord(entry.session));
    return whenThere(keeper.set(ticket.id, value, life), () => {
      this.#hold(entry, ticket, value);
      return whenThere(this.#endAll(header), () => this.renew(header, entry, hostname));
    });
  }

  renew(header: string, entry: Entry, hostname: string): string[] {
    const { name, secrets, attributes, persistent, life } = this.#options;
    const held = this.#held.get(entry);
    if (held === undefined) throw new TypeError("Cannot renew a session that is not stored");
    const text = Buffer.from(formatTicket(held.ticket));
    const value = signValue(secrets[0].signing, name, text, Math.floor(entry.session.refreshedAt / 1000));
    return store(header, name, value, attributes(hostname), persistent ? Math.ceil(life / 1000) : undefined);
  }

  async replace(entry: Entry, session: Session): Promise<Entry | undefined> {
    const held = this.#held.get(entry);
    if (held === undefined) throw new TypeError("Cannot replace a session that is not stored");
    if (this.#ended.has(held.ticket.id)) return undefined;
    const value = sealRecord(held.ticket, writeRecord(session));
    try {
      return await this.#swap(held, value, session);
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      // The tokens before are worth nothing any more, so these must not be lost.
      const fresh = this.#hold(this.entry(session), held.ticket, value, STUBBORNNESS);
      void this.#insist(held, value, session, this.#options.now() + STUBBORNNESS);
      return fresh;
    }
  }

  reload(entry: Entry): Eventually<Entry | undefined> {
    const held = this.#held.get(entry);
    if (held === undefined) return entry;
    this.#remembered.delete(held.ticket.id);
    return this.#ask(held.ticket);
  }

  lock(entry: Entry): Eventually<SessionLock | undefined> {
    const held = this.#held.get(entry);
    return held === undefined ? { release() {} } : this.#options.keeper.lock(held.ticket.id);
  }

  end(entry: Entry): Eventually<void> {
    const held = this.#held.get(entry);
    return held === undefined ? undefined : this.#end(held.ticket.id);
  }

  clear(header: string, hostname: string): Eventually<string[]> {
    const { name, attributes } = this.#options;
    const all = attributes(hostname);
    return whenThere(this.#endAll(header), () => [
      setCookie(name, "", all, 0),
      ...remove(header, name, all, new Set([name])),
    ]);
  }

  /** Asks at most once a second, however often it is asked. */
  check(): Eventually<void> {
    const { keeper, now } = this.#options;
    const since = now() - this.#checkedAt;
    if (since >= 0 && since < CHECKED) return;
    this.#checking ??= Promise.resolve(keeper.check()).finally(() => {
      this.#checking = undefined;
    });
    return this.#checking.then(() => {
      this.#checkedAt = now();
    });
  }

  close(): Eventually<void> {
    this.#closed = true;
    return this.#options.keeper.close();
  }

  /** Tickets of a request that are rightly signed and not too old. */
  #tickets(header: string): readonly Shown[] {
    const { name, life, now } = this.#options;
    const [oldest, newest] = [now() - life, now() + SKEW];
    return candidates(header, name).flatMap((value) => {
      const shown = this.#shown.get(value) ?? this.#read(value);
      return shown !== undefined && shown.time > oldest && shown.time < newest ? [shown] : [];
    });
  }

  #read(value: string): Shown | undefined {
    const { name, secrets } = this.#options;
    const signed = readSigned(
      secrets.map(({ signing }) => signing),
      name,
      value,
    );
    const ticket = signed === undefined ? undefined : parseTicket(signed.payload.toString("latin1"), name);
    if (signed === undefined || ticket === undefined) return undefined;
    const shown = { ...ticket, time: signed.time * 1000 };
    this.#shown.set(value, shown);
    return shown;
  }

  /** The session of the first ticket that has one. */
  #first(tickets: readonly Shown[]): Eventually<Entry | undefined> {
    const [ticket, ...others] = tickets;
    if (ticket === undefined) return undefined;
    return whenThere(this.#find(ticket), (entry) => entry ?? this.#first(others));
  }

  #find(ticket: Ticket): Eventually<Entry | undefined> {
    const known = this.#remembered.get(ticket.id);
    const now = this.#options.now();
    if (known !== undefined && known.from <= now && known.until > now) {
      // The name alone opens nothing: the secret has to be the one that did.
      const opened = this.#held.get(known.entry)?.ticket.secret.equals(ticket.secret) === true;
      return opened && known.entry.endsAt > now ? known.entry : undefined;
    }
    const key = `${ticket.id}.${ticket.secret.toString("latin1")}`;
    const loading = this.#loading.get(key);
    if (loading !== undefined) return loading;
    const found = this.#ask(ticket);
    if (!(found instanceof Promise)) return found;
    const settled = found.finally(() => this.#loading.delete(key));
    this.#loading.set(key, settled);
    return settled;
  }

  #ask(ticket: Ticket): Eventually<Entry | undefined> {
    const { keeper, remember, now } = this.#options;
    return whenThere(keeper.get(ticket.id), (value) => {
      // Somebody may have signed out while the answer was on its way.
      if (value === undefined || this.#ended.has(ticket.id)) return undefined;
      const session = this.#session(ticket, value);
      const entry = session === undefined ? undefined : this.entry(session);
      if (entry === undefined || entry.endsAt <= now()) return undefined;
      return this.#hold(entry, ticket, value, remember);
    });
  }

  #session(ticket: Ticket, value: Buffer): Session | undefined {
    const record = openRecord(ticket, value);
    return record === undefined ? undefined : readRecord(record, this.#options.now());
  }

  #hold(entry: Entry, { id, secret }: Ticket, value: Buffer, remember = this.#options.remember): Entry {
    this.#held.set(entry, { ticket: { id, secret }, value });
    this.#versions.set(entry.session.id, { ticket: id, refreshedAt: entry.session.refreshedAt });
    const from = this.#options.now();
    if (remember > 0) this.#remembered.set(id, { entry, from, until: from + remember });
    return entry;
  }

  /** Stores new tokens in the place of the old ones; what another replica stored in the meantime wins if it is newer. */
  async #swap(held: Held, value: Buffer, session: Session): Promise<Entry | undefined> {
    const { keeper, life } = this.#options;
    const { ticket } = held;
    let before = held.value;
    for (let attempt = 0; attempt < 3; attempt++) {
      if (await keeper.swap(ticket.id, before, value, life)) {
        if (this.#ended.has(ticket.id)) return whenThere(keeper.delete(ticket.id), () => undefined);
        return this.#hold(this.entry(session), ticket, value);
      }
      const current = await keeper.get(ticket.id);
      if (current === undefined) return undefined;
      const theirs = this.#session(ticket, current);
      if (theirs !== undefined && theirs.refreshedAt >= session.refreshedAt)
        return this.#hold(this.entry(theirs), ticket, current);
      before = current;
    }
    throw new StoreUnavailableError("the record changes all the time");
  }

  async #insist(held: Held, value: Buffer, session: Session, until: number): Promise<void> {
    while (!this.#closed && this.#options.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, RETRY).unref());
      try {
        await this.#swap(held, value, session);
        return;
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
      }
    }
  }

  #end(id: string): Eventually<void> {
    this.#remembered.delete(id);
    this.#ended.set(id, true);
    return this.#options.keeper.delete(id);
  }

  #endAll(header: string): Eventually<void> {
    const ids = [...new Set(this.#tickets(header).map(({ id }) => id))];
    const ends = ids.map((id) => this.#end(id));
    return ends.some((end) => end instanceof Promise) ? Promise.all(ends).then(() => {}) : undefined;
  }
}
