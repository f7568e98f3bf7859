import type { LogTarget } from "../plan/types.ts";

/** Whether a target gets the lines of a service: the last entry that names it decides. */
export function forwards({ services = [] }: LogTarget, service: string): boolean {
  const last = services.findLast((entry) => ["all", service].includes(entry.replace(/^-/, "")));
  return last !== undefined && !last.startsWith("-");
}

/** In order of the names, as Go writes a map. */
export function byName<T>(entries: Iterable<readonly [string, T]>): (readonly [string, T])[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A variable as Go's `os.Expand` knows them: in braces, one special character, or a word. */
const VARIABLE = /\$(?:\{([^}]*)\}|\{|([*#$@!?\-0-9])|(\w+))/g;

/** Labels with the variables of a service's environment put in; unknown ones are empty. */
export function evaluateLabels(
  labels: Readonly<Record<string, string>> = {},
  environment: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const variable = (name: string) => (Object.hasOwn(environment, name) ? environment[name]! : "");
  const expand = (text: string) =>
    text.replace(VARIABLE, (_all, braced?: string, special?: string, word?: string) =>
      variable(braced ?? special ?? word ?? ""),
    );
  return Object.fromEntries(Object.entries(labels).map(([name, text]) => [name, expand(text)]));
}
