import type { KnownAnswer } from "./decision-cache.ts";

/** What answers of many sessions have in common. */
type Shape = Pick<KnownAnswer, "url" | "host" | "status"> & {
  readonly names: readonly string[];
  readonly decision: string | undefined;
  readonly reason: string | undefined;
};

/** Most shapes that are known at a time. */
const MOST = 4096;

/** One answer: shape, values of headers, user, session, refreshed at, until. A number for a text means the value at that place. */
type Row = [
  shape: number,
  values: (string | number)[],
  user: string | number,
  id: string,
  at: number,
  until: number,
];

/**
 * Writes answers as short texts, and reads them. What they share, such as address and names of headers, is kept once, so that the
 * text of one has little more than who it is about.
 */
export class AnswerTexts {
  readonly #numbers = new Map<string, number>();
  readonly #shapes: Shape[] = [];

  /** Undefined when there are too many shapes: then all texts have to be forgotten. */
  write(answers: readonly KnownAnswer[]): string | undefined {
    const rows: Row[] = [];
    for (const answer of answers) {
      const shape = this.#numberOf(answer);
      if (shape === undefined) return undefined;
      const values = answer.headers.filter((_, index) => index % 2 === 1);
      const short = values.map((value, index) => placeOf(values, value, index));
      const { user = "" } = answer.outcome;
      const { id, refreshedAt } = answer.session;
      rows.push([shape, short, placeOf(values, user, values.length), id, refreshedAt, answer.until]);
    }
    return JSON.stringify(rows);
  }

  read(text: string): readonly KnownAnswer[] {
    return (JSON.parse(text) as Row[]).map(([shape, short, place, id, refreshedAt, until]) => {
      const { names, decision, reason, ...same } = this.#shapes[shape] as Shape;
      const textOf = (value: string | number): string =>
        typeof value === "string" ? value : (short[value] as string);
      const headers: string[] = [];
      for (const [index, name] of names.entries())
        headers.push(name, textOf(short[index] as string | number));
      const outcome = {
        ...(decision === undefined ? {} : { decision }),
        ...(reason === undefined ? {} : { reason }),
        user: textOf(place),
      };
      return { ...same, headers, outcome, session: { id, refreshedAt }, until };
    });
  }

  clear(): void {
    this.#numbers.clear();
    this.#shapes.length = 0;
  }

  #numberOf({ url, host, status, headers, outcome: { decision, reason } }: KnownAnswer): number | undefined {
    const names = headers.filter((_, index) => index % 2 === 0);
    const text = JSON.stringify([url, host ?? null, status, decision ?? null, reason ?? null, names]);
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    if (this.#shapes.length === MOST) return undefined;
    this.#numbers.set(text, this.#shapes.length);
    return this.#shapes.push({ url, host, status, names, decision, reason }) - 1;
  }
}

/** The place of a value among those before it, else the value. */
function placeOf(values: readonly string[], value: string, before: number): string | number {
  const first = values.indexOf(value);
  return first !== -1 && first < before ? first : value;
}
