const UNITS: ReadonlyMap<string, number> = new Map([
  ["ns", 1e-6],
  ["us", 1e-3],
  ["µs", 1e-3],
  ["μs", 1e-3],
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

const WHOLE = /^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;
const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;

/** Most that Go can hold: 2^63 nanoseconds, in milliseconds. */
const MOST = 2 ** 63 / 1e6;

/**
 * Reads a duration as Go writes it: `168h`, `1h30m`, `1.5h`, `300ms`, `-1h`, `0`. A number without unit is none.
 *
 * @returns Milliseconds, fractions included, or undefined when the text is no duration.
 * @see Go: time.ParseDuration
 */
export function parseDuration(text: string): number | undefined {
  const negative = text.startsWith("-");
  const rest = text.replace(/^[+-]/, "");
  if (rest === "0") return 0;
  if (rest.length > 128 || !WHOLE.test(rest)) return undefined;
  let total = 0;
  for (const [, number, unit] of rest.matchAll(PART)) total += Number(number) * (UNITS.get(unit ?? "") ?? 0);
  if (total > MOST) return undefined;
  return negative ? 0 - total : total;
}

/** A number without the zeros behind its last decimal. */
const decimal = (value: number): string => value.toFixed(9).replace(/\.?0+$/, "");

/** Writes milliseconds as Go does: `168h0m0s`, `1m30s`, `300ms`, `0s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 0) return `-${formatDuration(-milliseconds)}`;
  if (milliseconds === 0) return "0s";
  if (milliseconds < 0.001) return `${decimal(milliseconds * 1e6)}ns`;
  if (milliseconds < 1) return `${decimal(milliseconds * 1e3)}µs`;
  if (milliseconds < 1000) return `${decimal(milliseconds)}ms`;
  const minutes = Math.floor(milliseconds / 60_000);
  const seconds = `${decimal((milliseconds - minutes * 60_000) / 1000)}s`;
  if (minutes === 0) return seconds;
  return minutes < 60 ? `${minutes}m${seconds}` : `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}`;
}
