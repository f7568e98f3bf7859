/** Variables, `OAUTH2_PROXY_` and an option's key in upper case. An empty one counts as unset. */
import { KEY_OF_VARIABLE, PREFIX } from "./names.ts";
import { nearest } from "./nearest.ts";
import type { OptionKey } from "./table.ts";

/** Kubernetes adds these for a Service whose name begins with `oauth2-proxy`. */
const SERVICE_LINK =
  /^OAUTH2_PROXY_(?:.+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_.+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/;

/** Variables as they were read. */
export interface EnvironmentReading {
  readonly texts: ReadonlyMap<OptionKey, string>;
  /** About variables that are no options: most likely misspelt. */
  readonly warnings: readonly string[];
}

/** Reads our variables of an environment. */
export function readEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): EnvironmentReading {
  const texts = new Map<OptionKey, string>();
  const warnings: string[] = [];
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith(PREFIX) || text === undefined || text === "" || SERVICE_LINK.test(name)) continue;
    const key = KEY_OF_VARIABLE.get(name);
    if (key !== undefined) texts.set(key, text);
    else
      warnings.push(
        `Cannot read ${name.slice(0, 80)}: unknown option, ignored; the nearest is ${nearest(name, KEY_OF_VARIABLE.keys())}`,
      );
  }
  return { texts, warnings };
}
