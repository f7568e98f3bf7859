/** When the clock alone makes something runnable. */

import { type Engine, sortedKeys } from "./engine.ts";
import { isUp } from "./resolver.ts";
import { secretTimes } from "./secret-events.ts";
import type { UnitState } from "./state.ts";

function times(e: Engine, u: UnitState): (number | undefined)[] {
  if (!isUp(u) || u.stopped) return [];
  if (u.failed) return [u.failed.retryAt];
  const containers = sortedKeys(u.containers).map((name) => u.containers[name]!);
  const waiting = containers
    .filter((c) => c.bootId !== undefined)
    .filter((c) => c.bootId !== c.handledBootId || c.notices.some((notice) => !notice.delivered));
  const own = u.installed ? [...waiting.map((c) => c.retryAt), ...secretTimes(e, u)] : [];
  return u.started && u.life === "alive" ? [...own, u.updateStatusAt] : own;
}

/** The earliest such time after now, in milliseconds; undefined when only an event can change anything. */
export function nextWake(e: Engine): number | undefined {
  const now = e.now();
  const due = Object.values(e.state.units)
    .flatMap((u) => times(e, u))
    .filter((time) => time !== undefined && time > now) as number[];
  return due.length === 0 ? undefined : Math.min(...due);
}
