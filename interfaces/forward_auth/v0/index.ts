/**
 * The `forward_auth` relation: a decision point tells a gateway where to ask, and for whom.
 *
 * On the wire: application databags only; text is raw, lists are JSON text.
 *
 * Source: canonical/charmlibs: interfaces/forward_auth/interface/v0
 *
 * @module
 */

import { defineInterface, type In, type Out } from "charmed-iap/interface";
import { providerApp, requirerApp } from "./schema.ts";

/** `forward_auth`, version 0. The provider decides, the requirer is the gateway. */
export const forwardAuth = defineInterface({
  name: "forward_auth",
  version: 0,
  provider: providerApp,
  requirer: requirerApp,
});

/** What the decision point publishes. */
export type DecisionPoint = In<typeof providerApp.schema>;
/** What the gateway reads. */
export type DecisionPointData = Out<typeof providerApp.schema>;

/** Applications that asked for protection, by whether a gateway can give it. */
export interface Split {
  readonly routed: string[];
  readonly unrouted: string[];
}

/**
 * Splits the applications that asked for protection by whether a gateway routes to them. Names are compared
 * whole: `spark` is not part of `spark-history`. Both lists keep the order of `asked`.
 *
 * @example
 * ```ts
 * split(["a", "b"], ["b", "c"]); // { routed: ["b"], unrouted: ["a"] }
 * ```
 */
export function split(asked: Iterable<string>, ingress: Iterable<string>): Split {
  const reachable = new Set(ingress);
  const routed: string[] = [];
  const unrouted: string[] = [];
  for (const app of new Set(asked)) (reachable.has(app) ? routed : unrouted).push(app);
  return { routed, unrouted };
}

/** Whether the decision point must be asked about requests for an application. */
export function protects(data: Pick<DecisionPointData, "app_names">, app: string): boolean {
  return data.app_names.includes(app);
}
