const UNITS = { ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 36e5 } as const;
const PART = /^(\d+\.?\d*|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/;
/** Go keeps durations in 64-bit nanoseconds. */
const LIMIT_MS = (2 ** 63 - 1) / 1e6;

/**
 * Reads a Go duration (`1m30s`, `500ms`, `-1.5h`).
 *
 * @returns Milliseconds, with fractions; undefined when the text is none or is too long a time.
 * @see Go: time.ParseDuration
 */
export function parseDuration(text: string): number | undefined {
  const sign = text.startsWith("-") ? -1 : 1;
  let rest = text.replace(/^[+-]/, "");
  if (rest === "0") return 0;
  if (rest === "") return undefined;
  let total = 0;
  while (rest !== "") {
    const part = PART.exec(rest);
    if (part === null) return undefined;
    total += Number(part[1]) * UNITS[part[2] as keyof typeof UNITS];
    rest = rest.slice(part[0].length);
  }
  return total > LIMIT_MS ? undefined : sign * total;
}

/**
 * Writes a duration as Go prints it: `1.5s`, `1m30s`, `1h0m0s`, `500ms`, `0s`.
 *
 * @param ms Milliseconds; rounded to a nanosecond.
 */
export function formatDuration(ms: number): string {
  const nanoseconds = Math.round(Math.abs(ms) * 1e6);
  const sign = ms < 0 && nanoseconds > 0 ? "-" : "";
  return sign + (nanoseconds < 1e9 ? belowSecond(nanoseconds) : fromSecond(nanoseconds));
}

function belowSecond(nanoseconds: number): string {
  if (nanoseconds === 0) return "0s";
  if (nanoseconds < 1e3) return `${nanoseconds}ns`;
  if (nanoseconds < 1e6) return `${nanoseconds / 1e3}µs`;
  return `${nanoseconds / 1e6}ms`;
}

function fromSecond(nanoseconds: number): string {
  const whole = BigInt(nanoseconds);
  const totalSeconds = whole / 1_000_000_000n;
  const fraction = (whole % 1_000_000_000n).toString().padStart(9, "0").replace(/0+$/, "");
  const seconds = `${totalSeconds % 60n}${fraction && `.${fraction}`}s`;
  const minutes = totalSeconds / 60n;
  if (minutes === 0n) return seconds;
  return minutes < 60n ? `${minutes}m${seconds}` : `${minutes / 60n}h${minutes % 60n}m${seconds}`;
}
