/**
 * The Pebble API: client, and the rules of layers and plans. Charms import this; the embedded server is
 * `lib/pebble/server` and never loaded from here.
 *
 * @module
 */

export type { WaitOptions } from "./changes.ts";
export { PebbleClient } from "./client.ts";
export { formatDuration, parseDuration } from "./duration.ts";
export {
  ChangeError,
  ChangeTimeoutError,
  ExecError,
  LayerError,
  PebbleApiError,
  type PebbleError,
  type PebbleErrorCode,
  PebblePathError,
  PebbleProtocolError,
  PebbleUnreachableError,
} from "./errors.ts";
export type {
  ExecInput,
  ExecOptions,
  ExecProcess,
  ExecResult,
  OutputListener,
  TerminalSize,
} from "./exec.ts";
export type { FileToWrite, MakeDirOptions, Owner, WriteOptions } from "./files.ts";
export type { LogOptions } from "./logs.ts";
export type { Part } from "./multipart.ts";
export type { NoticeOptions, NotifyOptions } from "./notices.ts";
export { PathTransferError, type TransferFault } from "./path-transfer.ts";
export { CONTAINERS_DIR, containerPath, containerRoot, containerSocket } from "./paths.ts";
export { addLayer, combineLayers } from "./plan/combine.ts";
export { decodeLayer } from "./plan/decode.ts";
export type {
  Check,
  ExecCheck,
  LabelledLayer,
  Layer,
  LogTarget,
  Override,
  Plan,
  Service,
  ServiceAction,
} from "./plan/types.ts";
export { formatPlan, parseLayer, parsePlan } from "./plan/yaml.ts";
export type {
  AnswerPart,
  PebbleRequest,
  PebbleResponse,
  PebbleStream,
  PebbleTransport,
  PebbleWebSocket,
} from "./transport.ts";
export type {
  Change,
  ChangeStatus,
  CheckLevel,
  CheckState,
  FileEntry,
  FileType,
  Identity,
  IdentityAccess,
  LogEntry,
  Notice,
  ServiceState,
  ServiceStatus,
  SystemInfo,
  Task,
} from "./types.ts";
export { unixSocket } from "./unix-socket.ts";
