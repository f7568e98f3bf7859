import { stat } from "node:fs/promises";
import { constants, userInfo } from "node:os";
import type { Readable, Writable } from "node:stream";
import { formatDuration } from "../duration.ts";
import type { PebbleWebSocket } from "../transport.ts";
import type { NewTask, TaskControl } from "./changes.ts";
import { type Child, startChild } from "./child.ts";
import { type PebbleClock, sleep } from "./clock.ts";
import { type Container, processEnvironment, type Surroundings } from "./environment.ts";
import type { ProcessGroup } from "./process-group.ts";
import { startOnTerminal, type TerminalSetup } from "./terminal.ts";

export type SocketName = "control" | "stdio" | "stderr";

/** What to run, already checked. */
export interface ExecSetup {
  readonly command: readonly string[];
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
  /** As the container writes it. */
  readonly workingDir: string;
  /** On the machine. */
  readonly hostDir: string;
  /** 0: none. */
  readonly timeoutMs: number;
  readonly splitStderr: boolean;
  /** Its output, and if interactive its input, goes through a terminal; undefined: pipes. */
  readonly terminal: TerminalSetup | undefined;
}

/** A websocket as the server has it. */
export interface ServerSocket extends PebbleWebSocket {
  /** Fulfilled when the connection broke off instead of being closed. */
  readonly lost?: Promise<void>;
}

export interface ExecHost {
  readonly clock: PebbleClock;
  readonly container: Container;
  /** Fires when Pebble ends. */
  readonly closing: AbortSignal;
  started(name: string, group: ProcessGroup): void;
  exited(name: string, group: ProcessGroup): void;
}

const CONNECT_TIMEOUT_MS = 5000;
const DRAIN_MS = 1000;
const END = JSON.stringify({ command: "end" });

/** Environment of a command: defaults as Pebble fills them in. */
export function execEnvironment(container: Container, asked: Surroundings): Record<string, string> {
  const environment = processEnvironment(container, asked.environment);
  return {
    ...environment,
    HOME: environment["HOME"] || "/",
    USER: environment["USER"] || userInfo().username,
    LANG: environment["LANG"] ?? "C.UTF-8",
  };
}

/**
 * Where a command runs: the directory asked for, else the home directory, else the root.
 *
 * @throws {Error} When it does not exist or is none.
 */
export async function execDirectory(
  container: Container,
  asked: string | undefined,
  home: string,
): Promise<{ readonly workingDir: string; readonly hostDir: string }> {
  const workingDir = asked || home || "/";
  const what = asked ? "working directory" : "home directory";
  const { host, exists } = await container.root.resolve(workingDir);
  if (!exists) throw new Error(`${what} "${workingDir}" does not exist`);
  if (!(await stat(host)).isDirectory()) throw new Error(`${what} "${workingDir}" not a directory`);
  return { workingDir, hostDir: host };
}

/** Commands that run or wait for their websockets. */
export class Executions {
  readonly #host: ExecHost;
  readonly #waiting = new Map<string, Execution>();

  constructor(host: ExecHost) {
    this.#host = host;
  }

  /** The task that runs the command once its websockets are connected. */
  task(setup: ExecSetup, onId: (taskId: string) => void): NewTask {
    const summary = `Execute command "${setup.command[0]}"`;
    const execution = new Execution(setup);
    const run = async (control: TaskControl) => {
      try {
        await this.#run(execution, control);
      } finally {
        this.#waiting.delete(control.id);
        execution.closeAll();
      }
    };
    const prepare = (id: string) => {
      this.#waiting.set(id, execution);
      onId(id);
    };
    return { kind: "exec", summary, lane: 0, waitsFor: [], run, prepare };
  }

  /** Why a websocket cannot be connected, or undefined when it can. */
  refuse(taskId: string, name: string): { readonly status: number; readonly message: string } | undefined {
    const execution = this.#waiting.get(taskId);
    if (!execution?.has(name)) {
      return { status: 404, message: `cannot find ${name} websocket for task "${taskId}"` };
    }
    return execution.connected(name)
      ? { status: 500, message: `${name} websocket already connected` }
      : undefined;
  }

  /** Hands a websocket over; `refuse` must have been asked. */
  connect(taskId: string, name: SocketName, socket: ServerSocket): void {
    this.#waiting.get(taskId)?.connect(name, socket);
  }

