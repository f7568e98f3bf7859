/**
 * Deviations that show in many answers in the same small way: the answer is put right before it is compared, so that everything
 * else about it still counts. Each names its row in the README.
 *
 * @module
 */

import type { Incoming } from "./client.ts";
import { responseDifference } from "./compare.ts";
import type { Places } from "./places.ts";
import type { Pairs, RecordedResponse } from "./recording.ts";

/** A recorded answer and ours, ready to compare. */
interface Pair {
  readonly recorded: RecordedResponse;
  readonly answer: Incoming;
}

interface Tolerance {
  /** First column of the README's table of deviations, without backquotes. */
  readonly key: string;
  readonly adapt: (pair: Pair) => Pair;
}

const keep = (headers: Pairs, wanted: (name: string, value: string) => boolean): Pairs =>
  headers.filter(([name, value]) => wanted(name.toLowerCase(), value));

const namesOf = ({ headers = {} }: RecordedResponse): ReadonlySet<string> =>
  new Set(Object.keys(headers).map((name) => name.toLowerCase()));

/** Identity headers that have nothing to say are sent empty. */
function withoutEmptyIdentity({ recorded, answer }: Pair): Pair {
  const names = namesOf(recorded);
  const headers = keep(answer.headers, (name, value) => value !== "" || names.has(name));
  return { recorded, answer: headers.length === answer.headers.length ? answer : { ...answer, headers } };
}

/** A cookie is deleted once. */
function withoutRepeats({ recorded, answer }: Pair): Pair {
  const { cookies } = recorded;
  if (cookies === undefined) return { recorded, answer };
  const names = cookies.map(({ name, shape }) => `${name} ${shape}`);
  const once = cookies.filter(
    ({ shape }, index) => shape !== "empty" || names.indexOf(names[index] ?? "") === index,
  );
  return once.length === cookies.length
    ? { recorded, answer }
    : { recorded: { ...recorded, cookies: once }, answer };
}

/** A nonce is sent where upstream sends none. */
function withoutNonce({ recorded, answer }: Pair): Pair {
  const wanted = recorded.headers?.["Location"];
  if (typeof wanted !== "string" || !wanted.includes("/authorize?") || /[?&]nonce=/.test(wanted))
    return { recorded, answer };
  let changed = false;
  const headers = answer.headers.map(([name, value]): readonly [string, string] => {
    const plain = value.replace(/([?&])nonce=[\w-]{43}(?:&|$)/, "$1");
    if (name.toLowerCase() !== "location" || plain === value) return [name, value];
    changed = true;
    return [name, plain];
  });
  const body = answer.body.replace(/nonce=[\w-]{43}&amp;/, "");
  return { recorded, answer: changed ? { ...answer, headers, body } : answer };
}

/** Headers that keep a page from being framed, sniffed or told about. */
const PAGE = new Set([
  "content-security-policy",
  "x-content-type-options",
  "referrer-policy",
  "x-frame-options",
]);

function withoutPageHeaders({ recorded, answer }: Pair): Pair {
  const html = /^text\/html/.test(String(recorded.headers?.["Content-Type"] ?? ""));
  if (!html && recorded.status !== 302) return { recorded, answer };
  const headers = keep(answer.headers, (name) => !PAGE.has(name));
  return { recorded, answer: headers.length === answer.headers.length ? answer : { ...answer, headers } };
}

/** What the recorded application saw, with other headers; the same recording when nothing changes. */
function upstreamWith(pair: Pair, change: (headers: Pairs) => Pairs): Pair {
  const { recorded } = pair;
  if (recorded.upstream === undefined) return pair;
  const before = recorded.upstream.headers;
  const headers = change(before);
  if (JSON.stringify(headers) === JSON.stringify(before)) return pair;
  return { ...pair, recorded: { ...recorded, upstream: { ...recorded.upstream, headers } } };
}

/** The application does not get what a client says of itself under names that we own, or spells like them. */
function withoutClientIdentity(pair: Pair): Pair {
  return upstreamWith(pair, (headers) =>
    headers.filter(
      ([name, value]) =>
        !(/^(?:gap-auth|x-auth-request-.*|x\.forwarded\..*)$/i.test(name) && /^(?:evil|admin)/.test(value)),
    ),
  );
}

const TOLERANCES: readonly Tolerance[] = [
  { key: "X-Auth-Request-*, Gap-Auth, Authorization", adapt: withoutEmptyIdentity },
  { key: "new value and end of one cookie in one answer, or its end twice", adapt: withoutRepeats },
  { key: "insecure_oidc_skip_nonce", adapt: withoutNonce },
  { key: "headers of pages", adapt: withoutPageHeaders },
  { key: "identity headers of clients, towards upstreams", adapt: withoutClientIdentity },
];

/** Compares answers, and remembers which deviations explain what they show. */
export class SoftComparison {
  readonly #tolerated = new Set<string>();

  /** Where an answer differs first, deviations aside. */
  difference(recorded: RecordedResponse, answer: Incoming, places: Places): string | undefined {
    const found = responseDifference(recorded, answer, places);
    if (found === undefined) return undefined;
    const softened = soften(recorded, answer);
    const left = responseDifference(softened.recorded, softened.answer, places);
    if (left === undefined) for (const key of softened.keys) this.#tolerated.add(key);
    return left;
  }

  /** The outcome of a case with this difference. */
  outcome(difference: string | undefined): Outcome {
    return {
      ...(difference === undefined ? {} : { difference }),
      ...(this.#tolerated.size === 0 ? {} : { tolerated: [...this.#tolerated] }),
    };
  }
}

/** How a case came out. */
export interface Outcome {
  /** Where it differs first; undefined when it agrees. */
  readonly difference?: string;
  /** Deviations without which it would differ. */
  readonly tolerated?: readonly string[];
}

/** Rows of the README that tolerances name. */
export const TOLERANCE_KEYS: readonly string[] = TOLERANCES.map(({ key }) => key);

/** Puts right what deviations explain, and says which of them did. */
function soften(recorded: RecordedResponse, answer: Incoming): Pair & { readonly keys: readonly string[] } {
  let pair: Pair = { recorded, answer };
  const keys: string[] = [];
  for (const { key, adapt } of TOLERANCES) {
    const next = adapt(pair);
    if (next.recorded === pair.recorded && next.answer === pair.answer) continue;
    keys.push(key);
    pair = next;
  }
  return { ...pair, keys };
}
