/**
 * The local model: the engine with charms as processes, durable, behind a control socket.
 *
 * @module
 */
export type {
  ActionReport,
  ApplicationDetail,
  ControllerReport,
  DebugLogParams,
  Deployed,
  DeployParams,
  Enqueued,
  LogLine,
  MethodName,
  Methods,
  ModelSummary,
  OperationReport,
  ParamsOf,
  ProgressOf,
  PublishedPort,
  Refreshed,
  RefreshParams,
  Removed,
  ResourceReport,
  ResultOf,
  TaskProgress,
  TaskReport,
  UnitDetail,
  UnitRelationReport,
} from "./api.ts";
export { type CallOptions, type ConnectOptions, connect, type LocalClient } from "./client.ts";
export { isLocalError, LocalError, type LocalErrorCode } from "./errors.ts";
export { type StateDir, stateDir } from "./state-dir.ts";
