const ESCAPE = String.raw`\\(?:u\{[^}]*\}|u[0-9a-fA-F]{4}|[pP]\{[^}]*\}|x[0-9a-fA-F]{2}|c[A-Za-z]|[^])`;
/** Pieces outside of a class: an empty one, the beginning of one, a look-around, an escape, a count, anything else. */
const OUTSIDE = new RegExp(String.raw`\[\^?\]|\[\^?-?|\(\?<?[=!]|${ESCAPE}|\{\d+(?:,\d*)?\}|[^]`, "y");
/** Pieces of a class: a range to a class, what may be one by name, an escape, anything else. */
const INSIDE = new RegExp(String.raw`-\\[dDsSwWpP]|\[:|${ESCAPE}|[^]`, "y");

/** Escapes that mean the same in JavaScript and in Go. */
const SHARED = /^\\(?:[dDsSwWfnrtv]|x[0-9a-fA-F]{2}|[pP]\{[CLMNPSZ][a-z]?\}|[^A-Za-z0-9\u0080-\uffff])$/;
/** How often Go lets anything repeat, counts in counts multiplied. */
const MOST = 1000;

/**
 * What of a regular expression Juju's own, which are Go's, do not have: a look-around or a reference back for example.
 *
 * @returns The first such piece; `undefined` when there is none.
 * @see Go: regexp/syntax
 */
export function foreignToGo(pattern: string): string | undefined {
  // Per open group, and for what was last read: how often its innermost part repeats.
  const groups = [1];
  let last = 1;
  for (const { piece, inClass } of piecesOf(pattern)) {
    if (inClass ? isForeignInside(piece) : isForeignOutside(piece)) return piece;
    if (inClass) continue;
    if (isCount(piece)) last *= countOf(piece);
    else last = piece === ")" ? (groups.pop() ?? 1) : 1;
    if (last > MOST) return piece;
    if (piece === "(") groups.push(1);
    else groups.push(Math.max(groups.pop() ?? 1, last));
  }
  return undefined;
}

const isCount = (piece: string): boolean => /^\{\d/.test(piece);

function countOf(piece: string): number {
  return Math.max(1, ...(piece.match(/\d+/g) ?? []).map(Number));
}

interface Piece {
  readonly piece: string;
  readonly inClass: boolean;
}

function* piecesOf(pattern: string): Generator<Piece> {
  let inClass = false;
  for (let at = 0; at < pattern.length; ) {
    const piece = pieceAt(inClass ? INSIDE : OUTSIDE, pattern, at);
    yield { piece, inClass };
    inClass = inClass ? piece !== "]" : piece.startsWith("[");
    at += piece.length;
  }
}

function pieceAt(pieces: RegExp, pattern: string, at: number): string {
  pieces.lastIndex = at;
  return pieces.exec(pattern)?.[0] ?? "";
}

function isForeignOutside(piece: string): boolean {
  if (piece.startsWith("\\")) return !SHARED.test(piece) && !/^\\[bB0]$/.test(piece);
  return /^(?:\[\^?\]|\(\?<?[=!])$/.test(piece);
}

function isForeignInside(piece: string): boolean {
  return piece.startsWith("\\") ? !SHARED.test(piece) && piece !== "\\0" : /^(?:-\\|\[:)/.test(piece);
}
