/** The names of an option: its key in files, its flag, its variable. */
import { KEYS, type OptionKey, SPECS } from "./table.ts";

/** What the names of all our variables begin with. */
export const PREFIX = "OAUTH2_PROXY_";

/** The flag of an option, without dashes in front: `http-address`. An option without one has the name it would have. */
export function flagOf(key: OptionKey): string {
  return SPECS[key].flag ?? key.replaceAll("_", "-");
}

/** The variable of an option: `OAUTH2_PROXY_HTTP_ADDRESS`. */
export function variableOf(key: OptionKey): string {
  return PREFIX + key.toUpperCase();
}

/** All names of an option, for messages: `cookie_secret (--cookie-secret, OAUTH2_PROXY_COOKIE_SECRET)`. */
export function namesOf(key: OptionKey): string {
  const flag = SPECS[key].flag === null ? "" : `--${flagOf(key)}, `;
  return `${key} (${flag}${variableOf(key)})`;
}

/** Options by flag, without dashes in front. */
export const KEY_OF_FLAG: ReadonlyMap<string, OptionKey> = new Map(
  KEYS.filter((key) => SPECS[key].flag !== null).map((key) => [flagOf(key), key]),
);

/** Options by variable. */
export const KEY_OF_VARIABLE: ReadonlyMap<string, OptionKey> = new Map(
  KEYS.map((key) => [variableOf(key), key]),
);
