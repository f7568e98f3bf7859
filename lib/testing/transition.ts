import type { CharmContract, CharmProgram } from "../charm/contract.ts";
import { runHook } from "../charm/runtime/run-hook.ts";
import { inProcess } from "../hook/in-process.ts";
import { HookContext } from "../model/hook-context/index.ts";
import type { ImmediateCall } from "../model/hook-context/types.ts";
import { inconsistencies } from "./consistency.ts";
import { environmentOfEvent } from "./environment-of-event.ts";
import { outcomeOf } from "./outcome.ts";
import { FakePebble } from "./pebble/fake-pebble.ts";
import { relationsOfState } from "./relations-of-state.ts";
import type { AnyEventInput, AnyState, EventInput, Outcome, State } from "./state.ts";
import { type Place, placeOf, type WorldInput, worldOfState } from "./world-of-state.ts";

/** The hook failed: what a unit in `error` would show. */
export class HookFailedError extends Error {
  override readonly name = "HookFailedError";
  /** What the charm logged, the failure's stack last. */
  readonly logs: readonly string[];
  constructor(unit: string, event: string, logs: readonly string[]) {
    super(`Cannot run ${event} on ${unit}: the hook failed: ${logs.at(-1) ?? "it logged nothing"}`);
    this.logs = logs;
  }
}

/**
 * Runs one event over a state and returns the state after it. Touches neither Juju nor disk nor network; the
 * given state is not changed.
 *
 * Hook commands are answered by the model's own hook context, as Juju answers them; Pebble by one in memory.
 *
 * @throws {TypeError} When Juju could never produce this state or event; the message names every fault.
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
  const input = inputOf(charm.contract, event as string | AnyEventInput, state as AnyState);
  const outcome = await runOver(charm, input);
  return outcome as unknown as Outcome<M>;
}

function inputOf(contract: CharmContract, given: string | AnyEventInput, state: AnyState): WorldInput {
  const event: AnyEventInput = typeof given === "string" ? { event: given } : given;
  const place = placeOf(contract, state);
  const relations = relationsOfState(contract, state, place.unit);
  const faults = inconsistencies({ contract, state, event, relations });
  if (faults.length > 0) throw new TypeError(`Cannot run ${eventName(event)}: ${faults.join("; ")}`);
  return { contract, state, event, relations, place };
}

function eventName(event: AnyEventInput): string {
  return event.event ?? `action ${event.action}`;
}

/** The states' clock stands still here unless they say otherwise. */
const NOW = new Date("2026-01-01T00:00:00Z");

async function runOver(charm: CharmProgram, input: WorldInput): Promise<Outcome<CharmContract>> {
  const { contract, state, event, place } = input;
  const world = worldOfState(input);
  const immediate: ImmediateCall[] = [];
  const now = state.now ?? NOW;
  const context = new HookContext({
    world,
    version: versionOf(place),
    newSecretId: secretIds(),
    now: () => now,
    onImmediate: (call) => immediate.push(call),
  });
  const pebbles = pebblesOf(contract, state);
  const { exitCode } = await runHook(charm, {
    env: environmentOfEvent(input),
    hooks: inProcess(({ command, args, stdin }) => {
      const answer = context.run(command, args, stdin);
      return answer.needsStdin ? "needs stdin" : answer;
    }),
    pebble: (name) => pebbles.get(name)!.transport(),
    clock: { now: () => now.getTime() },
  });
  if (exitCode !== 0) throw new HookFailedError(place.unit, eventName(event), logLines(immediate));
  const { results, failed } = context.actionResult;
  const action =
    event.action === undefined ? undefined : { results, ...(failed ? { failure: failed.message } : {}) };
  return outcomeOf({ contract, world, commit: context.commit(), immediate, pebbles, action });
}

function versionOf({ version }: Place) {
  const [major = 4, minor = 0] = version.split(".").map(Number);
  return { major, minor };
}

function secretIds(): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `n${String(count).padStart(19, "0")}`;
  };
}

function pebblesOf(contract: CharmContract, state: AnyState): ReadonlyMap<string, FakePebble> {
  const names = Object.keys(contract.containers ?? {});
  return new Map(names.map((name) => [name, new FakePebble(name, state.containers?.[name])]));
}

function logLines(immediate: readonly ImmediateCall[]): readonly string[] {
  return immediate.flatMap((call) => (call.kind === "log" ? [call.message] : []));
}
