/** A session store that gives no session which its provider has ended. */
import type { Revocations } from "./revocations.ts";
import type { Session } from "./session.ts";
import { type Entry, type Eventually, type SessionLock, type SessionStore, whenThere } from "./store.ts";

/** Guards another store. */
export class GuardedStore implements SessionStore {
  readonly store: SessionStore;
  readonly revocations: Revocations;

  constructor(store: SessionStore, revocations: Revocations) {
    this.store = store;
    this.revocations = revocations;
  }

  load(header: string | undefined): Eventually<Entry | undefined> {
    return whenThere(this.store.load(header), (entry) => this.#unlessEnded(entry));
  }

  reload(entry: Entry): Eventually<Entry | undefined> {
    return whenThere(this.store.reload(entry), (newest) => this.#unlessEnded(newest));
  }

  /** The session ends here too, so that nothing of it is left. */
  #unlessEnded(entry: Entry | undefined): Eventually<Entry | undefined> {
    if (entry === undefined) return undefined;
    return whenThere(this.revocations.has(entry.session), (ended) =>
      ended ? whenThere(this.store.end(entry), () => undefined) : entry,
    );
  }

  present(header: string | undefined): boolean {
    return this.store.present(header);
  }

  outdated(header: string, entry: Entry): boolean {
    return this.store.outdated(header, entry);
  }

  stands(session: Pick<Session, "id" | "refreshedAt">): boolean {
    return this.store.stands(session);
  }

  entry(session: Session): Entry {
    return this.store.entry(session);
  }

  save(header: string, entry: Entry, hostname: string): Eventually<string[]> {
    return this.store.save(header, entry, hostname);
  }

  renew(header: string, entry: Entry, hostname: string): string[] {
    return this.store.renew(header, entry, hostname);
  }

  replace(entry: Entry, session: Session): Eventually<Entry | undefined> {
    return this.store.replace(entry, session);
  }

  lock(entry: Entry): Eventually<SessionLock | undefined> {
    return this.store.lock(entry);
  }

  end(entry: Entry): Eventually<void> {
    return this.store.end(entry);
  }

  clear(header: string, hostname: string): Eventually<string[]> {
    return this.store.clear(header, hostname);
  }

  check(): Eventually<void> {
    return this.store.check();
  }

  close(): Eventually<void> {
    return this.store.close();
  }
}
