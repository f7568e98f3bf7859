export { hookCommandNames } from "./commands/table.ts";
export type { HookChanges, StorageAddition } from "./commit.ts";
export { HookContext } from "./context.ts";
export { FlushError, OperationError } from "./errors.ts";
export type { PortChange } from "./ports.ts";
export type { ContextAnswer } from "./printed.ts";
export type { RelationChange } from "./relations.ts";
export { secretChecksum } from "./secret-data.ts";
export type {
  SecretCreateEntry,
  SecretDeleteEntry,
  SecretGrantEntry,
  SecretUpsertEntry,
} from "./secret-types.ts";
export type {
  ActionResult,
  Controller,
  ControllerNetwork,
  HookContextOptions,
  HookFiles,
  ImmediateCall,
  JujuVersion,
  LogLevel,
  LogRecord,
  PayloadCall,
  SecretContent,
  SecretRead,
  SecretRequest,
} from "./types.ts";
export { WorldController, type WorldControllerOptions } from "./world-controller.ts";
