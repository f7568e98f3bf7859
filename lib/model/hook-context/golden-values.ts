import type { HookWorld } from "../world.ts";
import { unitTag } from "./names.ts";
import type { ImmediateCall } from "./types.ts";

/** The first thing that is not as recorded. */
export interface Difference {
  readonly what: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** Writes `<x*5>` out as `xxxxx`. */
export function stretch(text: string): string {
  return text.replace(/<(.)\*([0-9]+)>/gu, (_, character: string, count: string) =>
    character.repeat(Number(count)),
  );
}

/** The text of a value, cut where it is too long to read. */
export function shrink(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 600 ? `${text.slice(0, 600)}… (${text.length} characters)` : text;
}

/** Compares field by field. The lists of a commit were recorded sorted by their text, so any order will do. */
export function firstDifference(
  expected: unknown,
  actual: Readonly<Record<string, unknown>>,
  where: string,
  lists: "in order" | "any order" = "in order",
): Difference | undefined {
  const sortLists = lists === "any order";
  for (const [name, value] of Object.entries(expected as Record<string, unknown>)) {
    if (canonical(value, sortLists) !== canonical(actual[name], sortLists)) {
      return { what: where + name, expected: value, actual: actual[name] };
    }
  }
  return undefined;
}

/** JSON with sorted keys, and with lists sorted by their text if wanted. */
function canonical(value: unknown, sortLists: boolean): string {
  if (Array.isArray(value)) {
    const items = value.map((item) => canonical(item, sortLists));
    return `[${(sortLists ? items.sort() : items).join(",")}]`;
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value).filter(([, item]) => item !== undefined);
  const sorted = fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item, sortLists)}`).join(",")}}`;
}

/** Calls with effect at once, as the recorder saw them arrive at the controller. */
export function controllerCalls(world: HookWorld, calls: readonly ImmediateCall[]): unknown[] {
  return calls.map((call) => controllerCall(world, call)).filter((call) => call !== undefined);
}

function controllerCall(world: HookWorld, call: ImmediateCall): unknown {
  const tag = unitTag(world.unit);
  switch (call.kind) {
    case "unit-status":
    case "application-status": {
      const entity = { tag, status: call.status, info: call.message, data: null };
      const facade = call.kind === "unit-status" ? "Uniter.SetUnitStatus" : "Uniter.SetApplicationStatus";
      return { call: facade, args: { entities: [entity] } };
    }
    case "workload-version":
      return {
        call: "Uniter.SetWorkloadVersion",
        args: { entities: [{ tag, "workload-version": call.version }] },
      };
    case "action-log":
      return {
        call: "Uniter.LogActionsMessages",
        args: { messages: [{ tag: `action-${world.action?.["id"]}`, value: call.message }] },
      };
    case "leader-settings": {
      const application = `application-${world.unit.split("/")[0]}`;
      const param = { "application-tag": application, "unit-tag": tag, settings: call.settings };
      return { call: "Uniter.Merge", args: { params: [param] } };
    }
    default:
      return undefined;
  }
}
