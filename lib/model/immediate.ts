/** What hook commands change at once; it stays when the hook fails. */

import { application, type Engine, isLeader, type LogLevel, status, unit } from "./engine.ts";
import { ModelError } from "./errors.ts";
import type { ImmediateCall } from "./hook-context/types.ts";
import { prune } from "./secret-events.ts";
import type { SecretState, TaskState, UnitState } from "./state.ts";

function requireLeader(e: Engine, u: UnitState): void {
  if (!isLeader(e, u)) throw new ModelError("ERR_STATE", "this unit is not the leader");
}

function secretRead(
  u: UnitState,
  secret: SecretState,
  call: { revision: number; label?: string },
  major: number,
): void {
  const known = secret.consumers[u.name];
  // 3.6 tells a first reader of a later revision about it once more.
  const told = known?.told ?? (major === 3 ? Math.min(call.revision, 1) : secret.latest);
  secret.consumers[u.name] = {
    tracked: call.revision,
    told,
    label: call.label ?? known?.label ?? "",
  };
  prune(secret);
}

function setSettings(e: Engine, u: UnitState, settings: Readonly<Record<string, string>>): void {
  requireLeader(e, u);
  const app = application(e, u.app);
  const before = JSON.stringify(app.leaderSettings);
  for (const [key, value] of Object.entries(settings)) {
    if (value === "") delete app.leaderSettings[key];
    else app.leaderSettings[key] = value;
  }
  if (JSON.stringify(app.leaderSettings) !== before) app.leaderVersion += 1;
}

/** Applies one immediate call of a running hook or task. */
export function applyImmediate(
  e: Engine,
  name: string,
  call: ImmediateCall,
  task: TaskState | undefined,
): void {
  const u = unit(e, name);
  switch (call.kind) {
    case "unit-status":
      u.workload = status(e, call.status, call.message);
      u.workloadByCharm = true;
      return;
    case "application-status":
      requireLeader(e, u);
      application(e, u.app).status = status(e, call.status, call.message);
      return;
    case "workload-version":
      application(e, u.app).workloadVersion = call.version;
      return;
    case "log":
      e.log(
        name,
        call.module,
        call.level === "UNSPECIFIED" ? "INFO" : (call.level satisfies LogLevel),
        call.message,
      );
      return;
    case "action-log":
      task?.log.push({ time: e.now(), message: call.message });
      return;
    case "leader-settings":
      setSettings(e, u, call.settings);
      return;
    case "secret-read": {
      const secret = e.state.secrets[call.id];
      if (secret) secretRead(u, secret, call, e.major);
      return;
    }
    case "secret-label": {
      const secret = e.state.secrets[call.id];
      if (secret) secret.label = call.label;
      return;
    }
    case "resource":
    case "payload":
    case "reboot-now":
      return;
  }
}
