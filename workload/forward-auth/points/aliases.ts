/** Other spellings of the identity headers that a configuration names itself. Those that oauth2-proxy names are known to `server/head.ts`. */
import type { HeaderSettings } from "../options/structure.ts";
import { isAlias } from "../server/head.ts";

const spelled = (name: string): string => name.toLowerCase().replace(/[_.]/g, "-");

/** The names that have other spellings which nothing else knows, in lower case with dashes. */
export function ownNames(headers: readonly HeaderSettings[]): ReadonlySet<string> {
  const names = headers.map(({ name }) => spelled(name));
  return new Set(names.filter((name) => name.includes("-") && !isAlias(name.replace("-", "_"))));
}

/**
 * True when a header is another spelling of one of these.
 *
 * @param raw Name, value, name, value.
 */
export function hasAlias(raw: readonly string[], names: ReadonlySet<string>): boolean {
  if (names.size === 0) return false;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] as string;
    if (/[_.]/.test(name) && names.has(spelled(name))) return true;
  }
  return false;
}
