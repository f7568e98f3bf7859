/**
 * Property tests over whole models: random event orders, operators, crashes, partitions and leaders, and the
 * smallest story that breaks what must hold.
 *
 * @module
 */

import { isModelError, seededRandom } from "../../model/index.ts";
import { FakeModel } from "./fake-model.ts";
import { applyMishap, type Mishap, type MishapKind, mishapKinds, randomMishap } from "./mishaps.ts";
import type { FakeModelOptions } from "./options.ts";
import { SimulationError } from "./simulation-error.ts";

/** What happens while a certain event runs: something the operator does, by name, or a mishap. */
export interface SimulatedStep {
  /** Number of the event, from 1; later than the last one: when all is quiet. */
  readonly at: number;
  readonly what: string | Mishap;
}

/** One history: an event order and what happens in it. */
export interface SimulatedStory {
  readonly seed: number;
  readonly steps: readonly SimulatedStep[];
}

/** What is simulated, and what must hold. */
export interface SimulateOptions {
  /** Histories to try. Default 50. */
  readonly runs?: number;
  /** Of the first history; the next one has the next. Default 1. */
  readonly seed?: number;
  /** Must hold after every event; throws where it does not. */
  readonly invariant?: (model: FakeModel) => void;
  /** Must hold when every mishap is over and all is quiet; throws where it does not. */
  readonly settled?: (model: FakeModel) => void;
  /** What the operator does, by name: each once in every history, at any time. Juju may refuse it. */
  readonly actions?: Readonly<Record<string, (model: FakeModel) => void>>;
  /** Most mishaps of one history. Default 4. */
  readonly mishaps?: number;
  /** Default: every kind. */
  readonly kinds?: readonly MishapKind[];
  readonly model?: Omit<FakeModelOptions, "seed">;
  /** As in `settle`. Default 2000. */
  readonly maxEvents?: number;
  /** Plays this one history, as a {@link SimulationError} printed it. */
  readonly replay?: SimulatedStory;
}

/** Deploys and integrates what is simulated. */
export type Deployment = (model: FakeModel) => void | Promise<void>;

/** How a history went. */
export interface Played {
  readonly model: FakeModel;
  /** The steps in words, with the event they happened in. */
  readonly told: readonly string[];
  readonly error?: unknown;
}

/** Shrinking stops after so many histories. */
const MOST_TRIES = 80;
const QUIET_MS = 10 * 60_000;

/**
 * Plays histories until one breaks what must hold; then looks for the smallest that still does.
 *
 * @throws {SimulationError} With that history, in words and to replay.
 *
 * @example
 * ```ts
 * await simulate((model) => deployAll(model), {
 *   runs: 30,
 *   actions: { "the provider goes": (model) => model.removeApplication("hydra") },
 *   invariant: (model) => expect(openRoutes(model)).toEqual([]),
 * });
 * ```
 */
export async function simulate(deploy: Deployment, options: SimulateOptions = {}): Promise<void> {
  const { runs = 50, seed = 1, replay } = options;
  const stories =
    replay === undefined
      ? Array.from({ length: runs }, (_, run) => randomStory(seed + run, options))
      : [replay];
  for (const [index, story] of stories.entries()) {
    const played = await play(deploy, story, options);
    if (!("error" in played)) continue;
    const smallest = await shrink(deploy, { story, played }, options);
    throw new SimulationError({ ...smallest, run: index + 1, runs: stories.length });
  }
}

function randomStory(seed: number, options: SimulateOptions): SimulatedStory {
  const { actions = {}, mishaps = 4, kinds = mishapKinds } = options;
  const random = seededRandom(seed * 7919);
  const whole = (below: number) => Math.floor(random.next() * below);
  const steps: SimulatedStep[] = Object.keys(actions).map((what) => ({ at: 1 + whole(150), what }));
  for (let left = kinds.length === 0 ? 0 : whole(mishaps + 1); left > 0; left -= 1) {
    steps.push({ at: 1 + whole(150), what: randomMishap(kinds, whole) });
  }
  return { seed, steps: steps.sort((a, b) => a.at - b.at) };
}

