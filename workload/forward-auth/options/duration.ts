const UNITS: ReadonlyMap<string, number> = new Map([
  ["ns", 1e-6],
  ["us", 1e-3],
  ["µs", 1e-3],
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

const WHOLE = /^(?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h)|\.\d+(?:ns|us|µs|ms|s|m|h))+$/;
const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g;

/**
 * Reads a duration as Go writes it: `168h`, `1h30m`, `1.5h`, `300ms`, `0`. A number without unit is none, and neither
 * is a negative one.
 *
 * @returns Whole milliseconds, or undefined when the text is no duration.
 * @see Go: time.ParseDuration
 */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  if (text.length > 64 || !WHOLE.test(text)) return undefined;
  let total = 0;
  for (const [, number, unit] of text.matchAll(PART)) total += Number(number) * (UNITS.get(unit ?? "") ?? 0);
  return Number.isSafeInteger(Math.trunc(total)) ? Math.trunc(total) : undefined;
}
