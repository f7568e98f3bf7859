import { spawn } from "node:child_process";

/** A process of a unit. */
export interface UnitProcess {
  /** Absolute path, or a name on the PATH of `env`. */
  readonly file: string;
  readonly args?: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Default: closed. */
  readonly stdin?: string;
  /** Whole lines as they come, 4096 bytes at most. */
  readonly onLine?: (stream: "stdout" | "stderr", line: string) => void;
  /** Told the process id, which is also that of its group, and when it is gone. */
  readonly onProcess?: (pid: number, event: "started" | "ended") => void;
  /** Kills the group. */
  readonly signal?: AbortSignal;
}

/** How it ended. */
export interface UnitProcessResult {
  /** -1 when a signal ended it. */
  readonly exitCode: number;
  readonly signal?: NodeJS.Signals;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** Juju splits longer lines into several records. */
const MAX_LINE_BYTES = 4096;
/** Milliseconds that output may still come after the process has ended: a child may hold the pipes open. */
const DRAIN_MS = 100;
/** Output kept for the results of an action, in bytes a stream. */
const MAX_KEPT = 1024 * 1024;

/**
 * Runs a hook, an action or a command, with no time limit, in a process group of its own.
 *
 * @throws The system's error when the program cannot be started: `ENOENT`, `EACCES`.
 */
export function runUnitProcess(o: UnitProcess): Promise<UnitProcessResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(o.file, [...(o.args ?? [])], {
      cwd: o.cwd,
      env: { ...o.env },
      detached: true,
      stdio: [o.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    child.once("error", reject);
    child.once("spawn", () => {
      const pid = child.pid as number;
      child.removeListener("error", reject);
      child.on("error", (error) => o.onLine?.("stderr", error.message));
      o.onProcess?.(pid, "started");
      const kill = (): void => killGroup(pid);
      if (o.signal?.aborted) kill();
      o.signal?.addEventListener("abort", kill, { once: true });
      const streams = { stdout: collect("stdout", o.onLine), stderr: collect("stderr", o.onLine) };
      child.stdout?.on("data", streams.stdout.push);
      child.stderr?.on("data", streams.stderr.push);
      child.stdin?.on("error", () => undefined); // A command need not read what it was given.
      child.stdin?.end(o.stdin);
      child.once("exit", (code, signal) => {
        o.signal?.removeEventListener("abort", kill);
        afterDrain(child, () => {
          o.onProcess?.(pid, "ended");
          const result = { stdout: streams.stdout.end(), stderr: streams.stderr.end() };
          resolve({ exitCode: code ?? -1, ...(signal ? { signal } : {}), ...result });
        });
      });
    });
  });
}

/** Waits for the pipes, but not for a background child that keeps them open. */
function afterDrain(child: ReturnType<typeof spawn>, done: () => void): void {
  const timer = setTimeout(() => {
    child.stdout?.destroy();
    child.stderr?.destroy();
  }, DRAIN_MS);
  child.once("close", () => {
    clearTimeout(timer);
    done();
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Keeps output, and cuts it into lines on the way. */
function collect(name: "stdout" | "stderr", onLine: UnitProcess["onLine"]) {
  const kept: Buffer[] = [];
  let size = 0;
  let rest = Buffer.alloc(0);
  const emit = (line: Buffer): void => {
    for (let at = 0; at === 0 || at < line.length; at += MAX_LINE_BYTES) {
      onLine?.(name, line.subarray(at, at + MAX_LINE_BYTES).toString("utf8"));
    }
  };
  return {
    push(chunk: Buffer): void {
      if (size < MAX_KEPT) kept.push(chunk.subarray(0, MAX_KEPT - size));
      size += chunk.length;
      rest = Buffer.concat([rest, chunk]);
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
        emit(rest.subarray(0, end));
        rest = rest.subarray(end + 1);
      }
      if (rest.length >= MAX_LINE_BYTES) {
        emit(rest.subarray(0, MAX_LINE_BYTES));
        rest = rest.subarray(MAX_LINE_BYTES);
      }
    },
    end(): Buffer {
      if (rest.length > 0) emit(rest);
      return Buffer.concat(kept);
    },
  };
}
