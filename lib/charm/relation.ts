import type { RawDatabag } from "./databag.ts";
import type { Issue } from "./schema.ts";
import type { Status } from "./status.ts";

/** A remote unit of a relation and what it says in its own databag. */
export type RemoteUnit<U> = {
  readonly unit: string;
  readonly raw: RawDatabag;
} & (
  | { readonly state: "ready"; readonly data: U }
  | { readonly state: "pending" }
  | { readonly state: "invalid"; readonly issues: readonly Issue[] }
);

/** Writing to a relation's application databag. */
export interface AppWriter<L> {
  /**
   * Replaces what this application says on the relation; keys that are not in `data` go. Sent after
   * `reconcile`, by the leader only: on a follower it does nothing.
   *
   * @throws {DatabagInvalidError} `ERR_DATABAG_INVALID`, blocked: the data does not fit the interface.
   */
  readonly publish: (data: L) => void;
  /** Takes back everything this application says. */
  readonly withdraw: () => void;
}

/** Writing to a relation's databag of this unit. */
export interface UnitWriter<U> {
  /** Replaces what this unit says on the relation; Juju's own keys stay. Followers may. */
  readonly publishUnit: (data: U) => void;
  /** Takes back what this unit says. */
  readonly withdrawUnit: () => void;
}

/** `L`, `LU`: what this side writes; `never` where it has no such databag. */
export type Writer<L, LU> = AppWriter<L> & ([LU] extends [never] ? unknown : UnitWriter<LU>);

/** What every relation that exists has. */
export interface Existing<U> {
  /** Unique in the model, on this side. */
  readonly id: number;
  readonly remoteApp: string;
  /** Remote units, in order of their numbers; empty where the interface has no unit databag. */
  readonly units: readonly RemoteUnit<U>[];
  /** The remote application databag, as it is. */
  readonly raw: RawDatabag;
  /** What this application says now; on followers empty, for they may not read it. */
  readonly published: RawDatabag;
}

/** No relation: blocked when the endpoint is required, active when it is optional. */
export interface Missing {
  readonly state: "missing";
  readonly status: Status;
}

/** Related, and the other side has not said what it must. */
export type Pending<U> = { readonly state: "pending"; readonly status: Status<"waiting"> } & Existing<U>;

/** The other side says something that the interface does not allow. */
export type Invalid<U> = {
  readonly state: "invalid";
  readonly status: Status<"blocked">;
  readonly issues: readonly Issue[];
} & Existing<U>;

/** The other side has said what it must. */
export type Ready<R, U> = {
  readonly state: "ready";
  readonly status: Status<"active">;
  readonly data: R;
} & Existing<U>;

/** The only relation of an endpoint with limit 1. `data` is there once `state` is `ready`. */
export type Relation<L, R, LU, U> = Writer<L, LU> & (Missing | Pending<U> | Invalid<U> | Ready<R, U>);

/** A relation of an endpoint that may have many. */
export type OneOfMany<L, R, LU, U> = Writer<L, LU> & (Pending<U> | Invalid<U> | Ready<R, U>);

/**
 * All relations of an endpoint, in order of their ids. `publish` and its kin say the same on each of them.
 */
export type Relations<L, R, LU, U> = Iterable<OneOfMany<L, R, LU, U>> &
  Writer<L, LU> & {
    readonly all: readonly OneOfMany<L, R, LU, U>[];
    readonly ready: readonly (Writer<L, LU> & Ready<R, U>)[];
    /** The worst of the relations, or of having none; active when the endpoint is optional and none is invalid. */
    readonly status: Status;
  };

/** One unit of this application, this one included, and what it says to its peers. */
export type PeerUnit<U> = RemoteUnit<U> & { readonly own: boolean };

/** What every peer relation has. */
export interface PeerExisting<U> {
  readonly id: number;
  /** The application databag, as it is; every unit may read it. */
  readonly raw: RawDatabag;
  /** All units, this one included, sorted by name. */
  readonly units: readonly PeerUnit<U>[];
}

/** The peer relation of an application: what it says to itself. `R` is what it reads back. */
export type Peers<L, R, LU, U> = Writer<L, LU> &
  (
    | { readonly state: "missing"; readonly status: Status; readonly units: readonly PeerUnit<U>[] }
    | ({ readonly state: "pending"; readonly status: Status } & PeerExisting<U>)
    | ({
        readonly state: "invalid";
        readonly status: Status<"blocked">;
        readonly issues: readonly Issue[];
      } & PeerExisting<U>)
    | ({ readonly state: "ready"; readonly status: Status<"active">; readonly data: R } & PeerExisting<U>)
  );
