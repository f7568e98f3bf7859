import { call, json, record } from "./api.ts";
import { awaitChange } from "./changes.ts";
import { formatDuration } from "./duration.ts";
import { ChangeError, ExecError, PebbleProtocolError } from "./errors.ts";
import type { PebbleTransport, PebbleWebSocket } from "./transport.ts";

/** How to run a command in the container. */
export interface ExecOptions {
  /** What the command reads; default nothing. */
  readonly stdin?: string | Uint8Array;
  /** On top of Pebble's own environment and that of `serviceContext`. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Must exist; default the service's, else the home directory. */
  readonly workingDir?: string;
  /** Service whose environment, user, group and working directory are used. */
  readonly serviceContext?: string;
  readonly userId?: number;
  readonly user?: string;
  readonly groupId?: number;
  readonly group?: string;
  /** Milliseconds until Pebble kills the command; default none. */
  readonly timeoutMs?: number;
  /** Standard error into standard output; default false. */
  readonly combineStderr?: boolean;
}

/** How a command ended. */
export interface ExecResult {
  /** 128 + N when signal N ended it. */
  readonly exitCode: number;
  readonly stdout: string;
  /** Empty with `combineStderr`. */
  readonly stderr: string;
}

/** A running command. */
export interface ExecProcess {
  readonly changeId: string;
  readonly taskId: string;
  /** Sends a signal, `SIGTERM` for example, to the command's process. */
  signal(name: string): void;
  /** Waits until it has ended. @throws {ChangeError} When it could not start or took longer than `timeoutMs`. */
  result(): Promise<ExecResult>;
}

const END = JSON.stringify({ command: "end" });

/**
 * Starts a command and gives it its input. No terminal.
 *
 * @throws {PebbleApiError} When there is no such executable, user, service or directory.
 */
export async function startExec(
  transport: PebbleTransport,
  command: readonly string[],
  options: ExecOptions = {},
): Promise<ExecProcess> {
  if (!transport.websocket) throw new TypeError("Cannot run a command: this transport has no websockets");
  const program = command[0] ?? "";
  const what = `run "${program}"`;
  const answer = await call(transport, {
    method: "POST",
    path: "/v1/exec",
    ...json(payload(command, options)),
    what,
  });
  const taskId = String(record(answer.result)["task-id"]);
  const open = (id: string) => transport.websocket!(`/v1/tasks/${taskId}/websocket/${id}`);
  const control = await open("control");
  const stdio = await open("stdio");
  const stderr = options.combineStderr ? undefined : await open("stderr");
  const output = Promise.all([drain(stdio), stderr ? drain(stderr) : "", discard(control)]);
  output.catch(() => undefined); // reported by result()
  if (options.stdin !== undefined) stdio.send(binary(options.stdin));
  stdio.send(END);
  return {
    changeId: answer.change,
    taskId,
    signal: (name) => control.send(JSON.stringify({ command: "signal", signal: { name } })),
    result: () => finish(transport, answer.change, output, [stdio, stderr, control]),
  };
}

function payload(command: readonly string[], options: ExecOptions): object {
  return {
    command,
    environment: options.environment,
    "working-dir": options.workingDir,
    "service-context": options.serviceContext,
    "user-id": options.userId,
    user: options.user,
    "group-id": options.groupId,
    group: options.group,
    timeout: options.timeoutMs === undefined ? undefined : formatDuration(options.timeoutMs),
    "split-stderr": !options.combineStderr,
  };
}

function binary(input: string | Uint8Array): Uint8Array {
  return typeof input === "string" ? new TextEncoder().encode(input) : input;
}

/** Reads a stream up to its `end` message. */
async function drain(socket: PebbleWebSocket): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const message of socket.messages) {
    if (typeof message !== "string") text += decoder.decode(message, { stream: true });
    else if (message.includes('"end"')) break;
  }
  return text + decoder.decode();
}

async function discard(socket: PebbleWebSocket): Promise<string> {
  for await (const _message of socket.messages); // Pebble sends nothing here; the end of it is awaited
  return "";
}

async function finish(
  transport: PebbleTransport,
  changeId: string,
  output: Promise<readonly [string, string, string]>,
  sockets: readonly (PebbleWebSocket | undefined)[],
): Promise<ExecResult> {
  try {
    const [stdout, stderr] = await output;
    const change = await awaitChange(transport, changeId, { timeoutMs: 30_000 });
    if (change.err !== undefined) throw new ChangeError(change);
    const exitCode = change.tasks[0]?.data?.["exit-code"];
    if (typeof exitCode !== "number") {
      throw new PebbleProtocolError(`Cannot read change ${changeId}: its task must have an exit code`);
    }
    return { exitCode, stdout, stderr };
  } finally {
    for (const socket of sockets) socket?.close();
  }
}

/**
 * Runs a command to its end.
 *
 * @throws {ExecError} `ERR_PEBBLE_EXEC` when its exit code is not 0.
 * @throws {ChangeError} `ERR_PEBBLE_CHANGE` when it could not start or took longer than `timeoutMs`.
 */
export async function exec(
  transport: PebbleTransport,
  command: readonly string[],
  options: ExecOptions = {},
): Promise<ExecResult> {
  const started = await startExec(transport, command, options);
  const result = await started.result();
  if (result.exitCode !== 0) throw new ExecError({ program: command[0] ?? "", ...result });
  return result;
}
