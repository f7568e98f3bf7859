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

/** A list of faults that grows. */
export class Faults {
  readonly list: Fault[] = [];

  /** Adds a sentence about an option: its names and what it must be. */
  add(key: OptionKey, must: string, exit: 1 | 2 = 1): void {
    const fault = { option: key, message: `${namesOf(key)} ${must}` };
    this.list.push(exit === 1 ? fault : { ...fault, exit });
  }

  /** Adds a sentence that names the option itself. */
  say(option: string, message: string): void {
    this.list.push({ option, message });
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
