import { Bounded } from "./bounded.ts";
import { keyHash } from "./key-hash.ts";
import type { Entry } from "./store.ts";

/** Characters at the end that a value is found by: a signature or tag, which nobody can choose. */
const TAIL = 43;

/** Places for values seen once; a power of two. */
const ONCE = 128;

/** Values seen again. */
const AGAIN = 2048;

interface Opened {
  /** All of the value: the end alone would find it under another beginning, too. */
  readonly value: string;
  readonly entry: Entry;
}

/**
 * Cookie values that were opened lately, with their sessions. A value that never comes back is forgotten soon, so that many
 * browsers with one request each displace nobody who stays.
 *
 * Values are found by their last characters, for Node.js takes 5 µs to hash the whole text of a session.
 */
export class OpenedValues {
  /**
   * A place for each hash, where a newer value takes that of an older one. Not a map: each time that a map which loses as much as it
   * gains is rebuilt, the old one goes on holding what was in it until all of the memory is searched.
   */
  readonly #once = new Array<Opened | undefined>(ONCE).fill(undefined);
  readonly #again = new Bounded<string, Opened>(AGAIN);

  get(value: string): Entry | undefined {
    const tail = value.slice(-TAIL);
    const again = this.#again.get(tail);
    if (again !== undefined) return again.value === value ? again.entry : undefined;
    const place = keyHash(tail) & (ONCE - 1);
    const once = this.#once[place];
    if (once?.value !== value) return undefined;
    this.#once[place] = undefined;
    this.#again.set(flat(tail), { value: flat(value), entry: once.entry });
    return once.entry;
  }

  set(value: string, entry: Entry): void {
    const tail = value.slice(-TAIL);
    this.#again.delete(tail);
    this.#once[keyHash(tail) & (ONCE - 1)] = { value, entry };
  }
}

/** A copy that does not hold on to the text it was cut from. */
const flat = (text: string): string => Buffer.from(text, "latin1").toString("latin1");
