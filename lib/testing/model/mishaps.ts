/** What may go wrong in a simulated model. */

import type { FakeModel } from "./fake-model.ts";

/** Every kind of mishap. */
export const mishapKinds = [
  "hook killed",
  "pod lost",
  "leader changed",
  "pebble cut off",
  "container restarted",
] as const;

/** What goes wrong: a process, a pod, a lease, a connection or a container. */
export type MishapKind = (typeof mishapKinds)[number];

/** One mishap, before it is known whom it strikes. */
export interface Mishap {
  readonly kind: MishapKind;
  /** Which of those it may strike, counted round. */
  readonly pick: number;
  /** Of a killed hook: how many hook commands it makes before. */
  readonly commands?: number;
}

const MOST_COMMANDS = 25;

/** @param whole A number from 0 to below the given one. */
export function randomMishap(kinds: readonly MishapKind[], whole: (below: number) => number): Mishap {
  const kind = kinds[whole(kinds.length)] ?? "hook killed";
  const mishap = { kind, pick: whole(1000) };
  return kind === "hook killed" ? { ...mishap, commands: whole(MOST_COMMANDS) } : mishap;
}

function unitsOf(model: FakeModel): readonly string[] {
  return Object.keys(model.engine.state.units).sort();
}

/** Lets it happen. @returns What happened, in words. */
export function applyMishap(model: FakeModel, { kind, pick, commands = 0 }: Mishap): string {
  const chosen = <T>(list: readonly T[]): T | undefined => list[pick % Math.max(1, list.length)];
  if (kind === "pebble cut off" || kind === "container restarted") {
    const struck = chosen(model.containers());
    return struck === undefined ? "nothing, for want of containers" : strike(model, kind, struck);
  }
  const { units } = model.engine.state;
  const able = unitsOf(model).filter((unit) => kind !== "leader changed" || units[unit]?.life === "alive");
  const unit = chosen(able);
  if (unit === undefined) return "nothing, for want of units";
  switch (kind) {
    case "hook killed":
      model.killNextHook(unit, commands);
      return `the next hook of ${unit} is killed after ${commands} hook commands`;
    case "pod lost":
      model.killUnit(unit);
      return `the pod of ${unit} is lost`;
    case "leader changed":
      model.setLeader(unit);
      return `${unit} becomes the leader`;
  }
}

function strike(
  model: FakeModel,
  kind: "pebble cut off" | "container restarted",
  [unit, container]: readonly [string, string],
): string {
  const silent = model.silentContainers().some(([u, c]) => u === unit && c === container);
  if (kind === "container restarted") {
    model.setPebble(unit, container, "restarted");
    return `container ${container} of ${unit} begins anew`;
  }
  model.setPebble(unit, container, silent ? "up" : "down");
  return `Pebble of ${container} in ${unit} ${silent ? "answers again" : "is cut off"}`;
}
