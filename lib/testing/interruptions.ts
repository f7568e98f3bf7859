/**
 * One event, interrupted everywhere: the hook is killed after each hook command and at each request to Pebble, Pebble
 * goes away at each request, and the next run must make everything as if nothing had been. Exhaustive, where
 * `simulate` draws lots. Knows no test runner.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import type { CharmContract, CharmProgram } from "../charm/contract.ts";
import type { EventInput } from "./event.ts";
import type { PebbleFault } from "./faults.ts";
import type { AnyOutcome, ContainerOutcome, Outcome, RelationOutcome } from "./outcome-shapes.ts";
import { FakePebble } from "./pebble/fake-pebble.ts";
import type { AnyState, State } from "./state.ts";
import { HookFailedError, transition } from "./transition.ts";

/** A charm does not repair what an interruption left. */
export class InterruptionError extends Error {
  override readonly name = "InterruptionError";
}

/** What is to be the same. */
export interface InterruptionOptions<M extends CharmContract> {
  /** Labels of secrets whose values are drawn at random: where they occur in databags, plans and files counts, not what they are. */
  readonly randomSecrets?: readonly string[];
  /**
   * What of the world must be as after an undisturbed run. Default: statuses, databags, what is in containers, ports, secrets
   * without their ids, state and version. For charms whose random values are in no secret alone, certificates for example.
   */
  readonly seen?: (outcome: Outcome<M>) => unknown;
}

/** How often an event was interrupted. */
export interface Interruptions {
  /** Hook commands, after each of which the hook was killed once. */
  readonly commands: number;
  /** Container → requests to its Pebble, at each of which the hook was killed once and Pebble went away once. */
  readonly requests: Readonly<Record<string, number>>;
}

type AnyProgram = CharmProgram<CharmContract>;

interface Interrupted {
  readonly charm: AnyProgram;
  readonly event: "start";
  readonly state: AnyState;
  readonly calm: AnyOutcome;
  readonly seen: (outcome: AnyOutcome) => unknown;
  /** A value of an outcome, as JSON, without what was drawn at random. */
  readonly mask: (value: unknown, outcome: AnyOutcome) => unknown;
}

/**
 * Interrupts an event at every point, and runs it again undisturbed.
 *
 * @param state One in which the event ends well.
 * @returns How many points there were.
 * @throws {InterruptionError} With the first point whose damage the next run does not repair; or at which Pebble went away
 *   and the charm did not say `waiting`, failed, or left half a plan or half a file.
 *
 * @example
 * ```ts
 * test("repairs every interruption", async () => {
 *   const { commands } = await interruptEverywhere(charm, "config-changed", complete);
 *   expect(commands).toBeGreaterThan(5);
 * });
 * ```
 */
export async function interruptEverywhere<M extends CharmContract>(
  charm: CharmProgram<M>,
  event: EventInput<M>,
  state: State<M>,
  options: InterruptionOptions<M> = {},
): Promise<Interruptions> {
  const other = Object.entries((state as AnyState).containers ?? {}).find(
    ([, { pebble }]) => pebble !== undefined,
  );
  if (other !== undefined)
    throw new TypeError(
      `Cannot interrupt ${JSON.stringify(event)}: the Pebble of ${other[0]} must be the one in memory, another cannot be put back`,
    );
  const calm = (await transition(charm, event, state)) as unknown as AnyOutcome;
  const over: Interrupted = {
    charm: charm as unknown as AnyProgram,
    event: event as unknown as "start",
    state: state as unknown as AnyState,
    calm,
    seen: (options.seen ?? whatIsSeen) as (outcome: AnyOutcome) => unknown,
    mask: (value, outcome) => masked(value, outcome, options.randomSecrets ?? []),
  };
  for (let killedAfter = 0; killedAfter < calm.commands.length; killedAfter += 1)
    await killed(over, { killedAfter }, `killed after ${nameOf(calm.commands, killedAfter)}`);
  const requests: Record<string, number> = {};
  for (const [container, { requests: made }] of containersOf(calm)) {
    requests[container] = made.length;
    for (let call = 1; call <= made.length; call += 1) {
      const at = `${container}: ${made[call - 1]}, request ${call}`;
      const fault = (one: PebbleFault) => ({ pebble: { [container]: { call, ...one } } });
      await killed(over, fault({ killed: true }), `killed at ${at}`);
      await withoutPebble(over, fault({}), `Pebble gone at ${at}`, container);
    }
  }
  return { commands: calm.commands.length, requests };
}

function nameOf(commands: readonly string[], count: number): string {
  return count === 0 ? "no command" : `command ${count}, ${commands[count - 1]?.split(" ")[0]}`;
}

function containersOf(outcome: AnyOutcome): readonly [string, ContainerOutcome][] {
  return Object.entries(outcome.containers as Readonly<Record<string, ContainerOutcome>>);
}

type Faults = NonNullable<AnyState["faults"]>;

const disturbed = ({ charm, event, state }: Interrupted, faults: Faults) =>
  transition(charm, event, { ...state, faults } as State<CharmContract>);

