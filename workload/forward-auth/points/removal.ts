/** What an allow tells Envoy to take out of the request: it leaves in whatever an answer does not set. */
import type { Head } from "../server/head.ts";
import { isEnvoyCheck } from "./envoy-check.ts";

/** Header of an answer by which Envoy is told what to take away: names, comma-separated. */
export const REMOVE = "x-envoy-auth-headers-to-remove";

/** Names by which applications know who is calling, whether this configuration sends them or not. */
export const IDENTITY_NAMES: readonly string[] = [
  "gap-auth",
  ...["x-auth-request-", "x-forwarded-"].flatMap((prefix) =>
    ["user", "email", "groups", "preferred-username", "access-token"].map((name) => prefix + name),
  ),
];

/** Spellings that some servers read as the name itself. */
const aliasesOf = (name: string): string[] =>
  name.includes("-") ? [name.replaceAll("-", "_"), name.replaceAll("-", ".")] : [];

const ALIASES: ReadonlySet<string> = new Set(IDENTITY_NAMES.flatMap(aliasesOf));

/** An allow, as Envoy needs it. */
export interface Split {
  /** Name, value, name, value; none is empty, none is a cookie. */
  readonly set: readonly string[];
  /** Lower-case names. */
  readonly remove: readonly string[];
  /** Values of `Set-Cookie`. */
  readonly cookies: readonly string[];
}

const known = new WeakMap<readonly string[], Split>();

/**
 * Parts the headers of an allow. Empty ones are removed from the request, and with them every identity header that is not set
 * and the spellings of all of them. Gap-Auth is for logs of other proxies and always removed.
 *
 * @param headers Name, value, name, value. Answers for the same array are remembered.
 */
export function splitAllow(headers: readonly string[]): Split {
  const before = known.get(headers);
  if (before !== undefined) return before;
  const set: string[] = [];
  const cookies: string[] = [];
  const remove = new Set(IDENTITY_NAMES);
  const aliases = new Set(ALIASES);
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] as string;
    const value = headers[index + 1] as string;
    const lower = name.toLowerCase();
    for (const alias of lower === "set-cookie" ? [] : aliasesOf(lower)) aliases.add(alias);
    if (lower === "set-cookie") cookies.push(value);
    else if (value === "" || lower === "gap-auth") remove.add(lower);
    else {
      set.push(name, value);
      remove.delete(lower);
    }
  }
  const split = { set, cookies, remove: [...remove, ...aliases] };
  known.set(headers, split);
  return split;
}

/** Headers of an allow in oauth2-proxy's words: the answer to a check of Envoy's also says what to take away. */
export function removing(head: Head, headers: readonly string[]): readonly string[] {
  if (!isEnvoyCheck(head)) return headers;
  return [...headers, REMOVE, splitAllow(headers).remove.join(",")];
}
