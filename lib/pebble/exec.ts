import { call, json, record } from "./api.ts";
import { awaitChange } from "./changes.ts";
import { formatDuration } from "./duration.ts";
import {
  ChangeError,
  ChangeTimeoutError,
  ExecError,
  PebbleProtocolError,
  PebbleUnreachableError,
} from "./errors.ts";
import type { PebbleTransport, PebbleWebSocket } from "./transport.ts";

/** How to run a command in the container. */
export interface ExecOptions {
  /** What the command reads; default nothing. Pieces of an iteration are sent as they come, text as UTF-8. */
  readonly stdin?: ExecInput;
  /** Takes the output piece by piece, as bytes; the result's `stdout` is then empty. */
  readonly onStdout?: OutputListener;
  /** Takes standard error piece by piece, as bytes; the result's `stderr` is then empty. */
  readonly onStderr?: OutputListener;
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
  /** Standard error into standard output; default false, with a terminal true. */
  readonly combineStderr?: boolean;
  /** Gives the command a terminal for its output, of this size; default none. */
  readonly terminal?: TerminalSize;
  /** Input comes through the terminal too, so that its keys work (`\x03`); needs `terminal`. Default false. */
  readonly interactive?: boolean;
}

/** Text, bytes, or pieces of them: a generator, a Node.js stream, a web stream. */
export type ExecInput = string | Uint8Array | AsyncIterable<string | Uint8Array>;

/** Told each piece of output in order; if it returns a promise the next piece waits for it. */
export type OutputListener = (chunk: Uint8Array) => unknown;

/** Columns and rows; 0 leaves a terminal as it is made. */
export interface TerminalSize {
  readonly width: number;
  readonly height: number;
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
  /** Tells the terminal's new size; without a terminal nothing happens. */
  resize(size: TerminalSize): void;
  /**
   * Waits until it has ended.
   *
   * @throws {ChangeError} `ERR_PEBBLE_CHANGE` when it could not start or took longer than `timeoutMs`.
   * @throws {PebbleUnreachableError} `ERR_PEBBLE_UNREACHABLE` when the connection was lost before its output ended.
   */
  result(): Promise<ExecResult>;
}

const END = JSON.stringify({ command: "end" });

/**
 * Starts a command and gives it its input.
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
  const { control, stdio, stderr } = await openSockets(transport, taskId, splitsStderr(options));
  const output = Promise.all([
    drain(stdio, options.onStdout),
    stderr ? drain(stderr, options.onStderr) : "",
    discard(control),
  ]);
  const input = feed(stdio, options.stdin);
  for (const running of [output, input]) running.catch(() => undefined); // reported by result()
  const tell = (message: object) => void control.send(JSON.stringify(message));
  return {
    changeId: answer.change,
    taskId,
    signal: (name) => tell({ command: "signal", signal: { name } }),
    resize: ({ width, height }) => tell({ command: "resize", resize: { width, height } }),
    result: () => finish(transport, answer.change, { output, input, sockets: [stdio, stderr, control] }),
  };
}

interface Sockets {
  readonly control: PebbleWebSocket;
  readonly stdio: PebbleWebSocket;
  readonly stderr: PebbleWebSocket | undefined;
}

/** All of a task's websockets, or none: an open one would keep the process alive after its hook. */
async function openSockets(transport: PebbleTransport, taskId: string, split: boolean): Promise<Sockets> {
  const opened: PebbleWebSocket[] = [];
  const open = async (id: string): Promise<PebbleWebSocket> => {
    const socket = await transport.websocket!(`/v1/tasks/${taskId}/websocket/${id}`);
    opened.push(socket);
    return socket;
  };
  try {
    const control = await open("control");
    const stdio = await open("stdio");
    return { control, stdio, stderr: split ? await open("stderr") : undefined };
  } catch (error) {
    for (const socket of opened) socket.close();
    throw error;
  }
}

function splitsStderr(options: ExecOptions): boolean {
  return !(options.combineStderr ?? options.terminal !== undefined);
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
    "split-stderr": splitsStderr(options),
    terminal: options.terminal !== undefined,
    interactive: options.interactive ?? false,
    width: options.terminal?.width,
    height: options.terminal?.height,
  };
}

/** Sends the input and its end. When the input itself fails, the command sees its end and `result()` rejects. */
async function feed(stdio: PebbleWebSocket, input: ExecInput = ""): Promise<void> {
  try {
    const pieces = typeof input === "string" || input instanceof Uint8Array ? [input] : input;
    for await (const piece of pieces) if (piece.length > 0) await stdio.send(binary(piece));
  } finally {
    await stdio.send(END);
  }
}

function binary(input: string | Uint8Array): Uint8Array {
  return typeof input === "string" ? new TextEncoder().encode(input) : input;
}

/** Thrown inside when a stream stops without its `end` message. */
class LostConnection extends Error {}

/** Reads a stream up to its `end` message; its text, or nothing when a listener takes it. */
async function drain(socket: PebbleWebSocket, listener?: OutputListener): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const message of socket.messages) {
    if (typeof message === "string") {
      if (message.includes('"end"')) return text + decoder.decode();
    } else if (listener) await listener(message);
    else text += decoder.decode(message, { stream: true });
  }
  throw new LostConnection("Cannot read output: the connection ended, must end with the command");
}

async function discard(socket: PebbleWebSocket): Promise<string> {
  for await (const _message of socket.messages); // Pebble sends nothing here; the end of it is awaited
  return "";
}

interface Running {
  readonly output: Promise<readonly [string, string, string]>;
  readonly input: Promise<void>;
  readonly sockets: readonly (PebbleWebSocket | undefined)[];
}

async function finish(transport: PebbleTransport, changeId: string, running: Running): Promise<ExecResult> {
  try {
    const output = await running.output.catch((error: unknown) => lost(transport, changeId, error));
    const change = await awaitChange(transport, changeId, { timeoutMs: 30_000 });
    if (change.err !== undefined) throw new ChangeError(change);
    const exitCode = change.tasks[0]?.data?.["exit-code"];
    if (typeof exitCode !== "number") {
      throw new PebbleProtocolError(`Cannot read change ${changeId}: its task must have an exit code`);
    }
    await Promise.race([running.input, Promise.resolve()]); // one that still waits for more is of no use now
    return { exitCode, stdout: output[0], stderr: output[1] };
  } finally {
    for (const socket of running.sockets) socket?.close();
  }
}

/** Milliseconds in which a change ends that had no output to end. */
const UNSTARTED_MS = 1000;

/** A command that never started has no output to end, and its change says why; all else is a lost connection. */
async function lost(transport: PebbleTransport, changeId: string, cause: unknown): Promise<never> {
  if (!(cause instanceof LostConnection)) throw cause;
  const change = await awaitChange(transport, changeId, { timeoutMs: UNSTARTED_MS }).catch(
    (error: unknown) => {
      if (error instanceof ChangeTimeoutError) return undefined;
      throw error;
    },
  );
  if (change?.err !== undefined) throw new ChangeError(change);
  throw new PebbleUnreachableError(`task of change ${changeId}`, { cause });
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
