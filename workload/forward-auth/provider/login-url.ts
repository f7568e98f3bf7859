/**
 * The address that a login goes to.
 *
 * @see RFC 6749, section 4.1.1; RFC 7636, section 4.3; OpenID Connect Core, section 3.1.2.1
 */
import { hash } from "node:crypto";
import { RE2JS } from "re2js";
import type { LoginUrlParameter } from "../options/structure.ts";

type Pair = readonly [name: string, value: string];

/** Values that a user may choose for one parameter. */
interface Choice {
  readonly name: string;
  readonly defaults: readonly string[];
  readonly allows: (value: string) => boolean;
}

function choiceOf({ name, default: defaults, allow }: LoginUrlParameter): Choice {
  const values = new Set(allow.flatMap((rule) => ("value" in rule ? [rule.value] : [])));
  const patterns = allow.flatMap((rule) => ("pattern" in rule ? [RE2JS.compile(rule.pattern)] : []));
  const allows = (value: string) =>
    values.has(value) || patterns.some((pattern) => pattern.matcher(value).find());
  return { name, defaults, allows };
}

/** The configured parameters of login URLs. */
export class LoginParameters {
  readonly #choices: readonly Choice[];
  readonly #defaults: readonly Pair[];

  constructor(parameters: readonly LoginUrlParameter[]) {
    this.#choices = parameters.map(choiceOf);
    this.#defaults = this.#choices.flatMap(({ name, defaults }) =>
      defaults.map((value): Pair => [name, value]),
    );
  }

  /** Names and values: what the user may choose and chose, else the default. */
  values(wanted: URLSearchParams | undefined): readonly Pair[] {
    if (wanted === undefined) return this.#defaults;
    return this.#choices.flatMap(({ name, defaults, allows }) => {
      const chosen = (wanted?.getAll(name) ?? []).filter((value) => value.length <= 1024 && allows(value));
      return (chosen.length > 0 ? chosen : defaults).map((value): Pair => [name, value]);
    });
  }
}

/** The PKCE challenge of a verifier. */
export function challengeOf(verifier: string, method: "S256" | "plain"): string {
  return method === "plain" ? verifier : hash("sha256", verifier, "base64url");
}

/** Text in a query, as Go programs write it. */
function escapeText(text: string): string {
  if (/^[\w.~-]*$/.test(text)) return text;
  const escaped = encodeURIComponent(text);
  if (!/[!'()*]|%20/.test(escaped)) return escaped;
  return escaped
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}

/**
 * Builds the address: the endpoint's own query and the parameters, sorted by name, spelt as oauth2-proxy spells them.
 *
 * @param set Take the place of parameters of the same name.
 * @param added Are added to them.
 */
export function loginUrl(
  endpoint: string,
  set: Readonly<Record<string, string>>,
  added: readonly (readonly [string, string])[] = [],
): string {
  const { address, query } = readEndpoint(endpoint);
  const pairs: Pair[] = [];
  for (const pair of query) if (!Object.hasOwn(set, pair[0])) pairs.push(pair);
  for (const name of Object.keys(set)) pairs.push([name, set[name] as string]);
  for (const pair of added) pairs.push(pair);
  pairs.sort(byName);
  let text = address;
  let mark = "?";
  for (const pair of pairs) {
    text += `${mark}${escapeText(pair[0])}=${escapeText(pair[1].toWellFormed())}`;
    mark = "&";
  }
  return text;
}

/** Puts values into the gaps of a text. */
export type Filling = (values: readonly string[]) => string;

/**
 * An address that was made with marks in the place of values, as a text with gaps: so what is the same for every login is put
 * together, sorted and spelt once.
 *
 * @param marks Texts that are nowhere else in the address and are spelt the same in a query.
 */
export function withGaps(address: string, marks: readonly string[]): Filling {
  const gaps = marks
    .map((mark, index) => ({ index, from: address.indexOf(mark), to: address.indexOf(mark) + mark.length }))
    .filter(({ from }) => from !== -1)
    .toSorted((one, other) => one.from - other.from);
  const start = address.slice(0, gaps[0]?.from);
  const pieces = gaps.map(({ index, to }, at) => ({ index, text: address.slice(to, gaps[at + 1]?.from) }));
  return (values) => {
    let filled = start;
    for (const { index, text } of pieces) filled += escapeText((values[index] ?? "").toWellFormed()) + text;
    return filled;
  };
}

const byName = (one: Pair, other: Pair): number => (one[0] < other[0] ? -1 : one[0] > other[0] ? 1 : 0);

/** An endpoint in its parts. */
interface Endpoint {
  readonly text: string;
  readonly address: string;
  readonly query: readonly Pair[];
}

let last: Endpoint = { text: "", address: "", query: [] };

/** Reads an endpoint; the last one is remembered, for mostly there is one. */
function readEndpoint(text: string): Endpoint {
  if (last.text === text) return last;
  const [address = "", own = ""] = text.replace(/#.*$/s, "").split(/\?(.*)/s, 2);
  last = { text, address, query: [...new URLSearchParams(own)] };
  return last;
}
