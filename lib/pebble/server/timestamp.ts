import type { PebbleClock } from "./clock.ts";

/** Nanoseconds since the epoch. */
export type Timestamp = bigint;

/** Gives times that never repeat and never go back, which the `after` filter of notices relies on. */
export function timestamps(clock: PebbleClock): () => Timestamp {
  let last = 0n;
  return () => {
    const now = BigInt(Math.round(clock.now() * 1000)) * 1000n;
    last = now > last ? now : last + 1n;
    return last;
  };
}

/** RFC 3339 with as many digits of the second as are needed, as Go prints it. */
export function formatTimestamp(time: Timestamp): string {
  const seconds = new Date(Number(time / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  const fraction = String(time % 1_000_000_000n)
    .padStart(9, "0")
    .replace(/0+$/, "");
  return `${seconds}${fraction && `.${fraction}`}Z`;
}

/** To the second, as in task logs. */
export function formatSeconds(time: Timestamp): string {
  return formatTimestamp((time / 1_000_000_000n) * 1_000_000_000n);
}

const RFC3339 = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9})\d*)?(Z|[+-]\d{2}:\d{2})$/;

/** Reads RFC 3339; undefined when the text is not. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const match = RFC3339.exec(text);
  if (match === null) return undefined;
  const ms = Date.parse(`${match[1]}${match[3]}`);
  if (Number.isNaN(ms)) return undefined;
  return BigInt(ms) * 1_000_000n + BigInt((match[2] ?? "0").padEnd(9, "0"));
}
