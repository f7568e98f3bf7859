import type { FakeModel } from "./fake-model.ts";
import type { Played, SimulatedStory } from "./simulate.ts";

interface Broken {
  readonly story: SimulatedStory;
  readonly played: Played;
  readonly run: number;
  readonly runs: number;
}

/** What must hold did not; with the smallest history that was found. */
export class SimulationError extends Error {
  override readonly name = "SimulationError";
  /** For `simulate(…, { replay })`. */
  readonly story: SimulatedStory;
  /** The model as it was then; `writeReport` has its history. */
  readonly model: FakeModel;

  constructor({ story, played, run, runs }: Broken) {
    const { error, model, told } = played;
    const why = error instanceof Error ? error.message : String(error);
    const steps = told.length === 0 ? ["nothing goes wrong, the order of events is enough"] : told;
    const last =
      model.trace.length === 0 ? "" : `, after ${model.trace.length} events, last ${model.trace.at(-1)}`;
    super(
      [
        `Cannot keep what must hold: it broke in run ${run} of ${runs} (seed ${story.seed}), the smallest history is:`,
        ...steps.map((step, index) => `  ${index + 1}. ${step}`),
        `and then${last}:`,
        ...why.split("\n").map((line) => `  ${line}`),
        `To see it again: replay: ${JSON.stringify(story)}`,
      ].join("\n"),
      { cause: error },
    );
    this.story = story;
    this.model = model;
  }
}
