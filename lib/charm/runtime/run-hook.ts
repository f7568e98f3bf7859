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
import { failedWith } from "./command-failure.ts";
import { type ConfigView, configView } from "./config.ts";
import { contextView } from "./context-view.ts";
import { type AnyEvent, type Invocation, readEnvironment } from "./environment.ts";
import type { Host } from "./host.ts";
import { isKnown } from "./known-events.ts";
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
    const handled = handle(run, host);
    const outcome = await (host.crashed === undefined ? handled : Promise.race([handled, host.crashed]));
    addOutside(logs, host);
    await logs.flush(juju);
    return outcome;
  } catch (error) {
    addOutside(logs, host);
    const action = (host.env["JUJU_DISPATCH_PATH"] ?? "").startsWith("actions/");
    await reportFailure(error, { juju, logs, redactor, action }, host.stderr ?? writeStderr);
    return { exitCode: 1 };
  }
}

/** Lines that arose outside the charm. */
function addOutside(logs: LogBuffer, { debug = [], warnings = [] }: Host): void {
  for (const line of debug) logs.add("DEBUG", line);
  for (const line of warnings) logs.add("WARNING", line);
}

/** Names of hooks that Juju 3.6 still knows and runs no more. */
const IGNORED = ["collect-metrics", "meter-status-changed"];

async function handle(run: Run, host: Host): Promise<HookOutcome> {
  const kind = run.invocation.run;
  if (kind.kind === "hook" && !isKnown(run.contract, kind.event.name)) {
    // After a rollback, an event that only the newer charm knew may still come: no reason to fail.
    if (!IGNORED.includes(kind.event.name))
      run.logs.add("DEBUG", `event not known to this charm: ${kind.event.name}`);
    return { exitCode: 0 };
  }
  const snapshot = await readSnapshot(run.contract, run.invocation, run.juju);
  const config = configView(run.contract, snapshot.config);
  const outbox = new Outbox(run.contract);
  const unreachable = new Set<string>();
  const { contract, invocation, juju, redactor, logs } = run;
  const context = contextView({
    contract,
    invocation,
    juju,
    redactor,
    log: logs.log,
    host,
    snapshot,
    config,
    outbox,
    unreachable: (container) => unreachable.add(container),
  });
  const send = () => sendAll(run, outbox, snapshot);
  if (kind.kind === "action") return await runAction(run, kind, context, send);
  const reached = { run, event: kind.event, context, config, unreachable, send };
  return await handleEvent(reached);
}

async function sendAll(run: Run, outbox: Outbox, snapshot: Snapshot): Promise<void> {
  await outbox.send(run.juju, (id, side) => publishedOf(snapshot.relations, id, side));
  if (outbox.appStatus !== undefined) await reportApp(run, outbox.appStatus);
}

/** A unit may have lost its leadership since it was asked; the next leader says what it finds. */
async function reportApp(run: Run, { name, message }: Status): Promise<void> {
  try {
    await run.juju.statusSet({ status: name, message: run.redactor.clean(message), application: true });
  } catch (error) {
    if (!failedWith(error, "not-leader")) throw error;
    run.logs.add("DEBUG", "the application's status was not reported: this unit leads no longer");
  }
}

interface Reached {
  readonly run: Run;
  readonly event: AnyEvent;
  readonly context: Context<CharmContract>;
  readonly config: ConfigView;
  readonly unreachable: ReadonlySet<string>;
  readonly send: () => Promise<void>;
}

/** A unit that ends, or whose machine is about to be upgraded, is not made right again, and says nothing of how it is. */
const ENDING = ["stop", "remove", "pre-series-upgrade"];

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

type Reporting = Pick<Run, "juju" | "logs" | "redactor"> & { readonly action: boolean };

/** Says why in Juju's log; where that is out of reach, on standard error, which the agent logs too. */
async function reportFailure(
  error: unknown,
  { juju, logs, redactor, action }: Reporting,
  stderr: (text: string) => void,
): Promise<void> {
  const text = error instanceof Error ? causes(error) : String(error);
  logs.add("ERROR", text);
  // Whoever ran the action sees its standard error, and not Juju's log.
  if (action) {
    const kind = error instanceof Error ? error.name : "error";
    const said = error instanceof Error ? error.message : String(error);
    stderr(redactor.clean(`Uncaught ${kind} in charm code: ${said.split("\n")[0]}\n`));
    stderr("Use `juju debug-log` to see the full stack.\n");
  }
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
