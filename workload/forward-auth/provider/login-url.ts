/**
 * The address that a login goes to.
 *
 * @see RFC 6749, section 4.1.1; RFC 7636, section 4.3; OpenID Connect Core, section 3.1.2.1
 */
import { hash } from "node:crypto";
import { RE2JS } from "re2js";
import type { LoginUrlParameter } from "../options/structure.ts";

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

  constructor(parameters: readonly LoginUrlParameter[]) {
    this.#choices = parameters.map(choiceOf);
  }

  /** Names and values: what the user may choose and chose, else the default. */
  values(wanted: URLSearchParams | undefined): [string, string][] {
    return this.#choices.flatMap(({ name, defaults, allows }) => {
      const chosen = (wanted?.getAll(name) ?? []).filter((value) => value.length <= 1024 && allows(value));
      return (chosen.length > 0 ? chosen : defaults).map((value): [string, string] => [name, value]);
    });
  }
}

/** The PKCE challenge of a verifier. */
export function challengeOf(verifier: string, method: "S256" | "plain"): string {
  return method === "plain" ? verifier : hash("sha256", verifier, "base64url");
}

/** Text in a query, as Go programs write it. */
function escapeText(text: string): string {
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
  const [address = "", own = ""] = endpoint.replace(/#.*$/s, "").split(/\?(.*)/s, 2);
  const query = new URLSearchParams(own);
  for (const [name, value] of Object.entries(set)) query.set(name, value);
  for (const [name, value] of added) query.append(name, value.toWellFormed());
  query.sort();
  return `${address}?${Array.from(query, (pair) => pair.map(escapeText).join("=")).join("&")}`;
}
