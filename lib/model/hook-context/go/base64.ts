/** What nearly every text is: on one line and padded. */
const WHOLE = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * Decodes standard base64 with padding.
 *
 * @returns The bytes, or the place of the first byte that cannot be there, as Go counts it.
 */
export function decodeBase64(text: string): { readonly bytes: Uint8Array } | { readonly corrupt: number } {
  if (text.length % 4 === 0 && WHOLE.test(text)) return { bytes: Buffer.from(text, "base64") };
  const alphabet = /[A-Za-z0-9+/]/;
  let count = 0;
  let at = 0;
  for (; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (character === "\n" || character === "\r") continue;
    if (alphabet.test(character)) count += 1;
    else break;
  }
  const held = count % 4;
  if (at === text.length) {
    return held === 0 ? { bytes: Buffer.from(text, "base64") } : { corrupt: at - held };
  }
  if (text[at] !== "=" || held < 2) return { corrupt: at };
  return decodePadded(text, at, held);
}

function decodePadded(text: string, start: number, held: number) {
  const skip = (from: number) => {
    let at = from;
    while (text[at] === "\n" || text[at] === "\r") at += 1;
    return at;
  };
  let at = start + 1;
  if (held === 2) {
    at = skip(at);
    if (at >= text.length) return { corrupt: text.length };
    if (text[at] !== "=") return { corrupt: at - 1 };
    at += 1;
  }
  at = skip(at);
  return at < text.length ? { corrupt: at } : { bytes: Buffer.from(text, "base64") };
}
