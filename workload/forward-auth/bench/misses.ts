/** Why a target is missed, as far as it is known. Beginning of a row's label → reason. */
const REASONS: Readonly<Record<string, string>> = {};

/** The reason for a row; `undefined` where nobody knows one. */
export function reasonOf(label: string): string | undefined {
  return Object.entries(REASONS).find(([start]) => label.startsWith(start))?.[1];
}
