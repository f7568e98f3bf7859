/** Answers in the bytes that oauth2-proxy sends. */
import { type Exchange, type Outcome, PLAIN_TEXT } from "../server/exchange.ts";

/** Headers that keep an answer out of caches, in oauth2-proxy's spelling. */
export const NO_CACHE: readonly string[] = [
  "Cache-Control",
  "no-cache, no-store, must-revalidate, max-age=0",
  "Expires",
  "Thu, 01 Jan 1970 00:00:00 UTC",
  "X-Accel-Expires",
  "0",
];

/** The type of pages and of redirects' bodies. */
export const HTML: readonly string[] = ["Content-Type", "text/html; charset=utf-8"];

const WORDS: Readonly<Record<number, string>> = {
  301: "Moved Permanently",
  302: "Found",
  308: "Permanent Redirect",
};

/** The first one is in all of the others. */
const ENTITIES = [
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&#34;"],
  ["'", "&#39;"],
] as const;

function escapeHtml(text: string): string {
  let escaped = text;
  for (const [character, entity] of ENTITIES)
    if (escaped.includes(character)) escaped = escaped.replaceAll(character, entity);
  return escaped;
}

/** Removes dot segments and repeated slashes; a slash at the end stays. */
export function cleanPath(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment);
  }
  const clean = `/${kept.join("/")}`;
  return path.endsWith("/") && clean !== "/" ? `${clean}/` : clean;
}

/** Percent-encodes what is not ASCII, in lower case; controls become blanks, as Go's server writes headers. */
function headerLocation(location: string): string {
  if (!/[^\x21-\x7e]/.test(location)) return location;
  const plain = location.replace(/[\r\n]/g, " ").trim();
  return plain.replace(/[^\x00-\x7f]+/g, (text) => encodeURIComponent(text.toWellFormed()).toLowerCase());
}

/** A relative target loses dot segments and repeated slashes in its path. */
function resolved(target: string): string {
  if (!target.startsWith("/")) return target;
  const mark = target.search(/[?#]/);
  return mark === -1 ? cleanPath(target) : cleanPath(target.slice(0, mark)) + target.slice(mark);
}

/**
 * Redirects as Go programs do: a short link as body of a GET, its type for GET and HEAD.
 *
 * @param headers Further headers, name, value, name, value.
 */
export function redirect(
  exchange: Exchange,
  status: 301 | 302 | 308,
  target: string,
  headers: readonly string[],
  outcome?: Outcome,
): void {
  const location = headerLocation(resolved(target));
  const read = exchange.method === "GET" || exchange.method === "HEAD";
  const all = [...headers, "Location", location];
  if (read) all.push(...HTML);
  const body = read
    ? Buffer.from(`<a href="${escapeHtml(location)}">${WORDS[status]}</a>.\n\n`, "latin1")
    : undefined;
  exchange.send(status, all, body, outcome);
}

/** Answers with an error in plain text: `Unauthorized` and a line break. */
export function text(
  exchange: Exchange,
  status: number,
  words: string,
  headers: readonly string[] = [],
  outcome?: Outcome,
): void {
  exchange.send(status, [...headers, ...PLAIN_TEXT], Buffer.from(`${words}\n`), outcome);
}

/** Answers with JSON as it stands. */
export function json(
  exchange: Exchange,
  status: number,
  body: string,
  headers: readonly string[] = [],
  outcome?: Outcome,
): void {
  exchange.send(status, [...headers, "Content-Type", "application/json"], Buffer.from(body), outcome);
}