  async #run(execution: Execution, control: TaskControl): Promise<void> {
    await this.#connected(execution, control);
    const { setup } = execution;
    let child: Child;
    try {
      child = await startCommand(setup);
    } catch (error) {
      await execution.endOutput();
      control.setData({ "exit-code": -1 });
      throw error;
    }
    this.#host.started(setup.command[0]!, child.group);
    try {
      await this.#finish(execution, child, control);
    } finally {
      this.#host.exited(setup.command[0]!, child.group);
    }
  }

  async #connected(execution: Execution, control: TaskControl): Promise<void> {
    const done = new AbortController();
    const stop = AbortSignal.any([done.signal, control.signal, this.#host.closing]);
    const over = sleep(this.#host.clock, CONNECT_TIMEOUT_MS, stop);
    const first = await Promise.race([execution.ready.then(() => "ready"), over]);
    done.abort();
    if (first === "ready") return;
    control.signal.throwIfAborted();
    throw new Error(
      `exec ${control.id}: timeout waiting for websocket connections: context deadline exceeded`,
    );
  }

  async #finish(execution: Execution, child: Child, control: TaskControl): Promise<void> {
    const { timeoutMs } = execution.setup;
    const kill = () => child.signalGroup("SIGKILL");
    const stop = AbortSignal.any([control.signal, this.#host.closing]);
    stop.addEventListener("abort", kill);
    if (stop.aborted) kill();
    const done = new AbortController();
    let late = false;
    if (timeoutMs > 0) {
      void sleep(this.#host.clock, timeoutMs, done.signal).then((elapsed) => {
        late = elapsed;
        if (elapsed) kill();
      });
    }
    const code = await execution.attach(child);
    done.abort();
    stop.removeEventListener("abort", kill);
    control.setData({ "exit-code": late ? -1 : code });
    if (late) throw new Error(`timed out after ${formatDuration(timeoutMs)}: context deadline exceeded`);
  }
}

/** One command and its websockets. */
class Execution {
  readonly setup: ExecSetup;
  readonly #sockets = new Map<string, PebbleWebSocket>();
  readonly #names: readonly SocketName[];
  readonly #ready = Promise.withResolvers<void>();
  readonly #control = Promise.withResolvers<ServerSocket>();

  constructor(setup: ExecSetup) {
    this.setup = setup;
    this.#names = setup.splitStderr ? ["control", "stdio", "stderr"] : ["control", "stdio"];
  }

  /** Resolves when input and output are connected. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  has(name: string): name is SocketName {
    return (this.#names as readonly string[]).includes(name);
  }

  connected(name: string): boolean {
    return this.#sockets.has(name);
  }

  connect(name: SocketName, socket: ServerSocket): void {
    this.#sockets.set(name, socket);
    if (name === "control") this.#control.resolve(socket);
    else if (this.#names.every((one) => one === "control" || this.#sockets.has(one))) this.#ready.resolve();
  }

  /** Connects the process to its websockets; its exit code once all output was sent. */
  async attach(child: Child): Promise<number> {
    const stdio = this.#sockets.get("stdio")!;
    void forwardInput(stdio, child.stdin!);
    void this.#control.promise.then((socket) => {
      void socket.lost?.then(() => child.signal("SIGKILL"));
      return obey(socket, child);
    });
    const outputs = [
      forward(child.stdout, stdio),
      forward(child.stderr, this.setup.splitStderr ? this.#sockets.get("stderr")! : stdio),
    ];
    const code = await child.exited;
    await Promise.all(outputs);
    await this.endOutput();
    return code;
  }

  /** Tells the client that no more output comes. */
  async endOutput(): Promise<void> {
    this.#sockets.get("stdio")?.send(END);
    this.#sockets.get("stderr")?.send(END);
    this.#sockets.get("control")?.close();
  }

  closeAll(): void {
    for (const socket of this.#sockets.values()) socket.close();
  }
}

async function forwardInput(socket: PebbleWebSocket, stdin: Writable): Promise<void> {
  for await (const message of socket.messages) {
    if (typeof message === "string") break;
    if (!stdin.write(message) && !stdin.destroyed) await drained(stdin);
  }
  stdin.end();
}

function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    stream.once("drain", resolve);
    stream.once("close", resolve);
  });
}

async function forward(output: Readable, socket: PebbleWebSocket): Promise<void> {
  await new Promise<void>((resolve) => {
    output.on("data", (chunk: Uint8Array) => socket.send(chunk));
    output.once("close", resolve);
  });
}

function startCommand(setup: ExecSetup): Promise<Child> {
  const { command: argv, environment, hostDir: workingDir } = setup;
  const options = { file: setup.file, argv, environment, workingDir, stdin: true, drainMs: DRAIN_MS };
  return setup.terminal
    ? startOnTerminal(options, setup.terminal, { splitStderr: setup.splitStderr })
    : startChild(options);
}

/** Carries out what the control websocket says; what is not understood is left alone, as Pebble does. */
async function obey(socket: PebbleWebSocket, child: Child): Promise<void> {
  for await (const message of socket.messages) {
    const { command, signal, resize } = controlMessage(message);
    const name = command === "signal" ? String(signal?.name) : "";
    if (Object.hasOwn(constants.signals, name)) child.signal(name as NodeJS.Signals);
    if (command === "resize") child.resize?.(Number(resize?.width), Number(resize?.height));
  }
}

interface ControlMessage {
  readonly command?: unknown;
  readonly signal?: { readonly name?: unknown };
  readonly resize?: { readonly width?: unknown; readonly height?: unknown };
}

function controlMessage(message: string | Uint8Array): ControlMessage {
  try {
    const text = typeof message === "string" ? message : new TextDecoder().decode(message);
    return (JSON.parse(text) as ControlMessage | null) ?? {};
  } catch {
    return {}; // not JSON: ignored
  }
}
