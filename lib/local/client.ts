import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { MethodName, ParamsOf, ProgressOf, ResultOf } from "./api.ts";
import { type ControlConnection, openConnection } from "./control/connection.ts";
import { EXIT_LOCKED, LocalError } from "./errors.ts";
import { createStateDir, type StateDir, stateDir } from "./state-dir.ts";

/** What to do beside waiting for the result. */
export interface CallOptions<M extends MethodName> {
  readonly onProgress?: (progress: ProgressOf<M>) => void;
  readonly signal?: AbortSignal;
}

/** A typed connection to the controller; calls may overlap. */
export interface LocalClient {
  readonly dir: StateDir;
  /**
   * Calls one method.
   *
   * @throws {LocalError} With Juju's text and exit code when the controller refuses;
   *   `ERR_CONTROLLER_UNREACHABLE` when it goes away.
   */
  call<M extends MethodName>(method: M, params: ParamsOf<M>, options?: CallOptions<M>): Promise<ResultOf<M>>;
  /** Closes the connection; the controller goes on. */
  close(): void;
}

export interface ConnectOptions {
  /** Default: `process.env`. Also the environment of a controller that is started. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Start the controller when none runs, and wait until it answers. Default true. */
  readonly start?: boolean;
  /** Milliseconds a started controller may take to answer. Default 30 000. */
  readonly startTimeoutMs?: number;
}

/**
 * Connects to the local controller.
 *
 * @throws {LocalError} `ERR_CONTROLLER_UNREACHABLE` when none runs and `start` is false;
 *   `ERR_CONTROLLER_START` when it ends instead of answering, with what it said.
 *
 * @example
 * ```ts
 * const client = await connect();
 * const { models } = await client.call("models", {});
 * client.close();
 * ```
 */
export async function connect(options: ConnectOptions = {}): Promise<LocalClient> {
  const env = options.env ?? process.env;
  const dir = stateDir(env);
  const running = await tryOpen(dir);
  if (running) return client(dir, running);
  if (options.start === false) {
    throw new LocalError(
      "ERR_CONTROLLER_UNREACHABLE",
      `Cannot reach the local controller: none runs for ${dir.state}`,
    );
  }
  createStateDir(dir);
  return client(dir, await startController(dir, env, options.startTimeoutMs ?? 30_000));
}

function client(dir: StateDir, connection: ControlConnection): LocalClient {
  const call = (method: string, params: unknown, options?: CallOptions<MethodName>) =>
    connection.call(method, params, options as Parameters<ControlConnection["call"]>[2]);
  return { dir, call: call as LocalClient["call"], close: () => connection.close() };
}

/** Only a controller that answers counts: one that was killed may take connections for a moment yet. */
async function tryOpen(dir: StateDir): Promise<ControlConnection | undefined> {
  let connection: ControlConnection | undefined;
  try {
    connection = await openConnection(dir.controlSocket);
    await connection.call("controller", {});
    return connection;
  } catch (error) {
    connection?.close();
    const { code = "" } = error as NodeJS.ErrnoException;
    if (NOT_THERE.has(code)) return undefined;
    throw error;
  }
}

const NOT_THERE = new Set(["ENOENT", "ECONNREFUSED", "ECONNRESET", "EPIPE", "ERR_CONTROLLER_UNREACHABLE"]);

/** A process that was started, and how it ended. */
interface Started {
  ended?: number | string;
}

/** Starts the process of its own session, so that closing the terminal does not end it. */
function spawnController(dir: StateDir, env: Readonly<Record<string, string | undefined>>): Started {
  const log = openSync(dir.logFile, "a", 0o600);
  const { path, flags } = controllerProgram();
  const child = spawn(process.execPath, [...flags, path], {
    cwd: "/",
    detached: true,
    env: { ...env },
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  const started: Started = {};
  child.once("error", (error) => {
    started.ended = error.message;
  });
  child.once("exit", (code, signal) => {
    started.ended = code ?? String(signal);
  });
  child.unref();
  return started;
}

async function startController(
  dir: StateDir,
  env: Readonly<Record<string, string | undefined>>,
  timeoutMs: number,
): Promise<ControlConnection> {
  const until = Date.now() + timeoutMs;
  let started = spawnController(dir, env);
  while (Date.now() < until) {
    const connection = await tryOpen(dir);
    if (connection) return connection;
    // Another client was quicker, and its controller will answer; or one is about to end, and makes room.
    if (started.ended === EXIT_LOCKED) started = spawnController(dir, env);
    else if (started.ended !== undefined) throw startFailed(dir, `exit code ${started.ended}`);
    await delay(20);
  }
  throw startFailed(dir, `no answer in ${timeoutMs} ms`);
}

function startFailed(dir: StateDir, what: string): LocalError {
  const said = readFileSync(dir.logFile, "utf8").trim().split("\n").slice(-5).join("\n");
  return new LocalError("ERR_CONTROLLER_START", `Cannot start the local controller: ${said || what}`);
}

function controllerProgram(): { path: string; flags: string[] } {
  const source = import.meta.url.endsWith(".ts");
  const path = fileURLToPath(new URL(`./controller/main.${source ? "ts" : "js"}`, import.meta.url));
  return {
    path,
    flags: ["--disable-warning=ExperimentalWarning", ...(source ? ["--conditions=charmed-iap:source"] : [])],
  };
}
