export type { DeployOptions, RefreshOptions } from "./applications.ts";
export type { ActionDefinition } from "./charm-actions.ts";
export {
  type CharmFiles,
  type CharmMetadata,
  type ContainerDefinition,
  type Endpoint,
  type EndpointRole,
  parseCharm,
  type ResourceDefinition,
  type StorageDefinition,
} from "./charm-metadata.ts";
export type { ConfigOption, OptionType } from "./charm-options.ts";
export type { LogLevel, LogRecord, ModelNetwork, UnitPaths } from "./engine.ts";
export { isModelError, ModelError, type ModelErrorCode } from "./errors.ts";
export { Model, type ModelSnapshot } from "./model.ts";
export type { ModelOptions } from "./model-options.ts";
export { applicationOf, isApplicationName, isUnitName, unitTag } from "./names.ts";
export { contextTransport, type OpenContext, type OpenContextFactory } from "./open-context.ts";
export type { ConfigReport, OptionReport } from "./options.ts";
export { seededRandom } from "./random.ts";
export type { RelationSummary } from "./relations.ts";
export type { HookResult, HookRun } from "./run.ts";
export type {
  ApplicationState,
  ConfigValue,
  Databag,
  ModelState,
  OperationState,
  RelationState,
  SecretState,
  StatusRecord,
  TaskState,
  TaskStatus,
  UnitState,
} from "./state.ts";
export type {
  ApplicationReport,
  ModelReport,
  RelationReport,
  StatusValue,
  UnitReport,
} from "./status.ts";
export type { UserSecretChange, UserSecretContent, UserSecretOptions } from "./user-secrets.ts";
