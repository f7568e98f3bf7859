/**
 * One run of a hook, action or command: opened when the unit's turn comes, ended by what the process did.
 *
 * @module
 */

import { applyCommit } from "./commit.ts";
import { type Engine, isLeader, setAgent, status } from "./engine.ts";
import { buildEnvironment, contextId } from "./environment.ts";
import { isModelError } from "./errors.ts";
import { failureData, failureName, hookName, runningMessage } from "./hook-names.ts";
import { applyImmediate } from "./immediate.ts";
import { agentLoop, dropHook, hookDone, hookFailed, lostLeadership } from "./lifecycle.ts";
import type { OpenContext, OpenContextFactory } from "./open-context.ts";
import { agentRefusal, endTask, isExec } from "./operations.ts";
import { type Pick, pickFirst } from "./relation-events.ts";
import { configFingerprint, decide, type NextOperation } from "./resolver.ts";
import type { HookInfo, TaskState, UnitState } from "./state.ts";
import { buildWorld, type Running } from "./world-builder.ts";

/** How the process ended. */
export interface HookResult {
  readonly exitCode: number;
  /** Such as `SIGKILL`: killed, not exited. */
  readonly signal?: string;
  readonly stdout?: string | Uint8Array;
  readonly stderr?: string | Uint8Array;
  /** The charm has no file for this hook or action. */
  readonly missing?: boolean;
}

/** One operation that a unit runs now. */
export interface HookRun {
  readonly unit: string;
  /** `db-relation-changed`, an action's name, or `juju-exec`. */
  readonly name: string;
  /** `relation-changed`; `action`; `exec`. */
  readonly kind: string;
  readonly isAction: boolean;
  /** Task of an action or command. */
  readonly task?: string;
  /** Shell command of `juju exec`. */
  readonly command?: string;
  /** `hooks/<name>` or `actions/<name>`; absent for commands. */
  readonly dispatchPath?: string;
  /** Exactly Juju's variables. */
  readonly environment: Readonly<Record<string, string>>;
  readonly context: OpenContext;
  /** Ends the run; a second call is ignored. */
  finish(result: HookResult): void;
}

const OPERATION = "juju.worker.uniter.operation";
const DISPATCH = "(via hook dispatching script: dispatch)";

function openingStatus(e: Engine, u: UnitState, info: HookInfo): void {
  if (info.kind === "install" && !u.workloadByCharm) {
    u.workload = status(e, "maintenance", "installing charm software");
  }
  if (info.kind === "stop") u.workload = status(e, "maintenance", "stopping charm software");
  if (info.kind === "remove") u.workload = status(e, "maintenance", "cleaning up prior to charm deletion");
  if (info.kind !== "update-status") setAgent(e, u, "executing", runningMessage(e, u, info));
}

/** Opens the context and its environment; random numbers are drawn in this order: context, then secrets. */
function open(e: Engine, u: UnitState, running: Running, factory: OpenContextFactory) {
  const id = contextId(e, u, running);
  const environment = buildEnvironment(e, u, running, id);
  const task = "task" in running ? running.task : undefined;
  const context = factory(e, u, {
    world: buildWorld(e, u, running),
    onImmediate: (call) => applyImmediate(e, u.name, call, task),
  });
  return { environment, context };
}

/** Commits, and says why not where the changes are refused. */
function commit(e: Engine, u: UnitState, context: OpenContext): string | undefined {
  try {
    const changes = context.commit();
    if (changes) applyCommit(e, u, changes);
    return undefined;
  } catch (error) {
    if (isModelError(error) && error.code === "ERR_COMMIT") return error.message;
    if (error instanceof Error && "code" in error && error.code === "ERR_HOOK_FLUSH") return error.message;
    throw error;
  }
}

function exitText(result: HookResult): string {
  return result.signal
    ? `signal: ${result.signal.replace(/^SIG/, "").toLowerCase()}`
    : `exit status ${result.exitCode}`;
}

function endHook(e: Engine, u: UnitState, run: OpenHook, result: HookResult): void {
  const { info, attempts, context, name, fingerprint } = run;
  u.running = undefined;
  if (result.signal === "SIGTERM" || result.signal === "SIGKILL") {
    e.log(u.name, OPERATION, "INFO", `hook "${name}" was terminated`);
    u.failed = { info, attempts, retryAt: e.now() };
    setAgent(e, u, "idle");
    return;
  }
  const refused = result.exitCode === 0 ? commit(e, u, context) : undefined;
  if (refused !== undefined)
    e.log(u.name, "juju.worker.uniter.context", "ERROR", `cannot apply changes: ${refused}`);
  if (result.exitCode === 0 && refused === undefined) {
    const text = result.missing ? `skipped "${name}" hook (missing)` : `ran "${name}" hook ${DISPATCH}`;
    e.log(u.name, OPERATION, "INFO", text);
    hookDone(e, u, info, fingerprint);
    return;
  }
  e.log(u.name, OPERATION, "ERROR", `hook "${name}" ${DISPATCH} failed: ${refused ?? exitText(result)}`);
  hookFailed(e, u, info, attempts);
  agentLoop(e, u);
}

interface OpenHook {
  readonly info: HookInfo;
  readonly attempts: number;
  readonly name: string;
  readonly context: OpenContext;
  readonly fingerprint: string;
}

