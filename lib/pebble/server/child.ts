import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import type { Readable, Writable } from "node:stream";
import { systemErrorText } from "./go-errors.ts";
import { type ProcessGroup, processStartTime, signalGroup } from "./process-group.ts";

/** What to run. */
export interface ChildOptions {
  /** File to run. */
  readonly file: string;
  /** Words, the first as the program sees its own name. */
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDir: string;
  /** Default: no input. */
  readonly stdin?: boolean;
  /** A pipe that the process reads as descriptor 3; default none. */
  readonly control?: boolean;
  /** Milliseconds after the exit in which output may still come; then the pipes are closed. */
  readonly drainMs: number;
}

/** A started process, leader of its own process group. */
export interface Child {
  readonly group: ProcessGroup;
  readonly stdin: Writable | null;
  readonly control: Writable | null;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Exit code, 128 + N for signal N, once it has exited and its output was read. */
  readonly exited: Promise<number>;
  /** Signals the process alone. */
  signal(signal: NodeJS.Signals): void;
  /** Signals all of its group. */
  signalGroup(signal: NodeJS.Signals): void;
  /** Tells its terminal's size, in columns and rows; absent without a terminal. */
  resize?(width: number, height: number): void;
}

/**
 * Starts a process in a group of its own.
 *
 * @throws {Error} In Go's words when it cannot be started.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const [argv0, ...args] = options.argv;
  const child = spawn(options.file, args, {
    argv0: argv0!,
    cwd: options.workingDir,
    env: options.environment,
    detached: true,
    stdio: [options.stdin ? "pipe" : "ignore", "pipe", "pipe", ...(options.control ? ["pipe" as const] : [])],
  });
  const exited = exitOf(child, options.drainMs);
  await started(child, argv0!);
  const pid = child.pid!;
  const { stdin, stdout, stderr } = child;
  const control = (child.stdio[3] as Writable | undefined) ?? null;
  for (const input of [stdin, control]) input?.on("error", () => input.destroy()); // the program closed it
  return {
    group: { pid, startTime: processStartTime(pid) ?? "" },
    stdin,
    control,
    stdout: stdout!,
    stderr: stderr!,
    exited,
    signal: (signal) => void child.kill(signal),
    signalGroup: (signal) => void signalGroup(pid, signal),
  };
}

function started(child: ChildProcess, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("spawn", () => {
      child.on("error", () => undefined); // a signal that could not be sent: the process is gone
      resolve();
    });
    child.once("error", (cause) => {
      reject(new Error(`fork/exec ${name}: ${systemErrorText(cause)}`, { cause }));
    });
  });
}

function exitOf(child: ChildProcess, drainMs: number): Promise<number> {
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => {
      const result = code ?? 128 + constants.signals[signal!];
      const timer = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, drainMs);
      child.once("close", () => {
        clearTimeout(timer);
        resolve(result);
      });
    });
  });
}
