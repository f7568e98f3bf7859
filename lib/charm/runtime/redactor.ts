const hidden = "***";
/** Shorter values would blank out ordinary words. */
const SHORTEST = 4;

/**
 * Replaces secret values this hook has seen by `***`, in whatever leaves it as text: log lines, statuses and
 * error stacks.
 */
export class Redactor {
  readonly #values = new Set<string>();

  /** Remembers a value that must not be printed. */
  add(value: string): void {
    if (value.length >= SHORTEST) this.#values.add(value);
  }

  /** The text without any remembered value, longest first so that none leaves a remainder. */
  clean(text: string): string {
    const values = [...this.#values].sort((a, b) => b.length - a.length);
    return values.reduce((cleaned, value) => cleaned.replaceAll(value, hidden), text);
  }
}
