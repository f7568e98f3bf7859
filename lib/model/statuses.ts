/** Statuses as they are shown: an agent in error, an application that never said how it is. */

import { type Engine, status, unitsOf } from "./engine.ts";
import type { ApplicationState, StatusRecord, UnitState } from "./state.ts";

const SEVERITY: Readonly<Record<string, number>> = {
  error: 100,
  blocked: 90,
  maintenance: 80,
  waiting: 70,
  active: 60,
  terminated: 50,
  unknown: 40,
};

/** Workload status as shown: an agent in error or lost hides it. */
export function shownWorkload(u: UnitState): StatusRecord {
  if (u.agentState === "lost") {
    const message = `agent lost, see 'juju show-status-log ${u.name}'`;
    return { status: "unknown", message, since: u.agent.since };
  }
  return u.agent.status === "error" ? u.agent : u.workload;
}

/** Agent status as shown: an error is the workload's. */
export function shownAgent(u: UnitState): StatusRecord {
  if (u.agentState === "lost")
    return { status: "lost", message: "agent is not communicating with the server", since: u.agent.since };
  return u.agent.status === "error" ? { status: "idle", message: "", since: u.agent.since } : u.agent;
}

/** The most severe status of the units; of equals, the first unit's. */
export function worstUnitStatus(e: Engine, app: ApplicationState): StatusRecord | undefined {
  let worst: StatusRecord | undefined;
  for (const u of unitsOf(e, app.name)) {
    const shown = shownWorkload(u);
    if (!worst || (SEVERITY[shown.status] ?? 0) > (SEVERITY[worst.status] ?? 0)) worst = shown;
  }
  return worst;
}

/** Status of an application whose charm never set one. */
export function derivedApplicationStatus(e: Engine, app: ApplicationState): StatusRecord {
  const units = unitsOf(e, app.name);
  const up = units.filter((u) => u.agentState === "up" && u.agent.status !== "allocating");
  const worst = worstUnitStatus(e, app);
  if (!e.kubernetes) return worst ?? { ...status(e, "unknown", ""), since: e.state.created };
  const calm = !worst || (SEVERITY[worst.status] ?? 0) <= SEVERITY["waiting"]!;
  if (app.scale > 0 && up.length === 0 && calm) {
    return { status: "waiting", message: "installing agent", since: worst?.since ?? e.state.created };
  }
  if (up.length < app.scale && calm) {
    return {
      status: "waiting",
      message: "waiting for units to settle down",
      since: worst?.since ?? e.state.created,
    };
  }
  return worst ?? { status: "unknown", message: "", since: e.state.created };
}
