/** What a hook settles when it ends: state delivered, follow-ups queued, or an error that is tried again. */

import { enterScopes, leaveScope, leaveUncreated } from "./databags.ts";
import { type Engine, setAgent, status } from "./engine.ts";
import { failureData, failureName, hookName } from "./hook-names.ts";
import { secretHookDone } from "./secret-events.ts";
import type { HookInfo, UnitRelation, UnitState } from "./state.ts";
import { addSubordinate, finaliseUnit, restartAgent, subordinatesOf, sweepApplications } from "./units.ts";

const UNITER = "juju.worker.uniter";
const RETRY_FIRST_MS = 5_000;
const RETRY_MOST_MS = 5 * 60_000;
const UPDATE_STATUS_MS = 5 * 60_000;

/** `5m`, `90s`, `1h`: the subset of Go durations that model configuration has. */
function duration(text: unknown, fallback: number): number {
  const match = /^(\d+)(s|m|h)$/.exec(String(text ?? ""));
  if (!match) return fallback;
  return Number(match[1]) * { s: 1_000, m: 60_000, h: 3_600_000 }[match[2] as "s" | "m" | "h"];
}

/** The next `update-status`: the interval, give or take a fifth. */
function nextTick(e: Engine): number {
  const interval = duration(e.state.config["update-status-hook-interval"], UPDATE_STATUS_MS);
  return e.now() + Math.round(interval * (0.8 + 0.4 * e.random()));
}

function memberDone(own: UnitRelation, info: HookInfo): void {
  const remote = info.remoteUnit;
  if (remote === undefined) {
    if (info.remoteApp) own.apps[info.remoteApp] = info.version ?? 0;
    return;
  }
  own.members[remote] = info.version ?? 0;
  if (own.changedPending === remote) own.changedPending = undefined;
}

function relationDone(e: Engine, u: UnitState, info: HookInfo): void {
  const own = u.relations[info.relationId!];
  const relation = e.state.relations[info.relationId!];
  if (!own) return;
  const remote = info.remoteUnit ?? "";
  if (info.kind === "relation-created") own.created = true;
  if (info.kind === "relation-joined") {
    own.members[remote] = -1;
    own.changedPending = remote;
  }
  if (info.kind === "relation-changed") memberDone(own, info);
  if (info.kind === "relation-departed") {
    delete own.members[remote];
    if (own.changedPending === remote) own.changedPending = undefined;
  }
  if (info.kind === "relation-broken") {
    own.broken = true;
    if (relation) leaveScope(e, u.name, relation);
    sweepApplications(e);
  }
}

function pebbleDone(u: UnitState, info: HookInfo): void {
  const container = u.containers[info.container ?? ""];
  if (!container) return;
  container.retryAt = undefined;
  if (info.kind === "pebble-ready") {
    if (container.bootId !== undefined) container.handledBootId = container.bootId;
    return;
  }
  for (const notice of container.notices) {
    if (notice.id === info.noticeId && notice.kind === info.kind) notice.delivered = true;
  }
}

function storageDone(e: Engine, u: UnitState, info: HookInfo): void {
  const storage = u.storage.find((candidate) => candidate.id === info.storageId);
  if (!storage) return;
  if (info.kind === "storage-attached") {
    storage.attached = true;
    return;
  }
  u.storage = u.storage.filter((candidate) => candidate !== storage);
  if (storage.keep) e.state.detachedStorage = [...(e.state.detachedStorage ?? []), storage];
}

function stopDone(e: Engine, u: UnitState): void {
  if (u.life !== "alive") {
    u.stopped = true;
    u.workload = status(e, "maintenance", "");
    return;
  }
  u.stopping = false;
  u.agentState = "pending";
  if (e.autoStart) restartAgent(e, u, true);
}

