/** What hosts tell about agents and workloads: they start, stop, vanish, and Pebble speaks. */

import { type Engine, setAgent, unit } from "./engine.ts";
import { ModelError } from "./errors.ts";
import { hookDone, hookFailed } from "./lifecycle.ts";
import { endTask } from "./operations.ts";
import { configFingerprint } from "./resolver.ts";
import type { ContainerState, Notice, UnitState } from "./state.ts";
import { restartAgent, startAgent } from "./units.ts";

/** A hook that ran when its agent died has failed; a task too. */
export function interrupt(e: Engine, u: UnitState): void {
  const running = u.running;
  if (!running) return;
  u.running = undefined;
  if (running.kind === "hook") {
    hookFailed(e, u, running.info, running.attempts);
    return;
  }
  const task = e.state.tasks[running.task];
  if (task) endTask(e, task, { status: "failed", message: "action terminated" });
  if (!u.failed) setAgent(e, u, "idle");
}

/** The agent is gone: the pod died, or the machine. */
export function agentLost(e: Engine, name: string): void {
  const u = unit(e, name);
  interrupt(e, u);
  u.agentState = "lost";
}

/** The agent is up: for the first time, or again. */
export function agentUp(e: Engine, name: string, podReplaced: boolean): void {
  const u = unit(e, name);
  interrupt(e, u);
  if (u.installed) restartAgent(e, u, podReplaced);
  else startAgent(e, u);
}

/** The pod is about to be replaced: `stop` runs, then the agent goes. */
export function agentStopping(e: Engine, name: string): void {
  const u = unit(e, name);
  if (u.life === "alive" && u.installed) u.stopping = true;
}

function container(e: Engine, name: string, key: string): ContainerState {
  const found = unit(e, name).containers[key];
  if (!found) throw new ModelError("ERR_NOT_FOUND", `container "${key}" not found`);
  return found;
}

/** Pebble of a container answers; another boot id than before means that it is new. */
export function workloadReady(e: Engine, name: string, key: string, bootId: string): void {
  const found = container(e, name, key);
  if (found.bootId !== undefined && found.bootId !== bootId) found.notices = [];
  found.bootId = bootId;
}

/** Pebble of a container no longer answers; its events wait. */
export function workloadGone(e: Engine, name: string, key: string): void {
  const found = container(e, name, key);
  found.bootId = undefined;
  found.handledBootId = undefined;
}

/** A notice to deliver; one with the same id and kind is delivered again, later. */
export function addNotice(e: Engine, name: string, key: string, notice: Omit<Notice, "delivered">): void {
  const found = container(e, name, key);
  const rest = found.notices.filter((known) => known.id !== notice.id || known.kind !== notice.kind);
  found.notices = [...rest, { ...notice, delivered: false }];
}

/**
 * Ends a unit's error: the hook is tried again now, or counts as done.
 *
 * @throws {ModelError} `ERR_STATE` when the unit is not in error.
 */
export function resolve(e: Engine, name: string, retry: boolean): void {
  const u = unit(e, name);
  if (!u.failed || u.agent.status !== "error") {
    throw new ModelError("ERR_STATE", `unit "${name}" is not in an error state`);
  }
  if (retry) u.failed.retryAt = e.now();
  else hookDone(e, u, u.failed.info, configFingerprint(e, u));
}
