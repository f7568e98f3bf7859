import { optionalDuration } from "./api-changes.ts";
import type { Daemon } from "./daemon.ts";
import { inContext, type Surroundings } from "./environment.ts";
import { type ExecSetup, execDirectory, execEnvironment } from "./exec.ts";
import { type ApiRequest, type ApiResponse, async, Refusal, readJson, textOf, textsOf } from "./respond.ts";
import { canMakeTerminals, isSize, type TerminalSetup } from "./terminal.ts";

/** POST /v1/exec */
export async function postExec(daemon: Daemon, request: ApiRequest): Promise<ApiResponse> {
  const payload = readJson(request, "request body");
  const command = textsOf(payload["command"]);
  if (command.length === 0) throw new Refusal(400, "must specify command");
  const timeoutMs = optionalDuration(textOf(payload["timeout"]), "timeout");
  const file = await lookUp(daemon, command[0]!);
  const context = textOf(payload["service-context"]);
  const asked = inContext(daemon.plan, context, surroundings(payload));
  if (!asked) throw new Refusal(400, `context service "${context}" not found`);
  const setup = await setUp(
    daemon,
    {
      command,
      file,
      timeoutMs,
      splitStderr: payload["split-stderr"] === true,
      terminal: terminalOf(payload),
    },
    asked,
  );
  let taskId = "";
  const task = daemon.executions.task(setup, (id) => {
    taskId = id;
  });
  const change = daemon.changes.start({ kind: "exec", summary: task.summary, tasks: [task] });
  return async(change, {
    environment: setup.environment,
    "task-id": taskId,
    "working-dir": setup.workingDir,
  });
}

async function lookUp(daemon: Daemon, word: string): Promise<string> {
  const { programs, environment } = daemon.container;
  try {
    return await programs.find(word, programs.searchPath(environment["PATH"]));
  } catch (cause) {
    throw new Refusal(400, `cannot find executable "${word}"`, undefined, { cause });
  }
}

function surroundings(payload: Record<string, unknown>): Surroundings {
  const environment = payload["environment"];
  const entries = typeof environment === "object" && environment !== null ? Object.entries(environment) : [];
  return {
    environment: Object.fromEntries(entries.map(([key, value]) => [key, String(value)])),
    "working-dir": textOf(payload["working-dir"]),
    user: textOf(payload["user"]),
    group: textOf(payload["group"]),
    ...(typeof payload["user-id"] === "number" && { "user-id": payload["user-id"] }),
    ...(typeof payload["group-id"] === "number" && { "group-id": payload["group-id"] }),
  };
}

function terminalOf(payload: Record<string, unknown>): TerminalSetup | undefined {
  const interactive = payload["interactive"] === true;
  if (payload["terminal"] !== true) {
    if (!interactive) return undefined;
    throw new Refusal(500, "cannot call exec: cannot use interactive mode without a terminal");
  }
  if (!canMakeTerminals())
    throw new Refusal(500, "cannot call exec: embedded Pebble needs python3 for a terminal");
  return { interactive, width: sizeOf(payload["width"]), height: sizeOf(payload["height"]) };
}

function sizeOf(value: unknown): number {
  return typeof value === "number" && isSize(value) ? value : 0;
}

type Checked = Omit<ExecSetup, "environment" | "workingDir" | "hostDir">;

async function setUp(daemon: Daemon, checked: Checked, asked: Surroundings): Promise<ExecSetup> {
  const environment = execEnvironment(daemon.container, asked);
  try {
    const directory = await execDirectory(daemon.container, asked["working-dir"], environment["HOME"]!);
    return { ...checked, environment, ...directory };
  } catch (cause) {
    throw new Refusal(500, `cannot call exec: ${(cause as Error).message}`, undefined, { cause });
  }
}
