import type { RecordKeeper } from "./keeper.ts";
import type { SessionLock } from "./store.ts";

interface Kept {
  readonly value: Buffer;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** Records that are kept at once; the oldest go first. */
const MOST = 100_000;

/** Records in memory, for one replica: they are gone when the process ends. */
export class MemoryKeeper implements RecordKeeper {
  readonly #now: () => number;
  readonly #most: number;
  readonly #records = new Map<string, Kept>();
  readonly #locks = new Set<string>();

  constructor(now: () => number, most: number = MOST) {
    this.#now = now;
    this.#most = most;
  }

  get(id: string): Buffer | undefined {
    const kept = this.#records.get(id);
    if (kept === undefined || kept.until > this.#now()) return kept?.value;
    this.#records.delete(id);
    return undefined;
  }

  set(id: string, value: Buffer, life: number): void {
    this.#records.delete(id);
    this.#records.set(id, { value, until: this.#now() + life });
    if (this.#records.size > this.#most) this.#makeRoom();
  }

  swap(id: string, before: Buffer, value: Buffer, life: number): boolean {
    const kept = this.get(id);
    if (kept === undefined || !kept.equals(before)) return false;
    this.set(id, value, life);
    return true;
  }

  delete(id: string): void {
    this.#records.delete(id);
  }

  lock(id: string): SessionLock | undefined {
    if (this.#locks.has(id)) return undefined;
    this.#locks.add(id);
    return { release: () => void this.#locks.delete(id) };
  }

  check(): void {}

  /** Nothing to do: another store may go on with these records. */
  close(): void {}

  /** Drops what has run out, and if that is nothing, the oldest. */
  #makeRoom(): void {
    const now = this.#now();
    for (const [id, { until }] of this.#records) if (until <= now) this.#records.delete(id);
    for (const id of this.#records.keys()) {
      if (this.#records.size <= this.#most) return;
      this.#records.delete(id);
    }
  }
}
