/** Who leads an application. Without a leader the lowest unit whose agent is up takes over. */

import { application, type Engine, unit, unitsOf } from "./engine.ts";
import { ModelError } from "./errors.ts";
import type { ApplicationState } from "./state.ts";

function changeLeader(e: Engine, app: ApplicationState, name: string | null): void {
  if (app.leader === name) return;
  const old = app.leader === null ? undefined : e.state.units[app.leader];
  if (old) old.leaderAccepted = false;
  app.leader = name;
  app.leaderVersion += 1;
}

/** Gives an application without a leader one, if a unit can be. */
export function electLeader(e: Engine, app: ApplicationState, except?: string): void {
  if (app.leader !== null && e.state.units[app.leader]) return;
  const able = unitsOf(e, app.name).filter((u) => u.agentState === "up" && u.life === "alive");
  const next = able.find((u) => u.name !== except) ?? able[0];
  changeLeader(e, app, next?.name ?? null);
}

/** Hands leadership to this unit. @throws {ModelError} `ERR_STATE` when it is going away. */
export function setLeader(e: Engine, name: string): void {
  const u = unit(e, name);
  if (u.life !== "alive") throw new ModelError("ERR_STATE", `unit "${name}" is not alive`);
  changeLeader(e, application(e, u.app), name);
}

/** The lease runs out: another unit takes over, if there is one. */
export function expireLeadership(e: Engine, name: string): void {
  const app = application(e, name);
  const old = app.leader;
  changeLeader(e, app, null);
  electLeader(e, app, old ?? undefined);
}
