import type { PebbleClient } from "../pebble/client.ts";
import type { ExecProcess, ExecOptions as PebbleExecOptions } from "../pebble/exec.ts";
import type { MakeDirOptions, WriteOptions } from "../pebble/files.ts";
import type { CheckState, FileEntry } from "../pebble/types.ts";
import type { WorkloadPlan } from "./workload.ts";

/** What an `apply` changed. */
export interface Applied {
  /** Paths of files that were written or removed, sorted. */
  readonly files: readonly string[];
}

/** How a command runs in a container. */
export interface ExecOptions extends PebbleExecOptions {
  /** Milliseconds until it is ended; default 60 000. */
  readonly timeoutMs?: number;
}

/** What a command printed. */
export interface ExecOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A workload container, through its Pebble. Every method rejects with `PebbleUnreachableError` while Pebble
 * does not answer; escaping `reconcile`, that is reported as `waiting: <container>: waiting for Pebble`.
 */
export interface Container {
  readonly name: string;
  /** Whether Pebble answers; asked once per hook. */
  canConnect(): Promise<boolean>;
  /**
   * Makes files, services and checks as the plan says. Unchanged files are not written, an unchanged plan
   * restarts nothing; a service restarts when its definition or a file it reads has changed. May be killed at
   * any moment: the next call finishes the work.
   *
   * @throws {WorkloadError} `ERR_WORKLOAD`, waiting: a service does not stay up; Pebble keeps trying.
   */
  apply(plan: WorkloadPlan): Promise<Applied>;
  /** A path for plans, files and commands. */
  path(absolute: string): string;
  /**
   * Runs a command to its end.
   *
   * @throws {ExecError} `ERR_PEBBLE_EXEC` when it exits with another code than 0.
   */
  exec(command: readonly string[], options?: ExecOptions): Promise<ExecOutput>;
  /** Starts a command, to signal it, to give it a terminal, or to accept any exit code. */
  startExec(command: readonly string[], options?: ExecOptions): Promise<ExecProcess>;
  /** The text of a file, or `undefined` when there is none. */
  pull(path: string): Promise<string | undefined>;
  /** Writes a file; missing directories are made. */
  push(path: string, content: string | Uint8Array, options?: WriteOptions): Promise<void>;
  /**
   * Copies files and directories of the charm into a directory of the container: `/a/dir` as `dir`, `/a/dir/*` as what
   * is in it.
   *
   * @throws {PathTransferError} `ERR_PEBBLE_TRANSFER` with every path that failed; the others were copied.
   */
  pushPath(sources: string | readonly string[], directory: string): Promise<void>;
  /** Copies files and directories of the container into a directory of the charm, as `pushPath` does. */
  pullPath(sources: string | readonly string[], directory: string): Promise<void>;
  /** Whether there is anything at a path. */
  exists(path: string): Promise<boolean>;
  /** Whether a path is a directory. */
  isDirectory(path: string): Promise<boolean>;
  /** Entries of a directory in name order, those whose name fits a shell pattern (`*.conf`); empty when there is none. */
  files(path: string, options?: { readonly pattern?: string }): Promise<readonly FileEntry[]>;
  /** Makes a directory and its parents; one that is there stays as it is. */
  makeDir(path: string, options?: Omit<MakeDirOptions, "makeParents">): Promise<void>;
  /** Removes a file or, with everything in it, a directory; neither need exist. */
  remove(path: string): Promise<void>;
  /** Names in a directory, sorted; empty when there is none. */
  list(path: string): Promise<readonly string[]>;
  /** Sends a signal, `SIGHUP` for example, to the main process of running services. */
  signal(name: string, ...services: readonly string[]): Promise<void>;
  /** Checks by name, all without names; unknown ones are left out. */
  checks(...names: readonly string[]): Promise<readonly CheckState[]>;
  /** Starts services, or those of them that exist; one that runs goes on. */
  start(...services: readonly string[]): Promise<void>;
  /** Restarts services, or those of them that exist. */
  restart(...services: readonly string[]): Promise<void>;
  /** Stops services. */
  stop(...services: readonly string[]): Promise<void>;
  /** Whether a service is running. */
  running(service: string): Promise<boolean>;
  /** Everything else that Pebble can do. */
  readonly pebble: PebbleClient;
}
