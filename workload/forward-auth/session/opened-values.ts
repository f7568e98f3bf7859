import { Bounded } from "./bounded.ts";
import type { Entry } from "./store.ts";

/** Characters at the end that a value is found by: a signature or tag, which nobody can choose. */
const TAIL = 43;

/** Values seen once. */
const ONCE = 64;

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
  readonly #once = new Bounded<string, Opened>(ONCE);
  readonly #again = new Bounded<string, Opened>(AGAIN);

  get(value: string): Entry | undefined {
    const tail = value.slice(-TAIL);
    const again = this.#again.get(tail);
    if (again !== undefined) return again.value === value ? again.entry : undefined;
    const once = this.#once.get(tail);
    if (once?.value !== value) return undefined;
    this.#once.delete(tail);
    this.#again.set(flat(tail), { value: flat(value), entry: once.entry });
    return once.entry;
  }

  set(value: string, entry: Entry): void {
    const tail = value.slice(-TAIL);
    this.#again.delete(tail);
    this.#once.set(tail, { value, entry });
  }
}

/** A copy that does not hold on to the text it was cut from. */
const flat = (text: string): string => Buffer.from(text, "latin1").toString("latin1");
