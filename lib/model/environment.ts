/**
 * The variables of a hook's process: exactly Juju's, nothing inherited.
 *
 * Source: Juju: hook environment variables, 3.6 and 4.0.
 *
 * @module
 */

import type { Engine } from "./engine.ts";
import { hookName } from "./hook-names.ts";
import { isExec } from "./operations.ts";
import { endpointName } from "./relation-events.ts";
import type { HookInfo, TaskState, UnitState } from "./state.ts";
import type { Running } from "./world-builder.ts";

type Variables = Record<string, string>;

function modelText(e: Engine, key: string): string {
  const value = e.state.config[key];
  return value === undefined || value === null ? "" : String(value);
}

function legacyProxies(e: Engine): Variables {
  const variables: Variables = {};
  for (const name of ["http_proxy", "https_proxy", "ftp_proxy", "no_proxy"]) {
    const value = modelText(e, name.replace("_", "-"));
    if (value !== "") Object.assign(variables, { [name]: value, [name.toUpperCase()]: value });
  }
  return variables;
}

function versionVariables(e: Engine): Variables {
  if (e.major === 3) return { JUJU_SLA: "unsupported" };
  return {
    JUJU_CHARM_TRACE_CONFIG_HTTP: "",
    JUJU_CHARM_TRACE_CONFIG_GRPC: "",
    JUJU_CHARM_TRACE_CONFIG_CA_CERT: "",
  };
}

function agentPath(e: Engine): string {
  const system = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  return e.kubernetes ? `${system}:/charm/bin` : system;
}

function common(e: Engine, u: UnitState, contextId: string): Variables {
  const paths = e.paths(u.name);
  return {
    APT_LISTCHANGES_FRONTEND: "none",
    CHARM_DIR: paths.charmDir,
    CLOUD_API_VERSION: e.cloudApiVersion,
    DEBIAN_FRONTEND: "noninteractive",
    JUJU_AGENT_SOCKET_ADDRESS: paths.agentSocket,
    JUJU_AGENT_SOCKET_NETWORK: "unix",
    JUJU_API_ADDRESSES: e.apiAddresses.join(" "),
    JUJU_AVAILABILITY_ZONE: "",
    JUJU_CHARM_DIR: paths.charmDir,
    JUJU_CHARM_FTP_PROXY: modelText(e, "juju-ftp-proxy"),
    JUJU_CHARM_HTTPS_PROXY: modelText(e, "juju-https-proxy"),
    JUJU_CHARM_HTTP_PROXY: modelText(e, "juju-http-proxy"),
    JUJU_CHARM_NO_PROXY: modelText(e, "juju-no-proxy") || "127.0.0.1,localhost,::1",
    JUJU_CONTEXT_ID: contextId,
    JUJU_HOOK_NAME: "",
    JUJU_MACHINE_ID: u.machine,
    JUJU_MODEL_NAME: e.state.name,
    JUJU_MODEL_UUID: e.state.uuid,
    JUJU_PRINCIPAL_UNIT: u.principal ?? "",
    JUJU_UNIT_NAME: u.name,
    JUJU_VERSION: e.version,
    LANG: "C.UTF-8",
    PATH: `${paths.toolsDir}:${paths.path ?? agentPath(e)}`,
    TERM: "tmux-256color",
    ...versionVariables(e),
    ...legacyProxies(e),
  };
}

function relationVariables(e: Engine, u: UnitState, info: HookInfo): Variables {
  const endpoint = endpointName(e, u, info) ?? "";
  return {
    JUJU_RELATION: endpoint,
    JUJU_RELATION_ID: `${endpoint}:${info.relationId}`,
    JUJU_REMOTE_UNIT: info.remoteUnit ?? "",
    JUJU_REMOTE_APP: info.remoteApp ?? "",
    ...(info.departingUnit ? { JUJU_DEPARTING_UNIT: info.departingUnit } : {}),
  };
}

function storageVariables(u: UnitState, info: HookInfo): Variables {
  const storage = u.storage.find((candidate) => candidate.id === info.storageId);
  if (!storage) return {};
  return {
    JUJU_STORAGE_ID: storage.id,
    JUJU_STORAGE_KIND: storage.kind,
    JUJU_STORAGE_LOCATION: storage.location,
  };
}

function pebbleVariables(info: HookInfo): Variables {
  const variables: Variables = { JUJU_WORKLOAD_NAME: info.container ?? "" };
  if (info.kind === "pebble-custom-notice") {
    variables["JUJU_NOTICE_ID"] = info.noticeId ?? "";
    variables["JUJU_NOTICE_TYPE"] = info.noticeType ?? "custom";
    variables["JUJU_NOTICE_KEY"] = info.noticeKey ?? "";
  }
  if (info.checkName !== undefined) variables["JUJU_PEBBLE_CHECK_NAME"] = info.checkName;
  return variables;
}

function secretVariables(e: Engine, info: HookInfo): Variables {
  const bare = e.major === 4 && info.kind === "secret-remove";
  return {
    JUJU_SECRET_ID: bare ? (info.secretId ?? "") : `secret:${info.secretId}`,
    JUJU_SECRET_LABEL: info.secretLabel ?? "",
    ...(info.secretRevision === undefined ? {} : { JUJU_SECRET_REVISION: String(info.secretRevision) }),
  };
}

function hookVariables(e: Engine, u: UnitState, info: HookInfo): Variables {
  const name = hookName(e, u, info);
  const variables: Variables = { JUJU_HOOK_NAME: name, JUJU_DISPATCH_PATH: `hooks/${name}` };
  if (info.relationId !== undefined) Object.assign(variables, relationVariables(e, u, info));
  if (info.storageId !== undefined) Object.assign(variables, storageVariables(u, info));
  if (info.container !== undefined) Object.assign(variables, pebbleVariables(info));
  if (info.secretId !== undefined) Object.assign(variables, secretVariables(e, info));
  return variables;
}

function taskVariables(task: TaskState): Variables {
  return {
    JUJU_ACTION_NAME: task.name,
    JUJU_ACTION_UUID: task.id,
    JUJU_ACTION_TAG: `action-${task.id}`,
    ...(isExec(task) ? {} : { JUJU_DISPATCH_PATH: `actions/${task.name}` }),
  };
}

/** `web/0-config-changed-0f3c…`: unit, what runs, 32 hexadecimal digits. */
export function contextId(e: Engine, u: UnitState, running: Running): string {
  const name = "task" in running ? running.task.name : hookName(e, u, running.info);
  const bytes = Buffer.alloc(16);
  for (let at = 0; at < 16; at += 4) bytes.writeUInt32BE(Math.floor(e.random() * 0x1_0000_0000), at);
  return `${u.name}-${name}-${bytes.toString("hex")}`;
}

/** All variables of one hook, action or command. */
export function buildEnvironment(e: Engine, u: UnitState, running: Running, id: string): Variables {
  const special = "task" in running ? taskVariables(running.task) : hookVariables(e, u, running.info);
  return { ...common(e, u, id), ...special };
}
