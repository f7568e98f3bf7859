import type { PebbleClient } from "../pebble/client.ts";
import type { WorkloadPlan } from "./workload.ts";

/** What an `apply` changed. */
export interface Applied {
  /** Paths of files that were written or removed, sorted. */
  readonly files: readonly string[];
}

/** How a command runs in a container. */
export interface ExecOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly workingDir?: string;
  readonly user?: string;
  /** Milliseconds until it is ended; default 60 000. */
  readonly timeoutMs?: number;
  readonly stdin?: string;
  /** Service whose environment and user it gets. */
  readonly serviceContext?: string;
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
  /** The text of a file, or `undefined` when there is none. */
  pull(path: string): Promise<string | undefined>;
  /** Writes a file; missing directories are made. */
  push(
    path: string,
    content: string | Uint8Array,
    options?: { readonly permissions?: string },
  ): Promise<void>;
  /** Removes a file or, with everything in it, a directory; neither need exist. */
  remove(path: string): Promise<void>;
  /** Names in a directory, sorted; empty when there is none. */
  list(path: string): Promise<readonly string[]>;
  /** Restarts services, or those of them that exist. */
  restart(...services: readonly string[]): Promise<void>;
  /** Stops services. */
  stop(...services: readonly string[]): Promise<void>;
  /** Whether a service is running. */
  running(service: string): Promise<boolean>;
  /** Everything else that Pebble can do. */
  readonly pebble: PebbleClient;
}
