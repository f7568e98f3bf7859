/** One way in which a replayed hook was not the recorded one. */
export interface Divergence {
  readonly kind: /** The charm asked something that it did not ask then. */
    | "not recorded"
    /** It asked the same with other arguments or another body. */
    | "different arguments"
    /** It did not write what it wrote then. */
    | "not repeated"
    /** It ended with another exit code. */
    | "different exit code"
    /** It reported another status. */
    | "different status"
    /** The answer was too long to be kept. */
    | "answer not kept";
  /** What was asked: a command, or a request with where it went. */
  readonly what: string;
  readonly recorded?: string;
  readonly replayed?: string;
}

/** The divergence as lines of text. */
export function divergenceText({ kind, what, recorded, replayed }: Divergence): string {
  const lines = [`${kind}: ${what}`];
  if (recorded !== undefined) lines.push(`  recorded: ${recorded}`);
  if (replayed !== undefined) lines.push(`  replayed: ${replayed}`);
  return lines.join("\n");
}
