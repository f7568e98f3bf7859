import type { Divergence } from "./divergence.ts";
import type { Exchange } from "./recording.ts";

/** A recorded question in the words that questions are compared by. */
export interface Question {
  /** What it is about without its details: a command's name, a request's method and path. */
  readonly what: string;
  /** The details, as text. */
  readonly details: string;
  /** Whether it changes something, so that leaving it out is a divergence. */
  readonly writes: boolean;
}

interface Entry<One> {
  readonly question: Question;
  readonly exchange: One;
  taken: boolean;
}

/**
 * The recorded exchanges of one kind. The same question asked twice gets its answers in their order; other questions may come in
 * any order, as a charm asks several at once.
 */
export class Tape<One extends Exchange> {
  readonly #entries: Entry<One>[];
  readonly #diverged: (divergence: Divergence) => void;

  constructor(
    exchanges: readonly One[],
    describe: (exchange: One) => Question,
    diverged: (divergence: Divergence) => void,
  ) {
    this.#entries = exchanges.map((exchange) => ({ question: describe(exchange), exchange, taken: false }));
    this.#diverged = diverged;
  }

  /**
   * The exchange to answer a question from; a read that is repeated more often than then has the last answer again.
   *
   * @returns The exchange of other details where there is none of these; `undefined` when nothing like it was recorded.
   */
  take(question: Question): One | undefined {
    const same = this.#entries.filter((entry) => isSame(entry.question, question));
    const found = same.find(({ taken }) => !taken) ?? (question.writes ? undefined : same.at(-1));
    if (found !== undefined) {
      found.taken = true;
      return found.exchange;
    }
    const near = this.#entries.find(
      (entry) =>
        !entry.taken && entry.question.writes && question.writes && entry.question.what === question.what,
    );
    if (near === undefined) {
      this.#diverged({ kind: "not recorded", what: question.what, replayed: question.details });
      return undefined;
    }
    near.taken = true;
    const { what, details } = question;
    this.#diverged({ kind: "different arguments", what, recorded: near.question.details, replayed: details });
    return near.exchange;
  }

  /** Whether this very question was recorded. */
  has(question: Question): boolean {
    return this.#entries.some((entry) => isSame(entry.question, question));
  }

  /** How many recorded exchanges nobody has asked for. */
  get left(): number {
    return this.#entries.filter(({ taken }) => !taken).length;
  }

  /** Says which recorded writes were not repeated. */
  finish(): void {
    for (const { question, taken } of this.#entries) {
      if (taken || !question.writes) continue;
      this.#diverged({ kind: "not repeated", what: question.what, recorded: question.details });
    }
  }
}

const isSame = (a: Question, b: Question): boolean => a.what === b.what && a.details === b.details;
