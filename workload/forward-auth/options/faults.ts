/** What is wrong with a configuration, collected. */
import { namesOf } from "./names.ts";
import type { OptionKey } from "./table.ts";

/** Something wrong: which option, and a sentence that names it and says what it should be. */
export interface Fault {
  /** A key such as `cookie_secret`, or a path in an alpha configuration. */
  readonly option: string;
  readonly message: string;
  /** Code with which the process ends, where that is not 1. */
  readonly exit?: 2;
}

/** A URL for messages: what stands before an `@` may be a password. */
export const masked = (url: string): string => url.replace(/\/\/[^/?#]*@/g, "//***@");

/** A list of faults that grows. */
export class Faults {
  readonly list: Fault[] = [];
  /** True when the structured part comes from an alpha configuration. */
  readonly alpha: boolean;

  constructor(alpha = false) {
    this.alpha = alpha;
  }

  /** Adds a sentence about an option: its names and what it must be. */
  add(key: OptionKey, must: string, exit: 1 | 2 = 1): void {
    this.say(key, `${namesOf(key)} ${must}`, exit);
  }

  /** Adds a sentence about the structured part, by its flat option or by its place in the alpha configuration. */
  structured(key: OptionKey, place: string, must: string): void {
    if (this.alpha) this.say(place, `${place} ${must}`);
    else this.add(key, must);
  }

  /** Adds a sentence that names the option itself. */
  say(option: string, message: string, exit: 1 | 2 = 1): void {
    this.list.push({ option, message, ...(exit === 1 ? {} : { exit }) });
  }

  /** Runs a reading that may throw `RangeError`; its message becomes a fault. */
  collect<T>(key: OptionKey, read: () => T, otherwise: T): T {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.list.push({ option: key, message: `${namesOf(key)}: ${error.message}` });
      return otherwise;
    }
  }
}
