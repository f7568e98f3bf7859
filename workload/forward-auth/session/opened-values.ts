import { type Placed, Places } from "./places.ts";
import type { Entry } from "./store.ts";

/** Characters at the end that a value is found by: a signature or tag, which nobody can choose. */
const TAIL = 43;

/** Values seen lately. */
const LATELY = 128;

/** Values seen again and again. */
const OFTEN = 2048;

interface Opened extends Placed {
  readonly entry: Entry;
  /** True when it was seen a second time. */
  again: boolean;
}

/**
 * Cookie values that were opened lately, with their sessions. A value that does not come back twice is forgotten soon, so that many
 * browsers with a request or two displace nobody who stays.
 *
 * Values are found by their last characters, for Node.js takes 5 µs to hash the whole text of a session.
 */
export class OpenedValues {
  readonly #lately = new Places<Opened>(LATELY, 2);
  readonly #often = new Places<Opened>(OFTEN, 4);

  get(value: string): Entry | undefined {
    const tail = value.slice(-TAIL);
    const often = this.#often.get(tail, value);
    if (often !== undefined) return often.entry;
    const lately = this.#lately.get(tail, value);
    if (lately?.again === true) {
      this.#lately.delete(tail, value);
      this.#often.set(tail, { ...lately, value: flat(value) });
    } else if (lately !== undefined) lately.again = true;
    return lately?.entry;
  }

  set(value: string, entry: Entry): void {
    const tail = value.slice(-TAIL);
    this.#often.delete(tail, value);
    this.#lately.set(tail, { value, entry, again: false });
  }
}

/** A copy that does not hold on to the text it was cut from. */
const flat = (text: string): string => Buffer.from(text, "latin1").toString("latin1");
