/** Names of hooks, in full (`db-relation-changed`) and as the agent's messages have them. */

import type { Engine } from "./engine.ts";
import { endpointName } from "./relation-events.ts";
import type { HookInfo, UnitState } from "./state.ts";

/** `db-relation-changed`, `data-storage-attached`, `web-pebble-ready`, `install`. */
export function hookName(e: Engine, u: UnitState, info: HookInfo): string {
  if (info.kind.startsWith("relation-")) return `${endpointName(e, u, info) ?? "unknown"}-${info.kind}`;
  if (info.kind.startsWith("storage-")) return `${(info.storageId ?? "").split("/")[0]}-${info.kind}`;
  if (info.kind.startsWith("pebble-")) return `${info.container}-${info.kind}`;
  return info.kind;
}

/** Name in `hook failed: "…"`: only relation hooks carry their prefix. */
export function failureName(e: Engine, u: UnitState, info: HookInfo): string {
  return info.kind.startsWith("relation-") ? hookName(e, u, info) : info.kind;
}

/** `running db-relation-changed hook for postgresql/0`. */
export function runningMessage(e: Engine, u: UnitState, info: HookInfo): string {
  const name = hookName(e, u, info);
  if (info.remoteUnit) return `running ${name} hook for ${info.remoteUnit}`;
  if (!info.secretId) return `running ${name} hook`;
  const revision = info.secretRevision === undefined ? "" : `/${info.secretRevision}`;
  return `running ${name} hook for secret:${info.secretId}${revision}`;
}

/** Data of the error status. */
export function failureData(e: Engine, u: UnitState, info: HookInfo): Record<string, unknown> {
  const data: Record<string, unknown> = { hook: failureName(e, u, info) };
  if (info.relationId !== undefined) {
    data["relation-id"] = info.relationId;
    if (info.remoteUnit) data["remote-unit"] = info.remoteUnit;
  }
  if (info.secretId) {
    data["secret-uri"] = `secret:${info.secretId}`;
    data["secret-label"] = info.secretLabel ?? "";
  }
  return data;
}