async function killed(over: Interrupted, faults: Faults, where: string): Promise<void> {
  try {
    await disturbed(over, faults);
  } catch (error) {
    if (!(error instanceof HookFailedError)) throw error;
    return await repaired(over, error.outcome, where);
  }
  throw new InterruptionError(
    `${where}: the hook ended well, a charm must not go on when its process is gone`,
  );
}

async function withoutPebble(over: Interrupted, faults: Faults, where: string, name: string): Promise<void> {
  let outcome: AnyOutcome;
  try {
    outcome = (await disturbed(over, faults)) as unknown as AnyOutcome;
  } catch (error) {
    throw new InterruptionError(`${where}: the hook failed, must wait: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const { status } = outcome;
  if (over.calm.status.name === "active" && status.name !== "waiting")
    throw new InterruptionError(`${where}: the status is "${status.name}", must be waiting`);
  nothingHalf(over, outcome, name, where);
  await repaired(over, outcome, where);
}

/** The plan, and every file, is as it was before or as it will be. */
function nothingHalf(
  { state, calm, mask }: Interrupted,
  left: AnyOutcome,
  name: string,
  where: string,
): void {
  const given = new FakePebble(name, state.containers?.[name]);
  const before = { plan: given.plan, files: given.files.texts() };
  const [now, after] = [left, calm].map((one) => {
    const { plan = EMPTY_PLAN, files } = new Map(containersOf(one)).get(name)!;
    return mask({ plan, files }, one) as typeof before;
  });
  const plans = [before.plan, after!.plan].map((plan) => JSON.parse(JSON.stringify(plan)));
  if (!plans.some((plan) => isDeepStrictEqual(now!.plan, plan)))
    throw new InterruptionError(`${where}: the plan is neither as before nor as it should be`);
  for (const [path, text] of Object.entries(now!.files)) {
    if (before.files[path] !== text && after!.files[path] !== text)
      throw new InterruptionError(`${where}: ${path} is neither as before nor as it should be`);
  }
}

const EMPTY_PLAN = { services: {}, checks: {}, "log-targets": {} };

/** The next run, undisturbed, makes the world that there would have been. */
async function repaired({ charm, event, calm, seen, mask }: Interrupted, left: AnyOutcome, where: string) {
  const again = (await transition(charm, event, left.next)) as unknown as AnyOutcome;
  const [wanted, got] = [calm, again].map((one) => mask(seen(one), one));
  if (!isDeepStrictEqual(wanted, got))
    throw new InterruptionError(
      `${where}: the next run leaves something else: ${difference(wanted, got, "")}`,
    );
}

/** Values of these secrets have their names instead, and what is made of them, the fingerprints of files, is left out. */
function masked(value: unknown, { secrets }: AnyOutcome, labels: readonly string[]): unknown {
  const random = secrets.filter(({ label }) => labels.includes(label));
  const names = random.flatMap(({ label, content }) =>
    Object.entries(content).map(
      ([key, text]) => [JSON.stringify(text).slice(1, -1), `${label}.${key}`] as const,
    ),
  );
  const whole = JSON.stringify(value ?? null);
  const all = random.length === 0 ? whole : whole.replaceAll(/ \(files [0-9a-f]+\)/g, "");
  return JSON.parse(names.reduce((text, [secret, name]) => text.replaceAll(secret, name), all));
}

function whatIsSeen(outcome: AnyOutcome): unknown {
  const { status, appStatus, openedPorts, secrets, state, workloadVersion, requestedStorage } = outcome;
  const relations = Object.entries(outcome.relations as Readonly<Record<string, readonly RelationOutcome[]>>);
  const ids = new Map(secrets.map(({ id, label }) => [id, `secret:${label}`]));
  const named = (value: unknown) =>
    JSON.parse(
      JSON.stringify(value).replaceAll(
        /secret:(?:\/\/[0-9a-f-]+\/)?([0-9a-z]{20})/g,
        (all, id) => ids.get(id) ?? all,
      ),
    );
  return {
    ...{ status, appStatus, openedPorts, state, workloadVersion, requestedStorage },
    relations: named(relations),
    secrets: secrets.map(({ id: _id, revision: _revision, tracked: _tracked, ...kept }) => kept),
    containers: containersOf(outcome).map(([name, { plan, files, running }]) => ({
      name,
      plan,
      files,
      running,
    })),
  };
}

/** The first place at which two values differ. */
function difference(wanted: unknown, got: unknown, path: string): string {
  if (typeof wanted === "object" && wanted !== null && typeof got === "object" && got !== null) {
    const keys = [...new Set([...Object.keys(wanted), ...Object.keys(got)])];
    const at = (value: object, key: string) => (value as Readonly<Record<string, unknown>>)[key];
    const key = keys.find((one) => !isDeepStrictEqual(at(wanted, one), at(got, one)));
    if (key !== undefined) return difference(at(wanted, key), at(got, key), `${path}.${key}`);
  }
  return `${path} is ${JSON.stringify(got)}, must be ${JSON.stringify(wanted)}`;
}
