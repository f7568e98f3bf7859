/** Secrets that stand in documentation and so are no secrets. */
const EXAMPLES: readonly string[] = ["OQINaROshtE9TcZkNfm-5Zs2Pv3xaWytBmc5W7sPX7w="];

/** The shortest beginning that, repeated, makes the text. */
function period(text: string): number {
  for (let length = 1; length < text.length; length++) {
    if (
      text ===
      text
        .slice(0, length)
        .repeat(Math.ceil(text.length / length))
        .slice(0, text.length)
    )
      return length;
  }
  return text.length;
}

/** Bits a character adds when it was drawn from the smallest usual alphabet that has them all. */
function bitsPerCharacter(text: string): number {
  if (/^\d*$/.test(text)) return Math.log2(10);
  if (/^(?:[\da-f]*|[\dA-F]*)$/.test(text)) return 4;
  if (/^(?:[a-z]*|[A-Z]*)$/.test(text)) return Math.log2(26);
  return 6;
}

/**
 * What makes a secret easy to guess; undefined when nothing shows. An estimate: it believes that characters were drawn at
 * random, unless they repeat.
 */
export function weakness(secret: string): string | undefined {
  if (EXAMPLES.includes(secret)) return "it is an example from documentation";
  const text = secret.trim().replace(/=+$/, "");
  const length = period(text);
  const bits = Math.floor(length * bitsPerCharacter(text));
  const few = new Set(text).size < 8;
  if (few) return "it has fewer than 8 different characters";
  if (bits < 128) return `it is worth about ${bits} bits${length < text.length ? ", as it repeats" : ""}`;
  return undefined;
}
