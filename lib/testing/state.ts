import type { Binding, Port } from "../charm/context.ts";
import type { CharmContract, CharmProgram, Endpoints, Part } from "../charm/contract.ts";
import type { RawDatabag } from "../charm/databag.ts";
import type { ConfigOf } from "../charm/index.ts";
import type { LocalData, LocalUnitData, RemoteInput, RemoteUnitInput } from "../charm/interface.ts";
import type { StatusName } from "../charm/status.ts";
import type { Faults } from "./faults.ts";
import type { ContainerState } from "./pebble/container-pebble.ts";

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
  /** Databags of this application's other units, by number; not for peers, whose `units` they are. */
  readonly siblings?: Readonly<Record<number, SiblingState<E>>>;
  /** Model of the other side, when it is another one. */
  readonly remoteModelUuid?: string;
}

/** One remote unit's databag. */
export interface RemoteUnitState<E> {
  readonly data?: RemoteUnitInput<E>;
  readonly raw?: RawDatabag;
  /** A peer that goes: it is there, and does not count as planned. */
  readonly dying?: boolean;
}

/** The databag of another unit of this application. */
export interface SiblingState<E> {
  readonly data?: LocalUnitData<E>;
  readonly raw?: RawDatabag;
}

/** How often Juju asks a secret's owner for a new revision. */
export type RotatePolicy = "never" | "hourly" | "daily" | "weekly" | "monthly" | "quarterly" | "yearly";

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
  /** Number of the tracked revision, default 1; the later one has the next. */
  readonly revision?: number;
  /** Whether it may be read; default yes. Not for own secrets. */
  readonly granted?: boolean;
  /** Ids of the relations it is granted to. Own secrets only, as what follows. */
  readonly grants?: readonly number[];
  readonly description?: string;
  readonly rotate?: RotatePolicy;
  readonly expire?: Date;
}

/** Addresses of an endpoint; `"none"`: the unit has none yet. */
export type NetworkState =
  | "none"
  | {
      /** Default `10.1.0.10`. */
      readonly bindAddress?: string;
      /** Default `10.152.183.10`. */
      readonly ingressAddress?: string;
      /** Default: the ingress address alone. */
      readonly egressSubnets?: readonly string[];
      /** All of them, by interface, where one bind address is not enough. */
      readonly interfaces?: Readonly<Record<string, InterfaceState>>;
    };

/** One network interface. */
export interface InterfaceState {
  readonly macAddress?: string;
  readonly addresses: readonly {
    readonly value: string;
    readonly hostname?: string;
    readonly cidr?: string;
  }[];
}

/** One instance of a storage: where it is mounted, or more about it. */
export type StorageState =
  | string
  | {
      /** Number in `data/0`; default counts all storage of the unit. */
      readonly index?: number;
      /** Default: a folder of its own while the event runs, with `files` in it. */
      readonly location?: string;
      /** Relative path → text; also in the containers that mount the storage. */
      readonly files?: Readonly<Record<string, string>>;
    };

/** A file resource: its path, or what is in it, which is then a file while the event runs. */
export type ResourceState = string | { readonly content: string | Uint8Array };

/** A status as it was before. */
export interface StatusState {
  readonly name: StatusName | "unknown" | "error";
  readonly message?: string;
}

/** Everything the charm could see before the event; each field has a default. */
export interface State<M> {
  /** Default no. */
  readonly leader?: boolean;
  /** Default: unit 0 of an application named as the charm. */
  readonly unit?: string;
  /** Default `test`. */
  readonly model?: string;
  readonly modelUuid?: string;
  /** Default: `kubernetes`, also for charms without containers. */
  readonly modelType?: "kubernetes" | "machine";
  /** Default `4.0.15`; `3.6`, `4.0` and `4.1` stand for a release of each. */
  readonly jujuVersion?: string;
  /** Machine models only, as `zone`; default `0`. */
  readonly machine?: string;
  readonly zone?: string;
  /** The unit that a subordinate's unit is next to. */
  readonly principal?: string;
  /** What a trusted application may know of its cloud, as `credential-get` prints it. */
  readonly credential?: Readonly<Record<string, unknown>>;
  readonly config?: { readonly [K in keyof ConfigOf<M>]?: ConfigOf<M>[K] };
  readonly relations?: {
    readonly [K in keyof Endpoints<M>]?:
      | RelationState<Endpoints<M>[K]>
      | readonly RelationState<Endpoints<M>[K]>[];
  };
  readonly containers?: { readonly [K in keyof Part<M, "containers">]?: ContainerState };
  readonly secrets?: readonly SecretState[];
  /** What the unit keeps in the controller. */
  readonly state?: RawDatabag;
  readonly openedPorts?: readonly Port[];
  /** By endpoint, extra binding or `juju-info`. */
  readonly networks?: { readonly [K in Binding<M>]?: NetworkState };
  readonly resources?: { readonly [K in keyof Part<M, "resources">]?: ResourceState };
  readonly storage?: { readonly [K in keyof Part<M, "storage">]?: readonly StorageState[] };
  /** Default: this unit and its peers. */
  readonly plannedUnits?: number;
  /** What the unit reported before. Default: nothing, which is `unknown`. */
  readonly unitStatus?: StatusState;
  /** Seen by the leader only. */
  readonly appStatus?: StatusState;
  /** Of the application's other units, by number. Default: none is known. */
  readonly peerStatuses?: Readonly<Record<number, StatusState>>;
  readonly workloadVersion?: string;
  /** Default 2026-01-01. */
  readonly now?: Date;
  /** What goes wrong while the event is handled. */
  readonly faults?: Faults;
}

/** The state type of a charm, for states that tests share: `{ … } satisfies StateOf<typeof charm>`. */
export type StateOf<P> = P extends CharmProgram<infer M> ? State<M> : never;

/** Any charm's state, as the machinery sees it. */
export type AnyState = State<CharmContract> & {
  readonly relations?: Readonly<Record<string, AnyRelationState | readonly AnyRelationState[]>>;
  readonly config?: Readonly<Record<string, string | number | boolean>>;
  readonly containers?: Readonly<Record<string, ContainerState>>;
  readonly networks?: Readonly<Record<string, NetworkState>>;
  readonly resources?: Readonly<Record<string, ResourceState>>;
  readonly storage?: Readonly<Record<string, readonly StorageState[]>>;
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
  readonly units?: number | Readonly<Record<number, AnyUnitState>>;
  readonly siblings?: Readonly<Record<number, AnyUnitState>>;
  readonly remoteModelUuid?: string;
}

/** Any unit's databag. */
export interface AnyUnitState {
  readonly data?: unknown;
  readonly raw?: RawDatabag;
  readonly dying?: boolean;
}
