import { canonicalJson } from "charmed-iap/interface";

/** JSON if it parses, Python's booleans, else the text. */
export function meaningOf(text: string): unknown {
  if (text === "True" || text === "False") return text === "True";
  try {
    return JSON.parse(text);
  } catch {
    return text; // Plain text is what most values are.
  }
}

/** The same value with every list under one of the keys sorted and without repeats. */
export function normal(value: unknown, sets: readonly string[], key = ""): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => normal(item, sets));
    return sets.includes(key)
      ? [...new Map(items.map((item) => [canonicalJson(item) ?? "", item]))]
          .sort(byKey)
          .map(([, item]) => item)
      : items;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, normal(inner, sets, name)]));
}

const byKey = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0);

/** Where ours lacks or changes something that theirs has; `undefined` when all of it is there. */
export function lacking(ours: unknown, theirs: unknown, path = ""): string | undefined {
  if (Array.isArray(theirs)) {
    if (!Array.isArray(ours) || ours.length !== theirs.length) return difference(path, ours, theirs);
    return theirs
      .map((item, at) => lacking(ours[at], item, `${path}[${at}]`))
      .find((found) => found !== undefined);
  }
  if (typeof theirs === "object" && theirs !== null) {
    if (typeof ours !== "object" || ours === null) return difference(path, ours, theirs);
    const mine = ours as Record<string, unknown>;
    return Object.entries(theirs)
      .map(([key, value]) => lacking(mine[key], value, path === "" ? key : `${path}.${key}`))
      .find((found) => found !== undefined);
  }
  return ours === theirs || (theirs === null && ours === undefined)
    ? undefined
    : difference(path, ours, theirs);
}

/** Where two values differ; `undefined` when they are equal. A member that is null counts as absent. */
export function differing(ours: unknown, theirs: unknown): string | undefined {
  if (canonicalJson(ours) === canonicalJson(theirs)) return undefined;
  const missing = lacking(ours, theirs);
  if (missing !== undefined) return missing;
  return lacking(theirs, ours)?.replace(/: ours (.*), theirs (.*)$/s, ": theirs $1, ours $2");
}

function difference(path: string, ours: unknown, theirs: unknown): string {
  const show = (value: unknown) => (canonicalJson(value) ?? "nothing").slice(0, 300);
  return `${path === "" ? "whole" : path}: ours ${show(ours)}, theirs ${show(theirs)}`;
}
