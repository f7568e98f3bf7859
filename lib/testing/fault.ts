/** One thing in a state or event that Juju could never produce. */
export interface StateFault {
  /** Where: `relations.oauth[0].id`, `event.remoteUnit`. */
  readonly path: string;
  /** What is true there, or what should be. */
  readonly rule: string;
}

/** Takes one fault. */
export type Report = (path: string, rule: string) => void;

/** A state that Juju could never produce. */
export class InconsistentStateError extends TypeError {
  override readonly name = "InconsistentStateError";
  /** All of them, in the order of the state's parts. */
  readonly faults: readonly StateFault[];
  constructor(event: string, faults: readonly StateFault[]) {
    const all = faults.map(({ path, rule }) => `${path}: ${rule}`).join("; ");
    super(`Cannot run ${event}: Juju has no such state: ${all}`);
    this.faults = faults;
  }
}
