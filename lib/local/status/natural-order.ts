/**
 * Orders names as Juju's client does: while both rests hold a digit, the text before it is compared,
 * then the number; as soon as one has none, the rests are compared as texts.
 *
 * @returns Negative when `a` comes first.
 * @see juju/naturalsort
 */
export function naturalOrder(a: string, b: string): number {
  let left = a;
  let right = b;
  for (;;) {
    const x = /^(\D*)(\d+)(.*)$/s.exec(left);
    const y = /^(\D*)(\d+)(.*)$/s.exec(right);
    if (!x || !y) return compare(left, right);
    if (x[1] !== y[1]) return compare(x[1] ?? "", y[1] ?? "");
    const difference = Number(x[2]) - Number(y[2]);
    if (difference !== 0) return difference;
    left = x[3] ?? "";
    right = y[3] ?? "";
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Entries of a record, naturally sorted by name. */
export function naturally<T>(record: Readonly<Record<string, T>> | undefined): [string, T][] {
  return Object.entries(record ?? {}).sort(([a], [b]) => naturalOrder(a, b));
}
