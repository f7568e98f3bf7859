import { taps } from "./taps.ts";

const hidden = "***";

/**
 * A value that must not be printed: its text, JSON and inspected forms are `***`.
 *
 * @example
 * ```ts
 * const password = sensitive("hunter2");
 * `${password}`; // "***"
 * password.reveal(); // "hunter2"
 * ```
 */
export class Sensitive<Value> {
  readonly #value: Value;
  constructor(value: Value) {
    this.#value = value;
  }

  /** The value itself. Each call is a place where it can leak. */
  reveal(): Value {
    taps()?.reveal?.(this.#value);
    return this.#value;
  }

  toString(): string {
    return hidden;
  }

  toJSON(): string {
    return hidden;
  }

  [Symbol.toPrimitive](): string {
    return hidden;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return hidden;
  }
}

/** Wraps a value so that it cannot be printed by accident. */
export function sensitive<Value>(value: Value): Sensitive<Value> {
  return new Sensitive(value);
}
