/** Actions and commands: enqueued as tasks of an operation, run between hooks, first in first out. */

import { paramFaults, withDefaults } from "./charm-params.ts";
import { type Engine, unitsOf } from "./engine.ts";
import { ModelError } from "./errors.ts";
import { isApplicationName, isUnitName } from "./names.ts";
import type { OperationState, TaskState, TaskStatus, UnitState } from "./state.ts";

/** Name under which `juju exec` is an action. */
export const EXEC = "juju-exec";

/** Whether a task is a command of `juju exec`, not an action of the charm. */
export function isExec(task: TaskState): boolean {
  return task.name === EXEC;
}

function nextId(e: Engine): string {
  return String(e.state.nextTask++);
}

/** `web/leader` → the leader's name. */
function resolveTarget(e: Engine, target: string): string {
  if (!target.endsWith("/leader")) {
    if (!isUnitName(target)) throw new ModelError("ERR_NOT_VALID", `invalid unit or action name "${target}"`);
    return target;
  }
  const app = target.slice(0, -"/leader".length);
  if (!isApplicationName(app))
    throw new ModelError("ERR_NOT_VALID", `invalid unit or action name "${target}"`);
  const leader = e.state.applications[app]?.leader;
  if (!leader) throw new ModelError("ERR_NOT_FOUND", `could not determine leader for "${app}"`);
  return leader;
}

function missingUnit(e: Engine, name: string): string {
  const text = `unit "${name}" not found`;
  return e.major === 3 ? text : `linking task to unit: getting unit UUID for "${name}": ${text}`;
}

/** Why this unit gets no task, or nothing. */
function refusal(
  e: Engine,
  target: string,
  name: string,
  params: Record<string, unknown>,
): string | undefined {
  const u = e.state.units[target];
  if (!u) return missingUnit(e, target);
  if (name === EXEC || e.major === 4) return undefined;
  const action = e.state.applications[u.app]!.charm.actions[name];
  if (!action) return `action "${name}" not defined on unit "${target}"`;
  const faults = paramFaults(action.schema, params, false);
  return faults === undefined ? undefined : `validation failed: ${faults}`;
}

/** @throws {ModelError} `ERR_NOT_FOUND` when one unit would get no task. */
export function checkSchedulable(
  e: Engine,
  target: string,
  name: string,
  params: Record<string, unknown>,
): void {
  const u = resolveTarget(e, target);
  const fault = refusal(e, u, name, params);
  if (fault !== undefined) throw new ModelError("ERR_NOT_FOUND", fault);
}

function checkDefined(e: Engine, targets: readonly string[], name: string): void {
  if (e.major === 3 || name === EXEC) return;
  for (const target of targets) {
    const u = e.state.units[target];
    if (u && !Object.hasOwn(e.state.applications[u.app]!.charm.actions, name)) {
      throw new ModelError("ERR_NOT_FOUND", `action "${name}" not defined for unit "${target}". (not found)`);
    }
  }
}

function addTask(
  e: Engine,
  operation: string,
  u: UnitState,
  request: { name: string; params: Record<string, unknown> },
): TaskState {
  const action = e.state.applications[u.app]!.charm.actions[request.name];
  const params = action ? withDefaults(action.schema, request.params) : request.params;
  const task: TaskState = {
    id: nextId(e),
    operation,
    unit: u.name,
    name: request.name,
    params,
    status: "pending",
    message: "",
    results: null,
    log: [],
    enqueued: e.now(),
  };
  e.state.tasks[task.id] = task;
  u.queue.push(task.id);
  return task;
}

function enqueue(
  e: Engine,
  targets: readonly string[],
  request: { name: string; params: Record<string, unknown>; summary: string },
): OperationState {
  const units = targets.map((target) => resolveTarget(e, target));
  checkDefined(e, units, request.name);
  const operation: OperationState = {
    id: nextId(e),
    summary: request.summary,
    tasks: [],
    errors: [],
    enqueued: e.now(),
  };
  e.state.operations[operation.id] = operation;
  for (const target of units) {
    const fault = refusal(e, target, request.name, request.params);
    if (fault === undefined)
      operation.tasks.push(addTask(e, operation.id, e.state.units[target]!, request).id);
    else operation.errors.push(fault);
  }
  return operation;
}

/** Enqueues an action on units (`web/0`, `web/leader`); what could not be scheduled is in `errors`. */
export function enqueueActions(
  e: Engine,
  targets: readonly string[],
  name: string,
  params: Record<string, unknown>,
): OperationState {
  return enqueue(e, targets, { name, params, summary: `action "${name}"` });
}

/** Enqueues a shell command on units. */
export function enqueueCommands(e: Engine, targets: readonly string[], command: string): OperationState {
  return enqueue(e, targets, { name: EXEC, params: { command, timeout: 0 }, summary: `exec "${command}"` });
}

/** Why the agent refuses to run a task, or nothing. */
export function agentRefusal(e: Engine, task: TaskState): string | undefined {
  if (isExec(task)) return undefined;
  const u = e.state.units[task.unit]!;
  const action = e.state.applications[u.app]!.charm.actions[task.name];
  if (!action) return `cannot run "${task.name}" action: not defined`;
  const faults = paramFaults(action.schema, task.params, e.major === 4);
  return faults === undefined ? undefined : `cannot run "${task.name}" action: validation failed: ${faults}`;
}

/** Ends a task. */
export function endTask(
  e: Engine,
  task: TaskState,
  end: { status: TaskStatus; message?: string; results?: Record<string, unknown> | null },
): void {
  task.status = end.status;
  task.message = end.message ?? "";
  task.results = end.results ?? null;
  task.completed = e.now();
  const u = e.state.units[task.unit];
  if (u) u.queue = u.queue.filter((id) => id !== task.id);
}

/** Cancels what a departing unit has not run yet. */
export function cancelQueued(e: Engine, u: UnitState): void {
  for (const id of [...u.queue]) {
    const task = e.state.tasks[id];
    if (task?.status === "pending") endTask(e, task, { status: "cancelled", message: "unit removed" });
    else if (task) endTask(e, task, { status: "failed", message: "action terminated" });
  }
  u.queue = [];
}

/** @throws {ModelError} `ERR_NOT_FOUND`. */
export function findTask(e: Engine, id: string): TaskState {
  const task = e.state.tasks[id];
  if (!task) throw new ModelError("ERR_NOT_FOUND", `task "${id}" not found`);
  return task;
}

/** Cancels a pending task; a running one is marked, and the host kills its process. */
export function cancelTask(e: Engine, id: string): TaskState {
  const task = findTask(e, id);
  if (task.status === "pending") endTask(e, task, { status: "cancelled" });
  else if (task.status === "running") task.status = "aborting";
  return task;
}

/** Names of the application's units, for `juju exec --application`. */
export function targetsOf(e: Engine, app: string): string[] {
  return unitsOf(e, app).map((u) => u.name);
}
