import type { In, Out, Schema } from "./schema.ts";

/** One action: what it does, what it is given and what it answers. */
export interface ActionDef<P extends Schema = Schema, R extends Schema = Schema> {
  readonly description: string;
  /** Schema of an object; its keys are the action's parameters. Absent: the action has none. */
  readonly params?: P;
  /**
   * Schema of an object: what the handler returns. Its keys are lower case letters, digits and hyphens. Juju does not know
   * it; the reference lists it. Absent: the handler returns what it likes.
   */
  readonly results?: R;
  /** Whether it may run beside other actions of the unit. Default: no. */
  readonly parallel?: boolean;
  /** Actions of one group run one after the other. */
  readonly executionGroup?: string;
}

/** Any action. */
export type AnyAction = ActionDef<Schema, Schema>;

type NoParams = Schema & { readonly "~standard": { readonly types?: { input: Nothing; output: Nothing } } };
type Nothing = Record<never, never>;

/** What an action's handler is given. */
export type ParamsOf<A> =
  A extends ActionDef<infer P, Schema> ? (Schema extends P ? Nothing : Out<P>) : never;

/** What a person passes to an action. */
export type ParamsInput<A> =
  A extends ActionDef<infer P, Schema> ? (Schema extends P ? Nothing : In<P>) : never;

/** What an action's handler returns; `unknown` where the contract does not say. */
export type ResultsOf<A> =
  A extends ActionDef<Schema, infer R> ? (Schema extends R ? unknown : In<R>) : never;

/**
 * Declares an action. Juju gets its parameters as a JSON schema that refuses unknown ones; the handler gets
 * them validated and typed. What it returns is held to `results`, by its type and when it runs.
 *
 * @example
 * ```ts
 * action({
 *   description: "End every session of one user.",
 *   params: v.object({ subject: v.string() }),
 *   results: v.object({ ended: v.pipe(v.number(), v.description("How many sessions there were.")) }),
 * });
 * ```
 */
export function action<P extends Schema = NoParams, R extends Schema = Schema>(
  definition: ActionDef<P, R>,
): ActionDef<P, R> {
  return definition;
}
