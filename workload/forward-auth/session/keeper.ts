import type { Eventually, SessionLock } from "./store.ts";

/**
 * Where records are kept, by name. What cannot be answered is thrown, or rejected, as `StoreUnavailableError`.
 *
 * A life is in milliseconds; a record is gone when it is over.
 */
export interface RecordKeeper {
  get(id: string): Eventually<Buffer | undefined>;
  set(id: string, value: Buffer, life: number): Eventually<void>;
  /** Replaces a record if it is still the one given, so that of two writers the second notices. */
  swap(id: string, before: Buffer, value: Buffer, life: number): Eventually<boolean>;
  delete(id: string): Eventually<void>;
  /** Undefined when somebody else has the lock. */
  lock(id: string): Eventually<SessionLock | undefined>;
  /** Writes, reads and deletes a record of its own. */
  check(): Eventually<void>;
  close(): Eventually<void>;
}
