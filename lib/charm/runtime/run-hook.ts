/**
 * One run of a charm: read, handle, write, report.
 *
 * @module
 */

import { type HookCommands, hookCommands } from "../../hook/hook-commands.ts";
import type { Context } from "../context.ts";
import { type CharmContract, type CharmProgram, handlersOf } from "../contract.ts";
import { type Status, worst } from "../status.ts";
import { statusOf, unreachableStatus } from "../status-of.ts";
import { type ConfigView, configView } from "./config.ts";
import { contextView } from "./context-view.ts";
import { type AnyEvent, type Invocation, readEnvironment } from "./environment.ts";
import type { Host } from "./host.ts";
import { LogBuffer } from "./log-buffer.ts";
import { Outbox } from "./outbox.ts";
import { Redactor } from "./redactor.ts";
import { publishedOf } from "./relation-views.ts";
import { runAction } from "./run-action.ts";
import { readSnapshot, type Snapshot } from "./snapshot.ts";
import { sourceStack } from "./source-stack.ts";

/** How a run ended. */
export interface HookOutcome {
  /** 0, or 1: Juju undoes what the hook wrote and runs it again. */
  readonly exitCode: 0 | 1;
  /** What was reported; absent for actions, `stop`, `remove` and failures. */
  readonly status?: Status;
}

/** Everything one run works with. */
export interface Run {
  readonly contract: CharmContract;
  readonly program: CharmProgram;
  readonly invocation: Invocation;
  readonly juju: HookCommands;
  readonly logs: LogBuffer;
  readonly redactor: Redactor;
}

/**
 * Runs one hook or action.
 *
 * Never rejects: a failure is logged as `ERROR` with its stack, without secret values the hook has seen, and
 * ends with exit code 1.
 */
export async function runHook(program: CharmProgram, host: Host): Promise<HookOutcome> {
  const juju = hookCommands(host.hooks);
  const redactor = new Redactor();
  const logs = new LogBuffer(redactor);
  try {
    const invocation = readEnvironment(host.env);
    const run = { contract: program.contract, program, invocation, juju, logs, redactor };
    const outcome = await handle(run, host);
    for (const line of host.debug ?? []) logs.add("DEBUG", line);
    await logs.flush(juju);
    return outcome;
  } catch (error) {
    await reportFailure(error, { juju, logs, redactor }, host.stderr ?? writeStderr);
    return { exitCode: 1 };
  }
}

/** Hooks in which Juju allows next to nothing. */
const RESTRICTED = ["collect-metrics", "meter-status-changed"];

async function handle(run: Run, host: Host): Promise<HookOutcome> {
  const kind = run.invocation.run;
  if (kind.kind === "hook" && RESTRICTED.includes(kind.event.name)) return { exitCode: 0 };
  const snapshot = await readSnapshot(run.contract, run.invocation, run.juju);
  const config = configView(run.contract, snapshot.config);
  const outbox = new Outbox();
  const unreachable = new Set<string>();
  const context = contextView({
    ...run,
    host,
    snapshot,
    config,
    outbox,
    log: run.logs.log,
    unreachable: (container) => unreachable.add(container),
  });
  const send = () => sendAll(run, outbox, snapshot);
  if (kind.kind === "action") return await runAction(run, kind.name, context, send);
  const reached = { run, event: kind.event, context, config, unreachable, send };
  return await handleEvent(reached);
}

async function sendAll(run: Run, outbox: Outbox, snapshot: Snapshot): Promise<void> {
  const relations = [...snapshot.relations.values()].flat();
  await outbox.send(run.juju, (id) => publishedOf(relations.find((relation) => relation.id === id)));
}

interface Reached {
  readonly run: Run;
  readonly event: AnyEvent;
  readonly context: Context<CharmContract>;
  readonly config: ConfigView;
  readonly unreachable: ReadonlySet<string>;
  readonly send: () => Promise<void>;
}

/** A unit that ends is not made right again, and says nothing of how it is. */
const ENDING = ["stop", "remove"];

async function handleEvent(reached: Reached): Promise<HookOutcome> {
  const { run, event, send } = reached;
  const statuses = await handlersStatus(reached);
  if ("thrown" in statuses) return await report(run, [statuses.thrown]);
  await send();
  if (ENDING.includes(event.name)) return { exitCode: 0 };
  return await report(run, [...statuses.own, ...frameworkStatuses(reached)]);
}

/** Runs the event's handler, then `reconcile`; an expected failure becomes a status, and nothing is sent. */
async function handlersStatus(reached: Reached): Promise<{ own: readonly Status[] } | { thrown: Status }> {
  const { run, event, context, config } = reached;
  const handlers = handlersOf(run.program);
  const on = handlers.on as
    | Readonly<Record<string, ((ctx: unknown, event: AnyEvent) => unknown) | undefined>>
    | undefined;
  try {
    await on?.[event.name]?.(context, event);
    if (ENDING.includes(event.name) || config.faults.length > 0) return { own: [] };
    return { own: [await handlers.reconcile(context)] };
  } catch (error) {
    const status = statusOf(error);
    if (status === undefined) throw error;
    run.logs.add("WARNING", error instanceof Error ? error.message : String(error));
    return { thrown: worst([status, ...frameworkStatuses(reached)]) };
  }
}

function frameworkStatuses({ config, unreachable }: Reached): readonly Status[] {
  return [...config.faults, ...[...unreachable].map(unreachableStatus)];
}

async function report(run: Run, statuses: readonly Status[]): Promise<HookOutcome> {
  const status = worst(statuses);
  await run.logs.flush(run.juju);
  await run.juju.statusSet({ status: status.name, message: run.redactor.clean(status.message) });
  return { exitCode: 0, status };
}

type Reporting = Pick<Run, "juju" | "logs" | "redactor">;

/** Says why in Juju's log; where that is out of reach, on standard error, which the agent logs too. */
async function reportFailure(
  error: unknown,
  { juju, logs, redactor }: Reporting,
  stderr: (text: string) => void,
): Promise<void> {
  const text = error instanceof Error ? causes(error) : String(error);
  logs.add("ERROR", text);
  try {
    await logs.flush(juju);
  } catch {
    stderr(`${redactor.clean(text)}\n`);
  }
}

function writeStderr(text: string): void {
  process.stderr.write(text);
}

function causes(error: Error): string {
  const text = sourceStack(error.stack ?? error.message);
  return error.cause instanceof Error ? `${text}\nCaused by: ${causes(error.cause)}` : text;
}
