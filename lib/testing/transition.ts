import type { CharmContract, CharmProgram } from "../charm/contract.ts";
import { runHook } from "../charm/runtime/run-hook.ts";
import { inProcess } from "../hook/in-process.ts";
import { FlushError } from "../model/hook-context/errors.ts";
import { HookContext } from "../model/hook-context/index.ts";
import type { ImmediateCall } from "../model/hook-context/types.ts";
import { commitOf } from "./commit-of.ts";
import { Disk } from "./disk.ts";
import { environmentOfEvent } from "./environment-of-event.ts";
import type { AnyEventInput, EventInput } from "./event.ts";
import { faultyHooks, faultyPebble } from "./faults.ts";
import { eventName, inputOf } from "./input-of-event.ts";
import { type After, outcomeOf } from "./outcome.ts";
import type { AnyOutcome, Outcome } from "./outcome-shapes.ts";
import { type ContainerPebble, lookAt, pebbleOf } from "./pebble/container-pebble.ts";
import { GivenPebble } from "./pebble/given-pebble.ts";
import type { AnyState, State } from "./state.ts";
import { mountedFiles } from "./storage-of-state.ts";
import { type Place, type WorldInput, worldOfState } from "./world-of-state.ts";

/** The hook failed: what a unit in `error` would show. */
export class HookFailedError extends Error {
  override readonly name = "HookFailedError";
  /** What the charm logged, the failure's stack last. */
  readonly logs: readonly string[];
  /** What stays: status, log, files and services in containers. Nothing that Juju commits at the end. */
  readonly outcome: AnyOutcome;
  constructor(unit: string, event: string, reason: string | undefined, outcome: AnyOutcome) {
    const logs = outcome.logs.map(({ message }) => message);
    super(`Cannot run ${event} on ${unit}: the hook failed: ${reason ?? logs.at(-1) ?? "it logged nothing"}`);
    this.logs = logs;
    this.outcome = outcome;
  }
}

/**
 * Runs one event over a state and returns the state after it, with everything the charm did. Touches neither Juju nor
 * network, and of the disk a temporary folder only, where a state has files for the charm itself. The given state is
 * not changed.
 *
 * Hook commands are answered by the model's own hook context, as Juju answers them; Pebble by one in memory, unless the state
 * names another.
 *
 * @throws {InconsistentStateError} When Juju could never produce this state or event; the message names every fault.
 * @throws {HookFailedError} When the hook failed.
 *
 * @example
 * ```ts
 * const { status } = await transition(charm, "install");
 * expect(status).toEqual(blocked("ingress: relation required"));
 * ```
 */
export async function transition<M extends CharmContract>(
  charm: CharmProgram<M>,
  event: EventInput<M>,
  state: State<M> = {},
): Promise<Outcome<M>> {
  const given: string | AnyEventInput = event as string | AnyEventInput;
  const disk = new Disk();
  try {
    const input = inputOf(
      charm.contract,
      typeof given === "string" ? { event: given } : given,
      state as AnyState,
      disk,
    );
    return (await runOver(charm, input, disk)) as unknown as Outcome<M>;
  } finally {
    disk.remove();
  }
}

/** The states' clock stands still here unless they say otherwise. */
const NOW = new Date("2026-01-01T00:00:00Z");

async function runOver(charm: CharmProgram, input: WorldInput, disk: Disk): Promise<AnyOutcome> {
  const { state, event, place } = input;
  const world = worldOfState(input);
  const immediate: ImmediateCall[] = [];
  const now = state.now ?? NOW;
  const context: HookContext = new HookContext({
    world,
    version: versionOf(place),
    newSecretId: secretIds(world.secrets.map(({ id }) => id)),
    now: () => now,
    leaderNow: () => !hooks.leadershipLost(),
    onImmediate: (call) => immediate.push(call),
  });
  const answered = inProcess(({ command, args, stdin }) => {
    const answer = context.run(command, args, stdin);
    return answer.needsStdin ? "needs stdin" : answer;
  });
  const hooks = faultyHooks(answered, state.faults);
  const pebbles = pebblesOf(input);
  const given = [...pebbles.values()].filter((pebble) => pebble instanceof GivenPebble);
  if (given.length > 0) await lookAt(given);
  const requests = Object.fromEntries(Array.from(pebbles.keys(), (name) => [name, [] as string[]]));
  const { exitCode } = await runHook(charm, {
    env: environmentOfEvent(input),
    hooks,
    pebble: (container) =>
      faultyPebble({
        container,
        transport: pebbles.get(container)!.transport(),
        fault: state.faults?.pebble?.[container],
        requests: requests[container]!,
        kill: hooks.kill,
      }),
    clock: { now: () => now.getTime() },
    stderr: (message) => immediate.push({ kind: "log", level: "ERROR", module: "stderr", message }),
  });
  if (given.length > 0) await lookAt(given);
  const { results, failed } = context.actionResult;
  const action =
    event.action === undefined ? undefined : { results, ...(failed ? { failure: failed.message } : {}) };
  const { reboot } = context;
  const rest = { input, world, immediate, pebbles, requests, disk, action, reboot, commands: hooks.commands };
  return exitCode === 0
    ? committed(context, rest, hooks.leadershipLost())
    : fail({ ...rest, commit: undefined }, undefined);
}

function committed(context: HookContext, rest: Omit<After, "commit">, leadershipLost: boolean): AnyOutcome {
  try {
    return outcomeOf({ ...rest, commit: commitOf(context, rest.input, leadershipLost) });
  } catch (error) {
    if (error instanceof FlushError) return fail({ ...rest, commit: undefined }, error.message);
    throw error;
  }
}

function fail(after: After, reason: string | undefined): never {
  const { event, place } = after.input;
  throw new HookFailedError(place.unit, eventName(event), reason, outcomeOf(after));
}

function versionOf({ version }: Place) {
  const [major = 4, minor = 0] = version.split(".").map(Number);
  return { major, minor };
}

/** Ids that are free: the state may be that after another event, which made secrets of its own. */
function secretIds(taken: readonly string[]): () => string {
  let count = 0;
  return () => {
    let id: string;
    do {
      count += 1;
      id = `n${String(count).padStart(19, "0")}`;
    } while (taken.includes(id));
    return id;
  };
}

function pebblesOf({ contract, state, storage }: WorldInput): ReadonlyMap<string, ContainerPebble> {
  const names = Object.keys(contract.containers ?? {});
  return new Map(
    names.map((name) => {
      const options = state.containers?.[name];
      const mounted = options?.pebble === undefined ? mountedFiles(name, storage) : undefined;
      const all = mounted === undefined ? options : { ...options, files: { ...mounted, ...options?.files } };
      return [name, pebbleOf(name, all)];
    }),
  );
}
