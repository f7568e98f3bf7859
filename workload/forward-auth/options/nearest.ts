/** Edits (insert, delete, replace) that lead from one text to the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replaced);
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

/** The name of `known` that a person most likely meant by `name`; the first of equally near ones. */
export function nearest(name: string, known: Iterable<string>): string {
  let best = "";
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const edits = distance(name.slice(0, 80), candidate);
    if (edits < least) [best, least] = [candidate, edits];
  }
  return best;
}
