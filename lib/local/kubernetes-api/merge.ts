/** Plain JSON. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json | undefined;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Merges a patch: objects by key, `null` removes, everything else replaces.
 *
 * @param lists How lists are merged; default: replaced.
 * @see RFC 7396
 */
export function merge(
  target: Json | undefined,
  patch: Json | undefined,
  lists: (target: Json[], patch: Json[]) => Json[] = (_target, patch) => patch,
): Json | undefined {
  if (Array.isArray(patch) && Array.isArray(target)) return lists(target, patch);
  if (!isObject(patch)) return patch;
  const result: JsonObject = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (key === "__proto__") continue;
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value, lists);
  }
  return result;
}

/**
 * Merges lists of named things by their name, as Kubernetes' strategic merge does with containers.
 *
 * @see Kubernetes: Update API objects in place, strategic merge patch
 */
export function strategicMerge(target: Json | undefined, patch: Json | undefined): Json | undefined {
  return merge(target, patch, byName);
}

function byName(target: Json[], patch: Json[]): Json[] {
  const name = (value: Json): Json | undefined => (isObject(value) ? value["name"] : undefined);
  if (!patch.every((value) => typeof name(value) === "string")) return patch;
  const result = [...target];
  for (const item of patch) {
    const at = result.findIndex((known) => name(known) === name(item));
    if (at < 0) result.push(item);
    else result[at] = strategicMerge(result[at], item) ?? item;
  }
  return result;
}
