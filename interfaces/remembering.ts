/**
 * Answers what was asked before from memory: charms look at the same few certificates and keys again and again. An
 * answer is handed on as it is, so nobody may change it.
 */
export function remembering<Texts extends readonly string[], T>(
  read: (...texts: Texts) => T,
  options: {
    /** What a question is remembered by; default: its texts. */
    readonly keyOf?: (...texts: Texts) => string;
    /** How many answers are kept; default 64. */
    readonly most?: number;
  } = {},
): (...texts: Texts) => T {
  const { keyOf = textOf, most = 64 } = options;
  const known = new Map<string, T>();
  return (...texts) => {
    const key = keyOf(...texts);
    const remembered = known.get(key);
    if (remembered !== undefined || known.has(key)) return remembered as T;
    if (known.size >= most) known.clear();
    const found = read(...texts);
    known.set(key, found);
    return found;
  };
}

function textOf(...texts: readonly string[]): string {
  return texts.length === 1 ? texts[0]! : JSON.stringify(texts);
}
