import type { MethodName, ParamsOf, ProgressOf, ResultOf } from "../../api.ts";
import type { Controller } from "../controller.ts";

/** What a method works with. */
export interface MethodCall<M extends MethodName> {
  readonly controller: Controller;
  readonly params: ParamsOf<M>;
  readonly signal: AbortSignal;
  progress(value: ProgressOf<M>): void;
}

/** One entry of the control API. */
export type Method<M extends MethodName> = (call: MethodCall<M>) => Promise<ResultOf<M>> | ResultOf<M>;

/** Some entries of the control API. */
export type MethodTable<M extends MethodName> = { readonly [K in M]: Method<K> };

/** The answer of methods that only do something. */
export const nothing: Record<string, never> = {};
