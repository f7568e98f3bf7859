/**
 * Juju's hook commands as typed functions, over the unit agent's socket, the executables, or a function.
 *
 * @module
 */
export {
  type AgentReply,
  type AgentRequest,
  type AgentSocketServer,
  type ServeAgentSocketOptions,
  serveAgentSocket,
} from "./agent-socket/server.ts";
export { type AgentSocketOptions, agentSocket } from "./agent-socket/transport.ts";
export { HOOK_COMMANDS } from "./command-names.ts";
export { actionFail, actionGet, actionLog, actionSet } from "./commands/actions.ts";
export {
  k8sRawGet,
  k8sRawSet,
  k8sSpecGet,
  k8sSpecSet,
  leaderGet,
  leaderSet,
  payloadRegister,
  payloadStatusSet,
  payloadUnregister,
  podSpecGet,
  podSpecSet,
} from "./commands/legacy.ts";
export {
  closePort,
  type OpenedForEndpoints,
  type OpenedPort,
  openedPorts,
  openedPortsByEndpoint,
  openPort,
  type PortOptions,
  type PortRange,
} from "./commands/ports.ts";
export {
  type RelationId,
  relationGet,
  relationIds,
  relationList,
  relationModelGet,
  relationRemoteApp,
  relationSet,
} from "./commands/relations.ts";
export {
  type SecretContent,
  type SecretDescription,
  type SecretMetadata,
  type SecretRotate,
  type SecretSelector,
  secretAdd,
  secretGet,
  secretGetBytes,
  secretGrant,
  secretIds,
  secretInfoGet,
  secretRemove,
  secretRevoke,
  secretSet,
} from "./commands/secrets.ts";
export { stateDelete, stateGet, stateGetAll, stateSet } from "./commands/state.ts";
export {
  type ApplicationStatus,
  applicationStatusGet,
  type ReportedStatus,
  type SettableStatus,
  statusGet,
  statusSet,
} from "./commands/status.ts";
export { type StorageInstance, storageAdd, storageGet, storageList } from "./commands/storage.ts";
export {
  applicationVersionSet,
  type CloudSpec,
  type ConfigValue,
  configGet,
  configGetAll,
  credentialGet,
  type GoalState,
  type GoalStatus,
  goalState,
  isLeader,
  jujuLog,
  type LogLevel,
  type NetworkAddress,
  type NetworkInfo,
  networkGet,
  reboot,
  resourceGet,
  unitGet,
} from "./commands/unit.ts";
export {
  CharmError,
  type CharmErrorOutcome,
  HookCommandError,
  type HookCommandReason,
  type HookError,
  type HookErrorCode,
  HookOutputError,
  isCharmError,
} from "./errors.ts";
export { type ExecutablesOptions, executables } from "./executables.ts";
export { type HookCommands, hookCommands } from "./hook-commands.ts";
export { type HookResponder, inProcess } from "./in-process.ts";
export { type OpenTransportOptions, openTransport } from "./open-transport.ts";
export { Sensitive, sensitive } from "./sensitive.ts";
export type { HookAnswer, HookRequest, HookTransport } from "./transport.ts";