function unitDone(e: Engine, u: UnitState, info: HookInfo, fingerprint: string): void {
  switch (info.kind) {
    case "install":
      u.installed = true;
      return;
    case "leader-elected":
      u.leaderAccepted = true;
      return;
    case "leader-settings-changed":
      u.leaderVersionSeen = info.version ?? 0;
      return;
    case "config-changed":
      u.configSeen = fingerprint;
      if (!u.started) u.queued = { kind: "start" };
      return;
    case "start":
      u.started = true;
      u.restartStart = false;
      if (!u.workloadByCharm && u.workload.status !== "unknown") u.workload = status(e, "unknown", "");
      return;
    case "upgrade-charm":
      u.charmModifiedSeen = info.version ?? u.charmModifiedSeen;
      u.queued = { kind: "config-changed" };
      return;
    case "stop":
      stopDone(e, u);
      return;
    case "remove":
      u.removed = true;
      u.workload = status(e, "terminated", "");
      // With subordinates left it stays until the last of them is gone.
      if (subordinatesOf(e, u.name).length === 0) finaliseUnit(e, u);
      return;
  }
}

/** The agent looks at the model again: it enters new relations and leaves ended ones it never met. */
export function agentLoop(e: Engine, u: UnitState): void {
  if (u.agentState !== "up" || u.life === "dead") return;
  if (u.life === "dying" && !u.installed && !u.failed && !u.running) {
    finaliseUnit(e, u);
    return;
  }
  leaveUncreated(e, u);
  if (u.installed && !u.failed && !u.queued) enterScopes(e, u, (relation) => addSubordinate(e, u, relation));
}

/**
 * The hook counts as delivered.
 *
 * @param fingerprint What `config-changed` was told, taken when the hook began.
 */
export function hookDone(e: Engine, u: UnitState, info: HookInfo, fingerprint: string): void {
  u.failed = undefined;
  if (info.relationId !== undefined) relationDone(e, u, info);
  else if (info.kind.startsWith("pebble-")) pebbleDone(u, info);
  else if (info.kind.startsWith("storage-")) storageDone(e, u, info);
  else if (info.kind.startsWith("secret-")) secretHookDone(e, u, info);
  else unitDone(e, u, info, fingerprint);
  u.updateStatusAt = nextTick(e);
  setAgent(e, u, "idle");
  agentLoop(e, u);
}

function retryAfter(e: Engine, attempts: number): number {
  const wait = Math.min(RETRY_FIRST_MS * 2 ** Math.min(attempts - 1, 10), RETRY_MOST_MS);
  return Math.round(wait * (0.8 + 0.4 * e.random()));
}

/** A workload hook is not kept: it comes again with the next poll, notices all from the beginning. */
function pebbleFailed(e: Engine, u: UnitState, info: HookInfo): void {
  const container = u.containers[info.container ?? ""];
  if (!container) return;
  container.retryAt = e.now() + 5_000;
  if (info.kind === "pebble-ready") return;
  for (const other of Object.values(u.containers)) {
    for (const notice of other.notices) notice.delivered = false;
  }
  if (e.kubernetes && u.started) u.restartStart = true;
}

/** The hook failed: nothing of it counts, and the unit is in error until it ends well or is resolved. */
export function hookFailed(e: Engine, u: UnitState, info: HookInfo, attempts: number): void {
  if (info.kind.startsWith("pebble-")) {
    pebbleFailed(e, u, info);
    setAgent(e, u, "idle");
    return;
  }
  const tries = attempts + 1;
  const retries = e.state.config["automatically-retry-hooks"] !== false;
  u.failed = { info, attempts: tries, ...(retries ? { retryAt: e.now() + retryAfter(e, tries) } : {}) };
  setAgent(e, u, "error", `hook failed: "${failureName(e, u, info)}"`, failureData(e, u, info));
  e.log(u.name, UNITER, "INFO", `awaiting error resolution for "${info.kind}" hook`);
}

/** Whether a hook is for the leader only and this unit no longer is it. */
export function lostLeadership(info: HookInfo, leader: boolean, ownSecret: boolean): boolean {
  if (leader) return false;
  const owner = ["secret-expired", "secret-rotate", "secret-remove"].includes(info.kind);
  return info.kind === "leader-elected" || (owner && !ownSecret);
}

/** Drops a hook that was for the leader. */
export function dropHook(e: Engine, u: UnitState, info: HookInfo): void {
  u.failed = undefined;
  if (u.queued?.kind === info.kind) u.queued = undefined;
  setAgent(e, u, "idle");
  e.log(u.name, UNITER, "INFO", `unit is no longer the leader; skipping "${hookName(e, u, info)}" execution`);
  agentLoop(e, u);
}
