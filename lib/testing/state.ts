import type { ParamsInput } from "../charm/action.ts";
import type { Port } from "../charm/context.ts";
import type { CharmContract, CharmProgram, Endpoints, Part } from "../charm/contract.ts";
import type { RawDatabag } from "../charm/databag.ts";
import type { ConfigOf, EventName } from "../charm/index.ts";
import type { LocalData, LocalUnitData, RemoteInput, RemoteUnitInput } from "../charm/interface.ts";
import type { StatusName } from "../charm/status.ts";
import type { Plan } from "../pebble/plan/types.ts";
import type { FakePebbleOptions } from "./pebble/fake-pebble.ts";

/** One relation before the event. Data is given as values, or raw as text for what no value makes. */
export interface RelationState<E> {
  /** Default: 1, 2, … in the order they are written. */
  readonly id?: number;
  /** Default: `remote-<endpoint>`; not for peers. */
  readonly remoteApp?: string;
  readonly localAppData?: LocalData<E>;
  readonly localAppRaw?: RawDatabag;
  readonly localUnitData?: LocalUnitData<E>;
  readonly localUnitRaw?: RawDatabag;
  readonly remoteAppData?: RemoteInput<E>;
  readonly remoteAppRaw?: RawDatabag;
  /**
   * Remote units: how many (default 1; peers 0), or their databags by number. A peer relation's are the
   * other units.
   */
  readonly units?: number | Readonly<Record<number, RemoteUnitState<E>>>;
}

/** One remote unit's databag. */
export interface RemoteUnitState<E> {
  readonly data?: RemoteUnitInput<E>;
  readonly raw?: RawDatabag;
}

/** One secret before the event. */
export interface SecretState {
  /** 20 characters; default made from its place. */
  readonly id?: string;
  /** Whose it is; `other`: of another application, or a user's. Default `other`. */
  readonly owner?: "app" | "unit" | "other";
  /** Needed to be found by label. */
  readonly label?: string;
  /** The revision this unit tracks. */
  readonly content: Readonly<Record<string, string>>;
  /** A later revision that it does not track yet. */
  readonly latest?: Readonly<Record<string, string>>;
  /** Whether it may be read; default yes. */
  readonly granted?: boolean;
  readonly description?: string;
  readonly rotate?: string;
}

/** Addresses of an endpoint. */
export interface NetworkState {
  readonly bindAddress?: string;
  readonly ingressAddress?: string;
  readonly egressSubnets?: readonly string[];
}

/** Everything the charm could see before the event; each field has a default. */
export interface State<M> {
  /** Default no. */
  readonly leader?: boolean;
  /** Default: unit 0 of an application named as the charm. */
  readonly unit?: string;
  /** Default `test`. */
  readonly model?: string;
  /** Default `4.0.15`. */
  readonly jujuVersion?: string;
  readonly config?: { readonly [K in keyof ConfigOf<M>]?: ConfigOf<M>[K] };
  readonly relations?: {
    readonly [K in keyof Endpoints<M>]?:
      | RelationState<Endpoints<M>[K]>
      | readonly RelationState<Endpoints<M>[K]>[];
  };
  readonly containers?: { readonly [K in keyof Part<M, "containers">]?: FakePebbleOptions };
  readonly secrets?: readonly SecretState[];
  /** What the unit keeps in the controller. */
  readonly state?: RawDatabag;
  readonly openedPorts?: readonly Port[];
  readonly networks?: { readonly [K in keyof Endpoints<M>]?: NetworkState };
  /** Paths of file resources. */
  readonly resources?: { readonly [K in keyof Part<M, "resources">]?: string };
  /** Storage → where its instances are mounted. */
  readonly storage?: { readonly [K in keyof Part<M, "storage">]?: readonly string[] };
  /** Default 1. */
  readonly plannedUnits?: number;
  /** Default 2026-01-01. */
  readonly now?: Date;
}

/** The state type of a charm, for states that tests share: `{ … } satisfies StateOf<typeof charm>`. */
export type StateOf<P> = P extends CharmProgram<infer M> ? State<M> : never;

