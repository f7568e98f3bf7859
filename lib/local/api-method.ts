/** A method without parameters, results or progress of its own. */
export type Nothing = Record<string, never>;

/** Parameters of most methods: the model that is meant, the current one without. */
export interface InModel {
  readonly model?: string;
}

/** One entry of the control API. */
export interface Method<Params, Result, Progress = never> {
  readonly params: Params;
  readonly result: Result;
  readonly progress: Progress;
}
