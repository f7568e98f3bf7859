import type { In, Out, Schema } from "./schema.ts";

/** One action: what it does and what it is given. */
export interface ActionDef<P extends Schema = Schema> {
  readonly description: string;
  /** Schema of an object; its keys are the action's parameters. Absent: the action has none. */
  readonly params?: P;
  /** Whether it may run beside other actions of the unit. Default: no. */
  readonly parallel?: boolean;
  /** Actions of one group run one after the other. */
  readonly executionGroup?: string;
}

/** Any action. */
export type AnyAction = ActionDef<Schema>;

type NoParams = Schema & { readonly "~standard": { readonly types?: { input: Nothing; output: Nothing } } };
type Nothing = Record<never, never>;

/** What an action's handler is given. */
export type ParamsOf<A> = A extends ActionDef<infer P> ? (Schema extends P ? Nothing : Out<P>) : never;

/** What a person passes to an action. */
export type ParamsInput<A> = A extends ActionDef<infer P> ? (Schema extends P ? Nothing : In<P>) : never;

/**
 * Declares an action. Juju gets its parameters as a JSON schema that refuses unknown ones; the handler gets
 * them validated and typed.
 *
 * @example
 * ```ts
 * action({ description: "End every session of one user.", params: v.object({ subject: v.string() }) });
 * ```
 */
export function action<P extends Schema = NoParams>(definition: ActionDef<P>): ActionDef<P> {
  return definition;
}
