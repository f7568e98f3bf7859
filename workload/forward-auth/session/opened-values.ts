import { type Placed, Places } from "./places.ts";
import type { Entry } from "./store.ts";

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
 * Values are found by their last characters, a signature or tag, for Node.js takes 5 µs to hash the whole text of a session.
 */
export class OpenedValues {
  readonly #lately = new Places<Opened>(LATELY, 2);
  readonly #often = new Places<Opened>(OFTEN, 4);

  get(value: string): Entry | undefined {
    const often = this.#often.get(value);
    if (often !== undefined) return often.entry;
    const lately = this.#lately.get(value);
    if (lately?.again === true) {
      this.#lately.delete(value);
      this.#often.set({ ...lately, value: flat(value) });
    } else if (lately !== undefined) lately.again = true;
    return lately?.entry;
  }

  set(value: string, entry: Entry): void {
    this.#often.delete(value);
    this.#lately.set({ value, entry, again: false });
  }
}

/** A copy that does not hold on to the text it was cut from. */
const flat = (text: string): string => Buffer.from(text, "latin1").toString("latin1");
