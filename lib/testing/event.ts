import type { ParamsInput } from "../charm/action.ts";
import type { CharmContract, Part } from "../charm/contract.ts";
import type { EventName } from "../charm/index.ts";

/** An event with more than its name. */
export interface DetailedEvent<M> {
  readonly event: EventName<M>;
  /** Id of the relation; default the endpoint's first. */
  readonly relation?: number;
  /** Default for joined and departed: the first one. A changed without is about the application's databag. */
  readonly remoteUnit?: string;
  /** Departed only: the unit that goes, the remote one or this one. Default the remote one. */
  readonly departingUnit?: string;
  /** Label or id of the secret; default the first. */
  readonly secret?: string;
  /** `secret-expired`: default the tracked one. `secret-remove`: default the one before the latest. */
  readonly revision?: number;
  readonly check?: string;
  readonly notice?: { readonly key: string; readonly id?: string };
  /** `data/0`; default the storage's first. */
  readonly storageId?: string;
}

type ActionsOf<M> = Part<M, "actions">;

/** An action and what it is given. */
export type ActionInput<M> = {
  readonly [A in keyof ActionsOf<M>]: {
    readonly action: A;
    readonly params?: ParamsInput<ActionsOf<M>[A]>;
    /** Parameters no schema would let through. */
    readonly raw?: Readonly<Record<string, unknown>>;
  };
}[keyof ActionsOf<M>];

/** What happens: an event's name, an event with details, or an action. */
export type EventInput<M> = EventName<M> | DetailedEvent<M> | ActionInput<M>;

/** Any event, as the machinery sees it. */
export interface AnyEventInput extends Omit<DetailedEvent<CharmContract>, "event"> {
  readonly event?: string;
  readonly action?: string;
  readonly params?: unknown;
  readonly raw?: Readonly<Record<string, unknown>>;
}
