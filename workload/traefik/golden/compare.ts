/** Compares what was recorded with what happened. @module */

import { sameText } from "./places.ts";
import type { Heard, Pairs, Step } from "./recording.ts";

/** Field names in one spelling and order, for neither carries meaning (RFC 9110, section 5.1). */
function sortedHeaders(pairs: Pairs): Pairs {
  return pairs
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

const isPairs = (value: unknown): value is Pairs =>
  Array.isArray(value) && value.every((item) => Array.isArray(item));

/** Where two values differ first; nothing when they agree. */
export function difference(expected: unknown, actual: unknown, where = ""): string | undefined {
  if (typeof expected === "string" && typeof actual === "string") {
    return sameText(expected, actual) ? undefined : said(where, expected, actual);
  }
  if (isPairs(expected) && isPairs(actual) && /headers$|trailers$/.test(where)) {
    const [wanted, given] = [sortedHeaders(expected), sortedHeaders(actual)];
    const agree =
      wanted.length === given.length &&
      wanted.every(([n, v], i) => n === given[i]?.[0] && sameText(v, given[i]?.[1] ?? ""));
    return agree ? undefined : said(where, missing(wanted, given), missing(given, wanted));
  }
  if (typeof expected !== "object" || expected === null || typeof actual !== "object" || actual === null) {
    return expected === actual ? undefined : said(where, expected, actual);
  }
  const keys = [...new Set([...Object.keys(expected), ...Object.keys(actual)])];
  for (const key of keys) {
    const found = difference(
      (expected as Heard)[key],
      (actual as Heard)[key],
      where === "" ? key : `${where}.${key}`,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

const missing = (from: Pairs, other: Pairs): string =>
  from
    .filter(([name, value]) => !other.some(([n, v]) => n === name && sameText(value, v)))
    .map((pair) => pair.join(": "))
    .join(" | ") || "(other order or number)";

const short = (value: unknown): string => (JSON.stringify(value) ?? "nothing").slice(0, 220);
const said = (where: string, expected: unknown, actual: unknown): string =>
  `${where}: recorded ${short(expected)}, now ${short(actual)}`;

const FIELDS = [
  "decision",
  "application",
  "response",
  "responses",
  "none",
  "tunnel",
  "connection",
  "bytes",
  "failed",
  "tls",
  "h2error",
] as const;

/** The parts of a step that are compared. Log records are Traefik's own words and are not. */
export function expectation(step: Step): Heard {
  const found: Record<string, unknown> = {};
  for (const field of FIELDS) {
    const value = step[field];
    if (value !== undefined && typeof value === "string" && (field === "application" || field === "decision"))
      continue;
    if (value !== undefined) found[field] = value;
  }
  // The client's own words about a failed handshake depend on its TLS library.
  if (step.tlsError !== undefined) found["tlsError"] = true;
  return found;
}
