import type { Endpoints, Part } from "./contract.ts";

type LifecycleEvent =
  | "install"
  | "start"
  | "stop"
  | "remove"
  | "config-changed"
  | "update-status"
  | "upgrade-charm"
  | "leader-elected";

type SecretEventName = "secret-changed" | "secret-rotate" | "secret-remove" | "secret-expired";

type RelationSuffix = "created" | "joined" | "changed" | "departed" | "broken";

type PebbleSuffix = "ready" | "custom-notice" | "check-failed" | "check-recovered";

type Keys<T> = keyof T & string;

/** Every event of a charm, by Juju's name. */
export type EventName<M> =
  | LifecycleEvent
  | SecretEventName
  | `${Keys<Endpoints<M>>}-relation-${RelationSuffix}`
  | `${Keys<Part<M, "containers">>}-pebble-${PebbleSuffix}`
  | `${Keys<Part<M, "storage">>}-storage-${"attached" | "detaching"}`;

/** What a relation event is about. */
export interface RelationEvent {
  readonly name: string;
  readonly relationId: number;
  readonly endpoint: string;
  readonly remoteApp: string;
  /** Absent when the application databag changed, and for created and broken. */
  readonly remoteUnit?: string;
  /** Departed only: the unit that leaves; may be this one. */
  readonly departingUnit?: string;
}

/** What a secret event is about. */
export interface SecretEvent {
  readonly name: string;
  readonly secretId: string;
  readonly label?: string;
  /** `secret-remove` and `secret-expired` only. */
  readonly revision?: number;
}

/** What an event of a container is about. */
export interface PebbleEvent {
  readonly name: string;
  readonly container: string;
  readonly notice?: { readonly id: string; readonly type: string; readonly key: string };
  readonly check?: string;
}

/** What a storage event is about. */
export interface StorageEvent {
  readonly name: string;
  /** `data/0`. */
  readonly storageId: string;
}

/** An event that carries nothing but its name. */
export interface PlainEvent {
  readonly name: string;
}

/** What the handler of an event is given. */
export type EventOf<N extends string> = N extends `${string}-relation-${RelationSuffix}`
  ? RelationEvent
  : N extends SecretEventName
    ? SecretEvent
    : N extends `${string}-pebble-${PebbleSuffix}`
      ? PebbleEvent
      : N extends `${string}-storage-${string}`
        ? StorageEvent
        : PlainEvent;
