import type { Layer, Plan } from "../../pebble/plan/types.ts";

const SECTIONS = ["services", "checks", "log-targets"] as const;
/** Pebble's plan says it of every check. */
const DEFAULTS = { services: {}, checks: { threshold: 3 }, "log-targets": {} } as const;

type Item = Readonly<Record<string, unknown>>;

/** Whether a layer would change the plan. One that is said in other words, `60s` for `1m0s`, counts as a change. */
export function changesPlan(layer: Layer, plan: Plan): boolean {
  const { isDeepStrictEqual } = process.getBuiltinModule("node:util");
  return SECTIONS.some((section) =>
    Object.entries(layer[section] ?? {}).some(([name, item]) => {
      const now = (plan[section] as Readonly<Record<string, Item>>)[name] ?? {};
      return !isDeepStrictEqual(meant(section, item, now), meant(section, now, {}));
    }),
  );
}

/** The item that would be in the plan, without what is not said. */
function meant(section: (typeof SECTIONS)[number], item: object, now: Item): unknown {
  const { override, ...said } = item as Item;
  const below = override === "merge" ? now : {};
  // As JSON, which leaves out what is undefined and makes every object a plain one.
  return JSON.parse(JSON.stringify({ ...DEFAULTS[section], ...below, ...said, override: undefined }));
}
