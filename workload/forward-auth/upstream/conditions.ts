/** Conditional and partial requests for a file, as Go's file server answers them (RFC 9110, sections 13 and 14). */

/** A part of a file, in bytes; the end is not part of it. */
export interface Part {
  readonly start: number;
  readonly end: number;
}

/** The request's headers that matter, absent ones undefined. */
export interface Conditions {
  readonly method: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
  readonly ifUnmodifiedSince: string | undefined;
}

/** Most parts that are sent; a request for more gets the whole file. */
const MOST_PARTS = 64;

/** A date of HTTP in seconds; undefined when it is none. */
function seconds(text: string): number | undefined {
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000);
}

/**
 * Whether the file is to be sent.
 *
 * @param modified Seconds since the epoch. Files have no entity tags here.
 * @returns 304 or 412, or undefined when it is to be sent.
 */
export function precondition(conditions: Conditions, modified: number): 304 | 412 | undefined {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince, method } = conditions;
  const reads = method === "GET" || method === "HEAD";
  if (ifMatch !== undefined) {
    if (ifMatch.trim() !== "*") return 412;
  } else if (ifUnmodifiedSince !== undefined) {
    const time = seconds(ifUnmodifiedSince);
    if (time !== undefined && modified > time) return 412;
  }
  if (ifNoneMatch !== undefined) return ifNoneMatch.trim() !== "*" ? undefined : reads ? 304 : 412;
  const since = ifModifiedSince === undefined || !reads ? undefined : seconds(ifModifiedSince);
  return since !== undefined && modified <= since ? 304 : undefined;
}

/** Reads one range; undefined when it is none, "outside" when it is behind the file's end. */
function readPart(text: string, size: number): Part | "outside" | undefined {
  const [, first, last] = /^[ \t]*(\d*)[ \t]*-[ \t]*(\d*)[ \t]*$/.exec(text) ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return undefined;
  if (first === "") return { start: Math.max(0, size - Number(last)), end: size };
  const start = Number(first);
  if (start >= size) return "outside";
  if (last === "") return { start, end: size };
  return Number(last) < start ? undefined : { start, end: Math.min(Number(last) + 1, size) };
}

/**
 * The parts of a file that are asked for.
 *
 * @returns None: send the whole file. "invalid" and "outside": 416.
 */
export function partsOf(
  conditions: Conditions,
  size: number,
  modified: number,
): readonly Part[] | "invalid" | "outside" {
  const { range, ifRange } = conditions;
  if (range === undefined || range === "") return [];
  if (ifRange !== undefined && seconds(ifRange) !== modified) return [];
  if (!range.startsWith("bytes=")) return "invalid";
  const parts: Part[] = [];
  let outside = false;
  for (const text of range.slice("bytes=".length).split(",")) {
    if (text.trim() === "") continue;
    const part = readPart(text, size);
    if (part === undefined) return "invalid";
    if (part === "outside") outside = true;
    else parts.push(part);
  }
  if (parts.length === 0) return outside && size > 0 ? "outside" : [];
  const sum = parts.reduce((total, { start, end }) => total + end - start, 0);
  return sum > size || parts.length > MOST_PARTS ? [] : parts;
}
