/** Compares an answer with the recorded one. @module */

import type { Incoming } from "./client.ts";
import { pageDifference } from "./page.ts";
import { type Places, sameText } from "./places.ts";
import type { Pairs, ProviderCall, RecordedCookie, RecordedResponse, UpstreamSaw } from "./recording.ts";

/** Fields that the recording leaves out, and what concerns one connection only. */
const LEFT_OUT = new Set([
  "date",
  "content-length",
  "transfer-encoding",
  "last-modified",
  "keep-alive",
  "set-cookie",
]);

const short = (value: unknown): string => (JSON.stringify(value) ?? "nothing").slice(0, 300);
const said = (where: string, recorded: unknown, now: unknown): string =>
  `${where}: recorded ${short(recorded)}, now ${short(now)}`;

/** Values by lower-case name; repeats stay apart. */
function byName(headers: Pairs): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    if (LEFT_OUT.has(key) || (key === "connection" && value !== "close")) continue;
    found.set(key, [...(found.get(key) ?? []), value]);
  }
  return found;
}

function headersDifference(recorded: RecordedResponse, answer: Incoming, places: Places): string | undefined {
  const now = byName(answer.headers);
  const wanted = new Map(
    Object.entries(recorded.headers ?? {}).map(([name, value]) => [
      name.toLowerCase(),
      typeof value === "string" ? [value] : [...value],
    ]),
  );
  for (const name of new Set([...wanted.keys(), ...now.keys()])) {
    const [expected = [], actual = []] = [wanted.get(name), now.get(name)];
    const same =
      expected.length === actual.length &&
      expected.every((value, index) => sameText(value, actual[index] ?? "", places));
    if (!same) return said(`header ${name}`, wanted.get(name), now.get(name));
  }
  return undefined;
}

/** `Set-Cookie` taken apart as the recording has it. */
export function cookieOf(text: string): {
  readonly name: string;
  readonly value: string;
  readonly attrs: string;
} {
  const [pair = "", ...attributes] = text.split("; ");
  const equals = pair.indexOf("=");
  return { name: pair.slice(0, equals), value: pair.slice(equals + 1), attrs: attributes.join("; ") };
}

function cookieDifference(recorded: RecordedCookie, text: string, places: Places): string | undefined {
  const { name, value, attrs } = cookieOf(text);
  if (!sameText(recorded.name, name, places)) return said("cookie", recorded.name, name);
  if (recorded.attrs !== attrs) return said(`cookie ${name}`, recorded.attrs, attrs);
  const exact = recorded.shape === "empty" ? "" : (recorded.shape ?? recorded.value ?? "");
  // What a login's cookie holds is compared by `sessions.json`; ours has a field more, so its length differs.
  const shape = name.endsWith("_csrf") ? exact.replace(/^<b64:\d+>/, "<b64>") : exact;
  return sameText(shape, value, places) ? undefined : said(`cookie ${name}`, shape || "empty", value);
}

/** Values of `Set-Cookie`, in order. */
export function cookiesOf(headers: Pairs): readonly string[] {
  return headers.filter(([name]) => name.toLowerCase() === "set-cookie").map(([, value]) => value);
}

function cookiesDifference(recorded: RecordedResponse, answer: Incoming, places: Places): string | undefined {
  const now = cookiesOf(answer.headers);
  const wanted = recorded.cookies ?? [];
  if (now.length !== wanted.length)
    return said(
      "cookies",
      wanted.map(({ name }) => name),
      now,
    );
  for (const [index, cookie] of wanted.entries()) {
    const found = cookieDifference(cookie, now[index] ?? "", places);
    if (found !== undefined) return found;
  }
  return undefined;
}

function upstreamDifference(recorded: UpstreamSaw, body: string, places: Places): string | undefined {
  let now: UpstreamSaw;
  try {
    now = JSON.parse(body) as UpstreamSaw;
  } catch {
    return said("body", "what the upstream saw", body);
  }
  if (recorded.method !== now.method || !sameText(recorded.url, now.url, places))
    return said("upstream", `${recorded.method} ${recorded.url}`, `${now.method} ${now.url}`);
  if ((recorded.body ?? "") !== (now.body ?? "")) return said("upstream body", recorded.body, now.body);
  const missing = recorded.headers.filter(
    ([name, value]) => !now.headers.some(([n, v]) => n === name && sameText(value, v, places)),
  );
  const extra = now.headers.filter(
    ([name, value]) => !recorded.headers.some(([n, v]) => n === name && sameText(v, value, places)),
  );
  return missing.length + extra.length === 0 ? undefined : said("upstream headers", missing, extra);
}

/** The link that Go writes into redirects. */
function isLink(body: string, location: string | undefined): boolean {
  const href = /^<a href="([^"]*)">[^<]+<\/a>\.\s*$/.exec(body)?.[1];
  const plain = href
    ?.replace(/&#34;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">");
  return plain?.replace(/&amp;/g, "&") === location;
}

function bodyDifference(recorded: RecordedResponse, answer: Incoming, places: Places): string | undefined {
  const { body } = answer;
  if (recorded.page !== undefined) return pageDifference(recorded.page, body, places);
  if (recorded.upstream !== undefined) return upstreamDifference(recorded.upstream, body, places);
  if (recorded.body === "<short HTML link to Location>") {
    const location = answer.headers.find(([name]) => name.toLowerCase() === "location")?.[1];
    return isLink(body, location) ? undefined : said("body", recorded.body, body);
  }
  if (recorded.body === undefined || sameText(recorded.body, body, places)) return undefined;
  return said("body", recorded.body, body);
}

/** Series that both programs can have; what only a Go process has is nobody's contract. */
function metricsDifference(recorded: RecordedResponse, body: string): string | undefined {
  const lines = new Set(body.split("\n"));
  const missing = recorded.metrics?.lines.filter((line) => !lines.has(line)) ?? [];
  return missing.length === 0 ? undefined : said("metrics", missing, "absent");
}

/** Where an answer differs first from the recorded one; undefined when it does not. */
export function responseDifference(
  recorded: RecordedResponse,
  answer: Incoming,
  places: Places,
): string | undefined {
  if (recorded.error !== undefined) return said("response", recorded.error, `status ${answer.status}`);
  if (recorded.status !== answer.status) return said("status", recorded.status, answer.status);
  return (
    headersDifference(recorded, answer, places) ??
    cookiesDifference(recorded, answer, places) ??
    (recorded.metrics === undefined
      ? bodyDifference(recorded, answer, places)
      : metricsDifference(recorded, answer.body))
  );
}

/** Where the calls that reached the provider differ. */
export function callsDifference(
  recorded: readonly ProviderCall[],
  calls: readonly ProviderCall[],
  places: Places,
): string | undefined {
  const same = (wanted: ProviderCall, now: ProviderCall | undefined): boolean =>
    now !== undefined &&
    Object.entries(wanted).every(([key, value]) => {
      const other = now[key as keyof ProviderCall];
      return typeof value === "string" && typeof other === "string"
        ? sameText(value, other, places)
        : JSON.stringify(value) === JSON.stringify(other);
    });
  const agree = recorded.length === calls.length && recorded.every((call, index) => same(call, calls[index]));
  return agree ? undefined : said("provider calls", recorded, calls);
}
