import { quote } from "./text.ts";

const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const maxDuration = 2n ** 63n;

/** Nanoseconds of a Go duration such as `1h30m`, or nothing when it is none. */
export function parseDuration(text: string): bigint | undefined {
  if (text.length > 200) return undefined;
  const sign = text.startsWith("-") ? -1n : 1n;
  let rest = text.replace(/^[-+]/, "");
  if (rest === "0") return 0n;
  if (rest === "") return undefined;
  let total = 0n;
  while (rest !== "") {
    const match = /^([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)/.exec(rest);
    const unit = units[match?.[3] ?? ""];
    if (match === null || unit === undefined) return undefined;
    const whole = match[1] ?? "";
    const fraction = match[2] ?? "";
    if (whole === "" && fraction === "") return undefined;
    total += BigInt(whole || "0") * unit + fractionOf(fraction, unit);
    rest = rest.slice(match[0].length);
    if (total > maxDuration) return undefined;
  }
  if (sign > 0n && total === maxDuration) return undefined;
  return sign * total;
}

function fractionOf(digits: string, unit: bigint): bigint {
  const used = digits.slice(0, 18);
  return used === "" ? 0n : (BigInt(used) * unit) / 10n ** BigInt(used.length);
}

const rfc3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})([.,]\d+)?(Z|[-+]\d{2}:\d{2})?$/;

/** RFC 3339, or the same without a zone, which means UTC. */
export function parseTime(text: string): Date | undefined {
  const match = rfc3339.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = "", zone = "Z"] = match;
  const stamp = `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction.replace(",", ".").slice(0, 4)}${zone}`;
  const date = new Date(stamp);
  if (Number.isNaN(date.getTime()) || Number(hour) > 23) return undefined;
  const civil = new Date(`${year}-${month}-${day}T00:00:00Z`);
  return civil.getUTCDate() === Number(day) ? date : undefined;
}

/** RFC 3339 in UTC, fractions of a second only where there are any. */
export function formatTime(date: Date): string {
  return date.toISOString().replace(/\.?0{1,3}Z$/, "Z");
}

/** Go's text for an expiry that can be read neither way. */
export function badExpiry(text: string): string {
  return `expire time or duration ${quote(text)} not valid`;
}
