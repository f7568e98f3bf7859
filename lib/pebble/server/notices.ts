import { formatDuration } from "../duration.ts";
import type { Notice } from "../types.ts";
import { type PebbleClock, sleep } from "./clock.ts";
import { formatTimestamp, type Timestamp } from "./timestamp.ts";

const EXPIRE_AFTER_MS = 7 * 24 * 3600 * 1000;

const KEY = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)+(\/[a-z0-9]+(-[a-z0-9]+)*)+$/;
const MAX_KEY_BYTES = 256;

/** What is wrong with the key of a custom notice, in Pebble's words; nothing when it is one. */
export function keyFault(key: string): string | undefined {
  if (!KEY.test(key)) return `invalid key "${key}" (must be in "example.com/path" format)`;
  return key.length > MAX_KEY_BYTES ? `key must be ${MAX_KEY_BYTES} bytes or less` : undefined;
}

export type NoticeType = "custom" | "change-update" | "warning";

interface Recorded {
  readonly id: string;
  readonly userId: number | null;
  readonly type: NoticeType;
  readonly key: string;
  readonly first: Timestamp;
  last: Timestamp;
  repeated: Timestamp;
  occurrences: number;
  data: Readonly<Record<string, string>> | undefined;
  repeatAfterMs: number;
}

export interface NewNotice {
  /** null: public. */
  readonly userId: number | null;
  readonly type: NoticeType;
  readonly key: string;
  readonly data?: Readonly<Record<string, string>> | undefined;
  readonly repeatAfterMs?: number;
}

export interface NoticeFilter {
  /** null: all users; a number: that user's and public ones. */
  readonly userId: number | null;
  /** Empty: all. */
  readonly types: readonly string[];
  readonly keys: readonly string[];
  readonly after: Timestamp | undefined;
}

/** What happened, once per user, type and key, with a count. */
export class Notices {
  readonly #clock: PebbleClock;
  readonly #now: () => Timestamp;
  readonly #byKey = new Map<string, Recorded>();
  #waiting = new Set<() => void>();

  constructor(clock: PebbleClock, now: () => Timestamp) {
    this.#clock = clock;
    this.#now = now;
  }

  /** Records an occurrence; waiters learn of it only if it counts as new or repeated. */
  add(notice: NewNotice): string {
    const key = JSON.stringify([notice.userId, notice.type, notice.key]);
    const now = this.#now();
    const known = this.#byKey.get(key);
    const recorded = known ? this.#repeat(known, notice, now) : this.#first(key, notice, now);
    if (recorded.repeated === now) this.#wake();
    return recorded.id;
  }

  /** Puts a notice back that was there before, with its id and its count. */
  restore(
    notice: Omit<NewNotice, "repeatAfterMs"> & { readonly id: string; readonly occurrences: number },
  ): void {
    const { id, userId, type, key, data, occurrences } = notice;
    const now = this.#now();
    const times = { first: now, last: now, repeated: now };
    const slot = JSON.stringify([userId, type, key]);
    this.#byKey.set(slot, { id, userId, type, key, ...times, occurrences, data, repeatAfterMs: 0 });
    this.#lastId = Math.max(this.#lastId, Number(id) || 0);
  }

  #first(key: string, notice: NewNotice, now: Timestamp): Recorded {
    const { userId, type, data, repeatAfterMs = 0 } = notice;
    const id = String(++this.#lastId);
    const times = { first: now, last: now, repeated: now };
    const recorded = { id, userId, type, key: notice.key, ...times, occurrences: 1, data, repeatAfterMs };
    this.#byKey.set(key, recorded);
    return recorded;
  }

  #repeat(known: Recorded, { data, repeatAfterMs = 0 }: NewNotice, now: Timestamp): Recorded {
    const pause = BigInt(Math.round(repeatAfterMs * 1e6));
    if (repeatAfterMs === 0 || now > known.repeated + pause) known.repeated = now;
    known.occurrences++;
    known.last = now;
    known.data = data;
    known.repeatAfterMs = repeatAfterMs;
    return known;
  }

  #lastId = 0;

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const wake of waiting) wake();
  }

  get(id: string): Notice | undefined {
    const found = this.#alive().find((notice) => notice.id === id);
    return found && show(found);
  }

  list(filter: NoticeFilter): readonly Notice[] {
    return this.#matching(filter).map(show);
  }

  /** Like `list`, but waits for a match; an empty list when none came. */
  async wait(filter: NoticeFilter, timeoutMs: number, signal: AbortSignal): Promise<readonly Notice[]> {
    const over = new AbortController();
    const timer = sleep(this.#clock, timeoutMs, AbortSignal.any([over.signal, signal]));
    const finished = timer.then(() => "over" as const);
    try {
      while (true) {
        const found = this.list(filter);
        if (found.length > 0) return found;
        const news = new Promise<"news">((resolve) => {
          this.#waiting.add(() => resolve("news"));
        });
        if ((await Promise.race([news, finished])) === "over") return [];
      }
    } finally {
      over.abort();
    }
  }

  #matching(filter: NoticeFilter): readonly Recorded[] {
    return this.#alive().filter((notice) => matches(notice, filter));
  }

  #alive(): readonly Recorded[] {
    const limit = BigInt(Math.round((this.#clock.now() - EXPIRE_AFTER_MS) * 1e6));
    for (const [key, notice] of this.#byKey) if (notice.last < limit) this.#byKey.delete(key);
    return [...this.#byKey.values()].sort((a, b) => (a.repeated < b.repeated ? -1 : 1));
  }
}

function matches(notice: Recorded, { userId, types, keys, after }: NoticeFilter): boolean {
  if (userId !== null && notice.userId !== null && notice.userId !== userId) return false;
  if (types.length > 0 && !types.includes(notice.type)) return false;
  if (keys.length > 0 && !keys.includes(notice.key)) return false;
  return after === undefined || notice.repeated > after;
}

function show(notice: Recorded): Notice {
  return {
    id: notice.id,
    "user-id": notice.userId,
    type: notice.type,
    key: notice.key,
    "first-occurred": formatTimestamp(notice.first),
    "last-occurred": formatTimestamp(notice.last),
    "last-repeated": formatTimestamp(notice.repeated),
    occurrences: notice.occurrences,
    ...(notice.data && Object.keys(notice.data).length > 0 && { "last-data": notice.data }),
    ...(notice.repeatAfterMs > 0 && { "repeat-after": formatDuration(notice.repeatAfterMs) }),
    "expire-after": formatDuration(EXPIRE_AFTER_MS),
  };
}
