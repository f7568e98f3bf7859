/**
 * Decides a unit's next operation, from the top of Juju's list every time. Pure: it changes nothing, so
 * `runnable()` may ask it for every unit.
 *
 * @module
 */

import { type Engine, isLeader, sortedKeys } from "./engine.ts";
import { effectiveConfig } from "./options.ts";
import { nextCreated, nextRelationHook, type Pick, refreshed } from "./relation-events.ts";
import { nextSecretHook } from "./secret-events.ts";
import type { ApplicationState, HookInfo, UnitState } from "./state.ts";

export type NextOperation =
  | { readonly kind: "hook"; readonly info: HookInfo; readonly attempts: number; readonly queued: boolean }
  | { readonly kind: "action"; readonly task: string };

function hook(info: HookInfo): NextOperation {
  return { kind: "hook", info, attempts: 0, queued: false };
}

/** What `config-changed` tells about: settings, trust and addresses. */
export function configFingerprint(e: Engine, u: UnitState): string {
  const app = e.state.applications[u.app]!;
  return `[${configText(app)},${app.trust},"${u.address ?? ""}","${app.address ?? ""}"]`;
}

/** By the values that are set: they are replaced and never written into, as charms are. */
const configTexts = new WeakMap<object, { readonly charm: object; readonly text: string }>();

function configText(app: ApplicationState): string {
  const known = configTexts.get(app.config);
  if (known?.charm === app.charm) return known.text;
  const text = JSON.stringify(effectiveConfig(app));
  configTexts.set(app.config, { charm: app.charm, text });
  return text;
}

function leadership(e: Engine, u: UnitState): HookInfo | undefined {
  if (u.life !== "alive") return undefined;
  if (isLeader(e, u)) return u.leaderAccepted ? undefined : { kind: "leader-elected" };
  const version = e.state.applications[u.app]!.leaderVersion;
  return e.major === 3 && u.leaderVersionSeen !== version
    ? { kind: "leader-settings-changed", version }
    : undefined;
}

function containerHook(e: Engine, u: UnitState, name: string): HookInfo | undefined {
  const container = u.containers[name]!;
  if (container.bootId === undefined || (container.retryAt ?? 0) > e.now()) return undefined;
  if (container.bootId !== container.handledBootId) return { kind: "pebble-ready", container: name };
  const notice = container.notices.find((candidate) => !candidate.delivered);
  if (!notice) return undefined;
  const base: HookInfo = { kind: notice.kind, container: name, noticeId: notice.id };
  return notice.kind === "pebble-custom-notice"
    ? { ...base, noticeType: notice.type, noticeKey: notice.key }
    : { ...base, checkName: notice.key };
}

function workload(e: Engine, u: UnitState, pick: Pick): HookInfo | undefined {
  const hooks: HookInfo[] = [];
  for (const name of sortedKeys(u.containers)) {
    const info = containerHook(e, u, name);
    if (info !== undefined) hooks.push(info);
  }
  return hooks.length === 0 ? undefined : pick(hooks);
}

function storageHook(e: Engine, u: UnitState): HookInfo | undefined {
  if (e.kubernetes && !u.installed) return undefined;
  const attach = u.life === "alive" && u.storage.find((s) => !s.attached && s.life === "alive");
  if (attach) return { kind: "storage-attached", storageId: attach.id };
  const detach = u.storage.find((s) => s.attached && (s.life !== "alive" || u.life !== "alive"));
  return detach ? { kind: "storage-detaching", storageId: detach.id } : undefined;
}

/** Rows that run only when no other hook is pending or queued. */
function whenIdle(e: Engine, u: UnitState, pick: Pick): HookInfo | undefined {
  if (!u.installed || u.stopped) return undefined;
  if (u.restartStart && u.started && u.life === "alive") return { kind: "start" };
  const created = u.life === "alive" ? nextCreated(e, u, pick) : undefined;
  return created ?? leadership(e, u) ?? workload(e, u, pick) ?? nextSecretHook(e, u);
}

function pending(e: Engine, u: UnitState): NextOperation | undefined {
  if (u.failed) {
    const { info, attempts, retryAt } = u.failed;
    if (retryAt === undefined || retryAt > e.now()) return undefined;
    return { kind: "hook", info: refreshed(e, info), attempts, queued: false };
  }
  return u.queued ? { kind: "hook", info: u.queued, attempts: 0, queued: true } : undefined;
}

function dying(e: Engine, u: UnitState, pick: Pick): HookInfo | undefined {
  const ends = nextRelationHook(e, u, pick);
  if (ends) return ends;
  if (!u.stopped) return { kind: "stop" };
  return u.removed ? undefined : { kind: "remove" };
}

function ordinary(e: Engine, u: UnitState, pick: Pick): HookInfo | undefined {
  if (!u.installed) return { kind: "install" };
  const modified = e.state.applications[u.app]!.charmModified;
  if (u.charmModifiedSeen !== modified) return { kind: "upgrade-charm", version: modified };
  if (u.configSeen !== configFingerprint(e, u)) return { kind: "config-changed" };
  const relation = nextRelationHook(e, u, pick);
  if (relation) return relation;
  const due = u.started && u.updateStatusAt !== undefined && u.updateStatusAt <= e.now();
  return due ? { kind: "update-status" } : undefined;
}

/** Whether nothing keeps a unit's agent from working. After `remove` it only waits for its subordinates. */
export function isUp(u: UnitState): boolean {
  return u.agentState === "up" && u.life !== "dead" && !u.removed && u.running === undefined;
}

/** The unit's next operation now, if there is one. */
export function decide(e: Engine, u: UnitState, pick: Pick): NextOperation | undefined {
  if (!isUp(u)) return undefined;
  const busy = u.failed !== undefined || u.queued !== undefined;
  const idle = busy ? undefined : whenIdle(e, u, pick);
  if (idle) return hook(idle);
  // Also while a hook, the first one included, is in error.
  const task = u.installed || u.failed ? u.queue[0] : undefined;
  if (task) return { kind: "action", task };
  if (!busy) {
    const storage = storageHook(e, u);
    if (storage) return hook(storage);
  }
  // A unit in error or on its way to `start` stops when it gets there.
  if (u.stopping && !busy && u.started) return hook({ kind: "stop" });
  if (busy) return pending(e, u);
  const info = u.life === "alive" ? ordinary(e, u, pick) : dying(e, u, pick);
  return info ? hook(info) : undefined;
}