/** An event with more than its name. */
export interface DetailedEvent<M> {
  readonly event: EventName<M>;
  /** Id of the relation; default the endpoint's first. */
  readonly relation?: number;
  /** Default for joined and departed, and for changed where there are units with data: the first one. */
  readonly remoteUnit?: string;
  readonly departingUnit?: string;
  /** Label or id of the secret; default the first. */
  readonly secret?: string;
  readonly revision?: number;
  readonly check?: string;
  readonly notice?: { readonly key: string; readonly type?: string };
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

/** One relation after the event. */
export interface RelationOutcome {
  readonly id: number;
  readonly remoteApp: string;
  readonly localAppData: Record<string, string>;
  /** Without Juju's own keys. */
  readonly localUnitData: Record<string, string>;
}

/** One container after the event. */
export interface ContainerOutcome {
  /** All layers combined; `undefined` before any layer. */
  readonly plan: Plan | undefined;
  /** Path → text. */
  readonly files: Readonly<Record<string, string>>;
  /** Running services, sorted. */
  readonly running: readonly string[];
  /** Service → how often it was started in this event. */
  readonly starts: Readonly<Record<string, number>>;
}

/** One secret that the application or unit owns, after the event. */
export interface SecretOutcome {
  readonly id: string;
  readonly label: string;
  readonly owner: "app" | "unit";
  readonly revision: number;
  /** In plain text: this is a test. */
  readonly content: Readonly<Record<string, string>>;
  /** Ids of the relations it is granted to. */
  readonly grants: readonly number[];
  readonly rotate?: string;
}

/** A line the charm logged. */
export interface LoggedLine {
  readonly level: string;
  readonly message: string;
}

/** What an action said. */
export interface ActionOutcome {
  readonly results: Readonly<Record<string, unknown>>;
  /** Why it failed; absent when it did not. */
  readonly failure?: string;
  readonly log: readonly string[];
}

/** The state after the event. */
export interface Outcome<M> {
  /** What was reported; `unknown` where nothing was, as in actions. */
  readonly status: { readonly name: StatusName | "unknown"; readonly message: string };
  readonly relations: { readonly [K in keyof Endpoints<M>]: readonly RelationOutcome[] };
  readonly containers: { readonly [K in keyof Part<M, "containers">]: ContainerOutcome };
  readonly openedPorts: readonly string[];
  readonly secrets: readonly SecretOutcome[];
  readonly state: RawDatabag;
  readonly workloadVersion: string | undefined;
  readonly logs: readonly LoggedLine[];
  /** Present for actions. */
  readonly action: ActionOutcome | undefined;
}

/** Any charm's state, as the machinery sees it. */
export type AnyState = State<CharmContract> & {
  readonly relations?: Readonly<Record<string, AnyRelationState | readonly AnyRelationState[]>>;
  readonly config?: Readonly<Record<string, string | number | boolean>>;
  readonly containers?: Readonly<Record<string, FakePebbleOptions>>;
  readonly networks?: Readonly<Record<string, NetworkState>>;
  readonly resources?: Readonly<Record<string, string>>;
  readonly storage?: Readonly<Record<string, readonly string[]>>;
};

/** Any relation's state, its data not typed. */
export interface AnyRelationState {
  readonly id?: number;
  readonly remoteApp?: string;
  readonly localAppData?: unknown;
  readonly localAppRaw?: RawDatabag;
  readonly localUnitData?: unknown;
  readonly localUnitRaw?: RawDatabag;
  readonly remoteAppData?: unknown;
  readonly remoteAppRaw?: RawDatabag;
  readonly units?: number | Readonly<Record<number, { readonly data?: unknown; readonly raw?: RawDatabag }>>;
}

/** Any event, as the machinery sees it. */
export interface AnyEventInput extends Omit<DetailedEvent<CharmContract>, "event"> {
  readonly event?: string;
  readonly action?: string;
  readonly params?: unknown;
  readonly raw?: Readonly<Record<string, unknown>>;
}
