/** What `goal-state` answers: the application's units and, per endpoint, who is on the other side. */

import { isPeer, localEnd, remoteApp } from "./databags.ts";
import { type Engine, relationsOf, unitsOf } from "./engine.ts";
import type { StatusRecord, UnitState } from "./state.ts";
import { shownWorkload } from "./statuses.ts";

interface Goal {
  readonly status: string;
  readonly since: string;
}

function goal({ status, since }: StatusRecord): Goal {
  return { status, since: new Date(since).toISOString() };
}

function unitGoal(u: UnitState): Goal {
  return u.life === "alive" ? goal(shownWorkload(u)) : { ...goal(u.workload), status: "dying" };
}

function unitGoals(e: Engine, app: string): Record<string, Goal> {
  return Object.fromEntries(unitsOf(e, app).map((u) => [u.name, unitGoal(u)]));
}

/** The goal state of a unit's application; peer relations are not part of it. */
export function goalState(e: Engine, u: UnitState): unknown {
  const relations: Record<string, Record<string, Goal>> = {};
  for (const relation of relationsOf(e, u.app)) {
    if (isPeer(relation)) continue;
    const remote = remoteApp(relation, u.app);
    // Of applications in other models: those we consume, without their units.
    if (e.state.remotes?.[remote]?.side === "offers") continue;
    const { endpoint } = localEnd(relation, u.app);
    relations[endpoint] = {
      ...relations[endpoint],
      [remote]: goal(relation.status),
      ...unitGoals(e, remote),
    };
  }
  return { units: unitGoals(e, u.app), relations };
}
