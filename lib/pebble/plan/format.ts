import { type Fields, type Item, SECTION_NAMES, SECTIONS } from "./fields.ts";
import type { Plan } from "./types.ts";

/** Failures until a check is down when its layers do not say. */
export const DEFAULT_THRESHOLD = 3;

/** The plan with keys in the order in which Pebble prints them and empty sections left out. */
export function ordered(plan: Plan): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const section of SECTION_NAMES) {
    const items = plan[section] as Record<string, Item>;
    const names = Object.keys(items).sort();
    if (names.length === 0) continue;
    const { fields } = SECTIONS[section];
    const shown = (item: Item) => orderKeys(fields, { ...ALWAYS_SHOWN[section], ...item });
    result[section] = new Map(names.map((name) => [name, shown(items[name]!)]));
  }
  return result;
}

/** What Pebble prints even where no layer says it. */
const ALWAYS_SHOWN = {
  services: {},
  checks: { threshold: DEFAULT_THRESHOLD },
  "log-targets": { services: [] },
} as const;

function orderKeys(fields: Fields, item: Item): Map<string, unknown> {
  const result = new Map<string, unknown>();
  for (const [key, kind] of Object.entries(fields)) {
    const value = item[key];
    if (value === undefined) continue;
    if (typeof kind !== "string") result.set(key, orderKeys(kind, value as Item));
    else if (kind === "map") result.set(key, new Map(Object.entries(value as object).sort(byKey)));
    else result.set(key, value);
  }
  return result;
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