function openHook(
  e: Engine,
  u: UnitState,
  operation: Extract<NextOperation, { kind: "hook" }>,
  factory: OpenContextFactory,
): HookRun {
  const { info, attempts, queued } = operation;
  const fingerprint = configFingerprint(e, u);
  const { context, environment } = open(e, u, { info }, factory);
  if (queued) {
    u.queued = undefined;
    e.log(u.name, "juju.worker.uniter", "INFO", `found queued "${info.kind}" hook`);
  }
  u.failed = undefined;
  u.running = { kind: "hook", info, attempts, queued };
  openingStatus(e, u, info);
  const name = hookName(e, u, info);
  return {
    unit: u.name,
    name,
    kind: info.kind,
    isAction: false,
    dispatchPath: `hooks/${name}`,
    environment,
    context,
    finish: once(e, u, (result) => endHook(e, u, { info, attempts, name, context, fingerprint }, result)),
  };
}

/** Runs the ending once, and only while this very run is open: units may be removed or restarted meanwhile. */
function once(e: Engine, u: UnitState, end: (result: HookResult) => void): (result: HookResult) => void {
  const opened = u.running;
  return (result) => {
    if (opened === undefined || e.state.units[u.name] !== u || u.running !== opened) return;
    end(result);
  };
}

/** Text of a process's output; base64 where it is not UTF-8. */
function output(name: string, bytes: string | Uint8Array | undefined): Record<string, unknown> {
  if (bytes === undefined || bytes.length === 0) return {};
  if (typeof bytes === "string") return { [name]: bytes };
  try {
    return { [name]: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { [name]: Buffer.from(bytes).toString("base64"), [`${name}-encoding`]: "base64" };
  }
}

function appended(stderr: unknown, text: string): string {
  if (typeof stderr !== "string" || stderr === "") return text;
  return stderr.endsWith("\n") ? `${stderr}${text}` : `${stderr}\n${text}`;
}

function endAction(e: Engine, u: UnitState, task: TaskState, context: OpenContext, result: HookResult): void {
  const { results: own, failed } = context.actionResult;
  u.running = undefined;
  const killed = result.signal !== undefined;
  const ended = result.exitCode === 0 && !killed;
  const refused = ended ? commit(e, u, context) : undefined;
  const results: Record<string, unknown> = {
    ...own,
    "return-code": result.exitCode,
    ...output("stdout", result.stdout),
    ...output("stderr", result.stderr),
  };
  if (refused !== undefined) results["stderr"] = appended(results["stderr"], refused);
  const message =
    failed?.message ??
    (refused !== undefined ? "committing requested changes failed" : ended ? "" : exitText(result));
  if (task.status === "aborting") endTask(e, task, { status: "aborted", message, results });
  else if (result.missing)
    endTask(e, task, { status: "failed", message: `action not implemented on unit "${u.name}"` });
  else
    endTask(e, task, {
      status: failed || refused !== undefined || !ended ? "failed" : "completed",
      message,
      results,
    });
  afterTask(e, u);
}

/** Back to what the unit was before the task: in error, or idle. */
function afterTask(e: Engine, u: UnitState): void {
  if (u.failed) {
    const { info } = u.failed;
    setAgent(e, u, "error", `hook failed: "${failureName(e, u, info)}"`, failureData(e, u, info));
    return;
  }
  setAgent(e, u, "idle");
  agentLoop(e, u);
}

function openAction(e: Engine, u: UnitState, task: TaskState, factory: OpenContextFactory): HookRun {
  const { context, environment } = open(e, u, { task }, factory);
  u.running = { kind: "action", task: task.id };
  task.status = "running";
  task.started = e.now();
  setAgent(e, u, "executing", `running action ${task.name}`);
  const exec = isExec(task);
  return {
    unit: u.name,
    name: task.name,
    kind: exec ? "exec" : "action",
    isAction: true,
    task: task.id,
    ...(exec ? { command: String(task.params["command"]) } : { dispatchPath: `actions/${task.name}` }),
    environment,
    context,
    finish: once(e, u, (result) => endAction(e, u, task, context, result)),
  };
}

function randomPick(e: Engine): Pick {
  return (candidates) =>
    candidates.length < 2 ? pickFirst(candidates) : candidates[Math.floor(e.random() * candidates.length)]!;
}

/** Whether the hook is dropped because leadership went away since it was queued. */
function dropped(e: Engine, u: UnitState, info: HookInfo): boolean {
  const own = e.state.secrets[info.secretId ?? ""]?.owner === u.name;
  if (!lostLeadership(info, isLeader(e, u), own)) return false;
  dropHook(e, u, info);
  return true;
}

/** Opens the unit's next operation; what needs no process (refused tasks, dropped hooks) is done on the way. */
export function openNext(e: Engine, u: UnitState, factory: OpenContextFactory): HookRun | undefined {
  if (u.running) return undefined;
  agentLoop(e, u);
  for (;;) {
    const operation = decide(e, u, randomPick(e));
    if (!operation) return undefined;
    if (operation.kind === "hook") {
      if (!dropped(e, u, operation.info)) return openHook(e, u, operation, factory);
      continue;
    }
    const task = e.state.tasks[operation.task]!;
    const refused = agentRefusal(e, task);
    if (refused === undefined) return openAction(e, u, task, factory);
    endTask(e, task, { status: e.major === 3 ? "failed" : "error", message: refused });
  }
}
