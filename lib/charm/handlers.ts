import type { ParamsOf, ResultsOf } from "./action.ts";
import type { Context } from "./context.ts";
import type { Part } from "./contract.ts";
import type { EventName, EventOf } from "./events.ts";
import type { Status } from "./status.ts";

/** Values of an action's results; objects are flattened with dots, `undefined` is left out. */
export type ActionResult = string | number | boolean | undefined | null | readonly unknown[] | ActionResults;

/** Results of an action; keys are lower case letters, digits and hyphens. */
export interface ActionResults {
  readonly [key: string]: ActionResult;
}

/** The running action. */
export interface ActionRun {
  /** Juju's number of the task, `2`. */
  readonly id: string;
  /** A line of progress, shown at once. */
  readonly log: (message: string) => void;
  /** Ends the action as failed, with this message and without a stack; nothing that was collected is sent. */
  readonly fail: (message: string) => never;
}

type MaybePromise<T> = T | Promise<T>;

/** Handlers of all declared actions. */
export type ActionHandlers<M> = {
  readonly [K in keyof Part<M, "actions">]: (
    ctx: Context<M>,
    params: ParamsOf<Part<M, "actions">[K]>,
    run: ActionRun,
  ) => MaybePromise<Returned<ResultsOf<Part<M, "actions">[K]>>>;
};

/** Results as the contract declares them; where it does not, any or none. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler without results returns nothing.
type Returned<R> = unknown extends R ? ActionResults | void : R;

/** Handlers of events that carry what would otherwise be lost; they run before `reconcile`. */
export type EventHandlers<M> = {
  readonly [N in EventName<M>]?: (ctx: Context<M>, event: EventOf<N>) => MaybePromise<void>;
};

/**
 * What a charm does.
 *
 * `reconcile` runs after every event but `stop`, `remove` and `pre-series-upgrade`, and is not told which: it reads what
 * is, writes what should be, and says how that went. It does not run after actions.
 */
export type Handlers<M> = {
  reconcile(ctx: Context<M>): MaybePromise<Status>;
  readonly on?: EventHandlers<M>;
} & (keyof Part<M, "actions"> extends never
  ? { readonly actions?: never }
  : { readonly actions: ActionHandlers<M> });
