import { rmSync } from "node:fs";
import type { AgentReply, AgentRequest } from "../../hook/agent-socket/server.ts";
import { serveAgentSocket } from "../../hook/agent-socket/server.ts";
import type { HookResult, HookRun } from "../../model/index.ts";
import type { ContainerHost } from "./container-host.ts";
import { type FoundHandler, findHandler } from "./find-handler.ts";
import { runUnitProcess, type UnitProcess } from "./spawn.ts";
import type { UnitDir } from "./unit-dir.ts";

/** Milliseconds that a background child of a hook may keep the agent's connection open. */
const CLOSE_LIMIT = 5_000;

export interface UnitOptions {
  readonly name: string;
  readonly dir: UnitDir;
  readonly commands: readonly string[];
  /** Variables beside those of the run. */
  readonly variables: Readonly<Record<string, string>>;
  readonly onLine: (run: HookRun, stream: "stdout" | "stderr", line: string) => void;
  readonly onProcess: (pid: number, event: "started" | "ended") => void;
  readonly onFault: (error: unknown) => void;
}

/** One unit: its charm's processes and its containers. */
export class UnitHost {
  readonly name: string;
  readonly dir: UnitDir;
  readonly containers = new Map<string, ContainerHost>();
  readonly #options: UnitOptions;
  #kill: AbortController | undefined;
  /** Ends when the hook that runs has ended. */
  #running: Promise<void> = Promise.resolve();

  constructor(options: UnitOptions) {
    this.name = options.name;
    this.dir = options.dir;
    this.#options = options;
  }

  /**
   * Runs one hook, action or command, and ends the run with what came of it.
   *
   * @param committed Called when the run has been finished, before the agent's socket goes.
   */
  run(run: HookRun, committed: () => void): Promise<void> {
    this.#running = this.#run(run, committed);
    return this.#running;
  }

  /** Kills what runs. */
  kill(): void {
    this.#kill?.abort();
  }

  /** Kills what runs, stops the containers, and waits for both. */
  async stop(): Promise<void> {
    this.kill();
    await this.#running.catch(this.#options.onFault);
    await this.stopContainers();
  }

  async stopContainers(): Promise<void> {
    const containers = [...this.containers.values()];
    this.containers.clear();
    await Promise.all(containers.map((container) => container.stop()));
  }

  async #run(run: HookRun, committed: () => void): Promise<void> {
    const socket = await serveAgentSocket({
      path: this.dir.agentSocket,
      contextId: run.environment["JUJU_CONTEXT_ID"] ?? "",
      commands: this.#options.commands,
      handle: (request) => answer(run, request),
      onError: this.#options.onFault,
    });
    this.#kill = new AbortController();
    try {
      run.finish(await this.#execute(run, this.#kill.signal));
    } finally {
      this.#kill = undefined;
      committed();
      await socket.close({ limitMs: CLOSE_LIMIT });
      rmSync(this.dir.agentSocket, { force: true });
    }
  }

  async #execute(run: HookRun, signal: AbortSignal): Promise<HookResult> {
    const shared = {
      cwd: this.dir.charmDir,
      env: { ...run.environment, ...this.#options.variables },
      onProcess: this.#options.onProcess,
      signal,
    };
    try {
      if (run.command !== undefined) {
        return await result({ ...shared, file: "/bin/bash", args: ["-s"], stdin: `${run.command}\n` });
      }
      const handler = findHandler(this.dir.charmDir, run.dispatchPath ?? "");
      if (!handler) return { exitCode: 0, missing: true };
      return await result({ ...shared, ...this.#handled(run, handler) });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#options.onLine(run, "stderr", message);
      return { exitCode: 126, stderr: `${message}\n` };
    }
  }

  #handled(run: HookRun, handler: FoundHandler): Pick<UnitProcess, "file" | "onLine"> {
    return { file: handler.file, onLine: (stream, line) => this.#options.onLine(run, stream, line) };
  }
}

async function result(process: UnitProcess): Promise<HookResult> {
  const { exitCode, signal, stdout, stderr } = await runUnitProcess(process);
  return { exitCode, ...(signal ? { signal } : {}), stdout, stderr };
}

function answer(run: HookRun, request: AgentRequest): AgentReply {
  const { command, args, stdin, dir } = request;
  const reply = run.context.run(command, args, stdin, { dir });
  if (reply.needsStdin) return "needs stdin";
  return reply.refused === undefined ? reply : { error: reply.refused }; // Whole: it makes its bytes when they are read.
}