async function play(deploy: Deployment, story: SimulatedStory, options: SimulateOptions): Promise<Played> {
  const model = new FakeModel({ ...options.model, seed: story.seed });
  const told: string[] = [];
  try {
    await deploy(model);
    await happen({ model, told, story, options });
    return { model, told };
  } catch (error) {
    return { model, told, error };
  }
}

interface Playing {
  readonly model: FakeModel;
  readonly told: string[];
  readonly story: SimulatedStory;
  readonly options: SimulateOptions;
}

async function happen({ model, told, story, options }: Playing): Promise<void> {
  const { invariant, settled, maxEvents = 2000 } = options;
  const due = [...story.steps];
  const step = (when: string) => {
    const next = due.shift();
    if (next === undefined) return;
    told.push(`${when}: ${apply(model, next.what, options)}`);
    invariant?.(model);
  };
  const onEvent = (event: string) => {
    const number = model.trace.length;
    while (due[0] !== undefined && due[0].at <= number) step(`in event ${number}, ${event}`);
  };
  const until = () => {
    invariant?.(model);
    return false;
  };
  const settle = () => model.settle({ maxEvents, onEvent, until });
  invariant?.(model);
  await settle();
  while (due.length > 0) {
    step("when all was quiet");
    await settle();
  }
  for (const [unit, container] of model.silentContainers()) model.setPebble(unit, container, "up");
  model.advance(QUIET_MS);
  await settle();
  settled?.(model);
}

/** Does one step. @returns What it was, in words. */
function apply(model: FakeModel, what: SimulatedStep["what"], { actions = {} }: SimulateOptions): string {
  if (typeof what !== "string") return applyMishap(model, what);
  try {
    const action = actions[what];
    if (action === undefined) throw new TypeError(`Cannot replay "${what}": it is not one of the actions`);
    action(model);
    return what;
  } catch (error) {
    if (!isModelError(error)) throw error;
    return `${what} (Juju refused: ${error.message})`;
  }
}

interface Failing {
  readonly story: SimulatedStory;
  readonly played: Played;
}

/** Leaves out steps, then makes what is left come earlier and kill sooner, as long as it still fails. */
async function shrink(deploy: Deployment, first: Failing, options: SimulateOptions): Promise<Failing> {
  let smallest = first;
  let tries = 0;
  for (let candidates = smallerStories(smallest.story); ; candidates = smallerStories(smallest.story)) {
    let found = false;
    for (const story of candidates) {
      tries += 1;
      if (tries > MOST_TRIES) return smallest;
      const played = await play(deploy, story, options);
      if (!("error" in played)) continue;
      smallest = { story, played };
      found = true;
      break;
    }
    if (!found) return smallest;
  }
}

/** Smaller histories, the much smaller ones first. */
function* smallerStories({ seed, steps }: SimulatedStory): Generator<SimulatedStory> {
  if (steps.length > 1) yield { seed, steps: [] };
  for (const index of steps.keys()) yield { seed, steps: steps.toSpliced(index, 1) };
  for (const [index, step] of steps.entries()) {
    for (const simpler of simplerSteps(step)) {
      yield { seed, steps: steps.with(index, simpler).sort((a, b) => a.at - b.at) };
    }
  }
}

function* simplerSteps({ at, what }: SimulatedStep): Generator<SimulatedStep> {
  const commands = typeof what === "string" ? 0 : (what.commands ?? 0);
  if (typeof what !== "string" && commands > 0) {
    yield { at, what: { ...what, commands: 0 } };
    yield { at, what: { ...what, commands: Math.floor(commands / 2) } };
  }
  if (at > 1) yield { at: Math.ceil(at / 2), what };
}
