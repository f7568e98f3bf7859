import type { ActionResult, ActionResults } from "../handlers.ts";

/**
 * Results as Juju takes them: nested keys joined by dots, values as text, lists as JSON, absent ones left out.
 *
 * @throws {TypeError} When two keys become one.
 */
export function flatten(results: ActionResults): Readonly<Record<string, string>> {
  const flat: Record<string, string> = {};
  for (const [key, value] of leaves(results, "")) {
    if (Object.hasOwn(flat, key)) throw new TypeError(`Cannot set action results: "${key}" is there twice`);
    flat[key] = value;
  }
  return flat;
}

function* leaves(results: ActionResults, prefix: string): Generator<readonly [string, string]> {
  for (const [key, value] of Object.entries(results)) {
    if (isNested(value)) yield* leaves(value, `${prefix}${key}.`);
    else if (value !== undefined && value !== null) yield [`${prefix}${key}`, leafText(value)];
  }
}

function isNested(value: ActionResult): value is ActionResults {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function leafText(value: ActionResult): string {
  return Array.isArray(value) ? JSON.stringify(value) : String(value);
}
