/** Failures in a row after which nobody is asked for a while. */
const MOST = 5;

/** Milliseconds for which nobody is asked. */
const REST = 1000;

/**
 * Keeps requests from waiting for a server that does not answer: after some failures in a row they fail at once, and one
 * after a while may try whether it is back.
 */
export class Breaker {
  readonly #now: () => number;
  #failures = 0;
  #restUntil = 0;

  /** @param now Milliseconds of a clock that is never put back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** True when the server may be asked. After a rest that is one question, until its answer. */
  get open(): boolean {
    if (this.#failures < MOST) return true;
    if (this.#now() < this.#restUntil) return false;
    this.#restUntil = this.#now() + REST;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  failed(): void {
    this.#failures++;
    if (this.#failures >= MOST) this.#restUntil = this.#now() + REST;
  }
}
