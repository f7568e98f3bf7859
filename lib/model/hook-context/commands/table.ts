import type { Command } from "../command.ts";
import type { JujuVersion } from "../types.ts";
import { actionFail, actionGet, actionLog, actionSet } from "./action-commands.ts";
import { configGet } from "./config-get.ts";
import { jujuLog } from "./juju-log.ts";
import { isLeader, leaderGet, leaderSet } from "./leadership.ts";
import { credentialGet, goalState } from "./model.ts";
import { networkGet } from "./network-get.ts";
import { payloadRegister, payloadStatusSet, payloadUnregister } from "./payload.ts";
import { k8sRawGet, k8sRawSet, k8sSpecGet, k8sSpecSet, podSpecGet, podSpecSet } from "./pod-spec.ts";
import { closePort, openedPorts, openPort } from "./ports.ts";
import { relationGet } from "./relation-get.ts";
import { relationIds, relationList, relationModelGet } from "./relation-lists.ts";
import { relationSet } from "./relation-set.ts";
import { secretGrant, secretRevoke } from "./secret-access.ts";
import { secretAdd, secretIds, secretRemove, secretSet } from "./secret-owner.ts";
import { secretGet, secretInfoGet } from "./secret-read.ts";
import { stateDelete, stateGet, stateSet } from "./state.ts";
import { statusGet, statusSet } from "./status.ts";
import { storageAdd, storageGet, storageList } from "./storage.ts";
import { applicationVersionSet, jujuReboot, resourceGet, unitGet } from "./unit.ts";

const commands: readonly Command[] = [
  actionFail,
  actionGet,
  actionLog,
  actionSet,
  applicationVersionSet,
  closePort,
  configGet,
  credentialGet,
  goalState,
  isLeader,
  jujuLog,
  jujuReboot,
  k8sRawGet,
  k8sRawSet,
  k8sSpecGet,
  k8sSpecSet,
  leaderGet,
  leaderSet,
  networkGet,
  openPort,
  openedPorts,
  payloadRegister,
  payloadStatusSet,
  payloadUnregister,
  podSpecGet,
  podSpecSet,
  relationGet,
  relationIds,
  relationList,
  relationModelGet,
  relationSet,
  resourceGet,
  secretAdd,
  secretGet,
  secretGrant,
  secretIds,
  secretInfoGet,
  secretRemove,
  secretRevoke,
  secretSet,
  stateDelete,
  stateGet,
  stateSet,
  statusGet,
  statusSet,
  storageAdd,
  storageGet,
  storageList,
  unitGet,
];

const byName: ReadonlyMap<string, Command> = new Map(commands.map((command) => [command.name, command]));

/** The command of this name, if this release has it. */
export function findCommand(name: string, version: JujuVersion): Command | undefined {
  const command = byName.get(name);
  return command?.until4 && version.major >= 4 ? undefined : command;
}

/** Names of all commands of a release, sorted: what stands on a charm's PATH. */
export function hookCommandNames(version: JujuVersion): string[] {
  return [...byName.keys()].filter((name) => findCommand(name, version) !== undefined);
}
