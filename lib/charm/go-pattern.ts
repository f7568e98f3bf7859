const ESCAPE = String.raw`\\(?:u\{[^}]*\}|u[0-9a-fA-F]{4}|[pP]\{[^}]*\}|x[0-9a-fA-F]{2}|c[A-Za-z]|[^])`;
/** Pieces outside of a class: an empty one, the beginning of one, a look-around, an escape, a count, anything else. */
const OUTSIDE = new RegExp(String.raw`\[\^?\]|\[\^?-?|\(\?<?[=!]|${ESCAPE}|\{\d+(?:,\d*)?\}|[^]`, "y");
/** Pieces of a class: a range to a class, a class by name, an escape, anything else. */
const INSIDE = new RegExp(String.raw`-\\[dDsSwWpP]|\[:\w+:\]|${ESCAPE}|[^]`, "y");

/** Escapes that mean the same in JavaScript and in Go. */
const SHARED = /^\\(?:[dDsSwWfnrtv]|x[0-9a-fA-F]{2}|[pP]\{[CLMNPSZ][a-z]?\}|[^A-Za-z0-9\u0080-\uffff])$/;
/** The most that Go lets a count be. */
const MOST = 1000;

/**
 * What of a regular expression Juju's own, which are Go's, do not have: a look-around or a reference back for example.
 *
 * @returns The first such piece; `undefined` when there is none.
 * @see Go: regexp/syntax
 */
export function foreignToGo(pattern: string): string | undefined {
  let inClass = false;
  for (let at = 0; at < pattern.length; ) {
    const piece = pieceAt(inClass ? INSIDE : OUTSIDE, pattern, at);
    if (inClass ? isForeignInside(piece) : isForeignOutside(piece)) return piece;
    inClass = inClass ? piece !== "]" : piece.startsWith("[");
    at += piece.length;
  }
  return undefined;
}

function pieceAt(pieces: RegExp, pattern: string, at: number): string {
  pieces.lastIndex = at;
  return pieces.exec(pattern)?.[0] ?? "";
}

function isForeignOutside(piece: string): boolean {
  if (piece.startsWith("\\")) return !SHARED.test(piece) && !/^\\[bB0]$/.test(piece);
  if (piece.startsWith("{")) return (piece.match(/\d+/g) ?? []).some((count) => Number(count) > MOST);
  return /^(?:\[\^?\]|\(\?<?[=!])$/.test(piece);
}

function isForeignInside(piece: string): boolean {
  return piece.startsWith("\\") ? !SHARED.test(piece) && piece !== "\\0" : /^(?:-\\|\[:)/.test(piece);
}
