const MOST_REMEMBERED = 64;

/**
 * Answers what was asked before from memory: charms look at the same few certificates and keys again and again.
 *
 * @param keyOf What a question is remembered by; default: its texts.
 */
export function remembering<Texts extends readonly string[], T>(
  read: (...texts: Texts) => T,
  keyOf: (...texts: Texts) => string = (...texts) => (texts.length === 1 ? texts[0]! : JSON.stringify(texts)),
): (...texts: Texts) => T {
  const known = new Map<string, T>();
  return (...texts) => {
    const key = keyOf(...texts);
    if (known.has(key)) return known.get(key) as T;
    if (known.size >= MOST_REMEMBERED) known.clear();
    const found = read(...texts);
    known.set(key, found);
    return found;
  };
}
