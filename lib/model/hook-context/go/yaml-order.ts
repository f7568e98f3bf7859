const letter = /^\p{L}$/u;
const digit = /^\p{Nd}$/u;

/**
 * Orders keys of a map as go-yaml v2 does: numbers inside by value, anything else before letters.
 *
 * @see go-yaml v2: sorter.go
 */
export function compareKeys(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    const x = left[at] ?? "";
    const y = right[at] ?? "";
    if (x !== y) return compareFrom(left, right, at, x, y);
  }
  return left.length - right.length;
}

function compareFrom(
  left: readonly string[],
  right: readonly string[],
  at: number,
  x: string,
  y: string,
): number {
  const xLetter = letter.test(x);
  const yLetter = letter.test(y);
  if (xLetter && yLetter) return codeOf(x) - codeOf(y);
  if (xLetter || yLetter) return yLetter ? -1 : 1;
  const start = (x === "0" || y === "0") && afterNumber(left, at) ? 1n : 0n;
  const xRun = run(left, at, start);
  const yRun = run(right, at, start);
  if (xRun.value !== yRun.value) return xRun.value < yRun.value ? -1 : 1;
  if (xRun.end !== yRun.end) return xRun.end - yRun.end;
  return codeOf(x) - codeOf(y);
}

/** Whether the digits just before this place hold one that is not zero. */
function afterNumber(text: readonly string[], at: number): boolean {
  for (let j = at - 1; j >= 0 && digit.test(text[j] ?? ""); j -= 1) {
    if (text[j] !== "0") return true;
  }
  return false;
}

/** The number at a place; it wraps at 64 bits, as the original does. */
function run(text: readonly string[], at: number, start: bigint): { value: bigint; end: number } {
  let value = start;
  let end = at;
  for (; end < text.length && digit.test(text[end] ?? ""); end += 1) {
    value = BigInt.asIntN(64, value * 10n + BigInt(codeOf(text[end] ?? "0") - 48));
  }
  return { value, end };
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
