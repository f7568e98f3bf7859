import { CharmError } from "../hook/errors.ts";
import type { PathTransferError } from "./path-transfer.ts";
import type { Change } from "./types.ts";

/** Pebble did not answer on its socket. It usually will: containers start after the charm. */
export class PebbleUnreachableError extends CharmError {
  readonly code = "ERR_PEBBLE_UNREACHABLE";
  readonly outcome = "waiting";
  /** Socket path, or what the transport calls itself. */
  readonly address: string;
  constructor(address: string, options?: { readonly cause?: unknown }) {
    super(`Cannot reach Pebble at "${address}"${reason(options?.cause)}, must be listening`, options);
    this.address = address;
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? `: ${cause.message}` : ": it does not answer";
}

/** Pebble refused a request. `kind` is empty for most errors. */
export class PebbleApiError extends CharmError {
  readonly code = "ERR_PEBBLE_API";
  readonly outcome = "fail";
  /** HTTP status, 400 to 599. */
  readonly status: number;
  /** `not-found`, `permission-denied`, `generic-file-error`, `no-default-services`, `login-required` or empty. */
  readonly kind: string;
  /** Pebble's own words. */
  readonly detail: string;
  constructor(
    answer: { readonly status: number; readonly kind: string; readonly message: string },
    what: string,
  ) {
    super(`Cannot ${what}: ${answer.message}`);
    this.status = answer.status;
    this.kind = answer.kind;
    this.detail = answer.message;
  }
}

/** A file operation failed for one path; Pebble answers such requests with success and an error per path. */
export class PebblePathError extends CharmError {
  readonly code = "ERR_PEBBLE_PATH";
  readonly outcome = "fail";
  readonly path: string;
  /** `not-found`, `permission-denied` or `generic-file-error`. */
  readonly kind: string;
  constructor(
    failed: { readonly path: string; readonly kind: string; readonly message: string },
    verb: string,
  ) {
    super(`Cannot ${verb} "${failed.path}": ${failed.message}`);
    this.path = failed.path;
    this.kind = failed.kind;
  }
}

/** A change ended in error. The message has the change's error and the log of its tasks. */
export class ChangeError extends CharmError {
  readonly code = "ERR_PEBBLE_CHANGE";
  readonly outcome = "fail";
  readonly change: Change;
  constructor(change: Change) {
    super(`Cannot ${lowerFirst(change.summary)}: ${change.err ?? change.status}${taskLogs(change)}`);
    this.change = change;
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function taskLogs(change: Change): string {
  const logs = change.tasks.filter((task) => task.log?.length);
  return logs.map((task) => `\n${task.summary} (${task.status}):\n${task.log?.join("\n")}`).join("");
}

/** A change was not ready in time. It goes on: nothing was aborted. */
export class ChangeTimeoutError extends CharmError {
  readonly code = "ERR_PEBBLE_CHANGE_TIMEOUT";
  readonly outcome = "fail";
  readonly changeId: string;
  readonly timeoutMs: number;
  constructor(changeId: string, timeoutMs: number) {
    super(`Cannot wait for change ${changeId}: not ready after ${timeoutMs} ms, must be ready`);
    this.changeId = changeId;
    this.timeoutMs = timeoutMs;
  }
}

/** A command that `exec` ran exited with a code other than 0. Its arguments are left out: they may hold secrets. */
export class ExecError extends CharmError {
  readonly code = "ERR_PEBBLE_EXEC";
  readonly outcome = "fail";
  /** First word of the command. */
  readonly program: string;
  /** 128 + N when signal N ended it. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  constructor(failed: {
    readonly program: string;
    readonly exitCode: number;
    readonly stdout: string;
    readonly stderr: string;
  }) {
    super(`Cannot run "${failed.program}": exit code ${failed.exitCode}${excerpt(failed.stderr)}`);
    this.program = failed.program;
    this.exitCode = failed.exitCode;
    this.stdout = failed.stdout;
    this.stderr = failed.stderr;
  }
}

function excerpt(text: string): string {
  const trimmed = text.trim();
  return trimmed === ""
    ? ""
    : `: ${trimmed.length > 1024 ? `${trimmed.slice(0, 1024)} [truncated]` : trimmed}`;
}

/** A layer or plan that Pebble would refuse; the message is Pebble's. */
export class LayerError extends CharmError {
  readonly code = "ERR_PEBBLE_LAYER";
  readonly outcome = "fail";
}

/** Pebble, or what claims to be one, sent bytes that are not its format. */
export class PebbleProtocolError extends CharmError {
  readonly code = "ERR_PEBBLE_PROTOCOL";
  readonly outcome = "fail";
}

/** Every error this room throws; a `switch` on `code` is exhaustive. */
export type PebbleError =
  | PebbleUnreachableError
  | PebbleApiError
  | PebblePathError
  | PathTransferError
  | ChangeError
  | ChangeTimeoutError
  | ExecError
  | LayerError
  | PebbleProtocolError;

/** Every stable code this room throws. */
export type PebbleErrorCode = PebbleError["code"];
