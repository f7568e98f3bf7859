import type { LabelledLayer } from "../../pebble/plan/types.ts";

/** Whether two plain values are the same, keys in the same order. */
export function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/** Whether a layer, combined into the one of its label, leaves everything as it is: what a hook does most often. */
export function changesNothing(known: LabelledLayer | undefined, added: LabelledLayer): boolean {
  if (known === undefined) return false;
  const { label: _, services, checks, "log-targets": targets, ...texts } = added;
  return (
    Object.keys(texts).length === 0 &&
    replacesSame(known.services, services) &&
    replacesSame(known.checks, checks) &&
    replacesSame(known["log-targets"], targets)
  );
}

type Items = Readonly<Record<string, { readonly override?: string | undefined }>>;

function replacesSame(known: Items = {}, added: Items = {}): boolean {
  return Object.entries(added).every(
    ([name, item]) => item.override === "replace" && known[name] !== undefined && isSame(known[name], item),
  );
}
