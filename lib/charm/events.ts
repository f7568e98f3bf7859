import type { Endpoints, Part } from "./contract.ts";

type LifecycleEvent =
  | "install"
  | "start"
  | "stop"
  | "remove"
  | "config-changed"
  | "update-status"
  | "upgrade-charm"
  | "leader-elected"
  /** Juju 3.6 only, on followers. */
  | "leader-settings-changed";

/** Juju 3.6 only, on machines. */
type SeriesUpgradeEventName = "pre-series-upgrade" | "post-series-upgrade";

type SecretEventName = "secret-changed" | "secret-rotate" | "secret-remove" | "secret-expired";

type RelationSuffix = "created" | "joined" | "changed" | "departed" | "broken";

type PebbleSuffix = "ready" | "custom-notice" | "check-failed" | "check-recovered";

type Keys<T> = keyof T & string;

/** Every event of a charm, by Juju's name. */
export type EventName<M> =
  | LifecycleEvent
  | SeriesUpgradeEventName
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

/** What `joined` is about. */
export type JoinedEvent = RelationEvent & { readonly remoteUnit: string };

/** What `departed` is about. */
export type DepartedEvent = JoinedEvent & { readonly departingUnit: string };

/** What a secret event is about. */
export interface SecretEvent {
  readonly name: string;
  /** `secret:…`, or `secret://<model>/…` for a secret of another model. */
  readonly secretId: string;
  readonly label?: string;
  /** `secret-remove` and `secret-expired` only. */
  readonly revision?: number;
}

/** What `secret-remove` and `secret-expired` are about: one revision of an owned secret. */
export type SecretRevisionEvent = SecretEvent & { readonly revision: number };

/** A notice as an event carries it; everything else of it is in Pebble. */
export interface NoticeOfEvent {
  readonly id: string;
  /** `custom`. */
  readonly type: string;
  /** `example.com/backup-done`. */
  readonly key: string;
}

/** What an event of a container is about. */
export interface PebbleEvent {
  readonly name: string;
  readonly container: string;
  readonly notice?: NoticeOfEvent;
  readonly check?: string;
}

/** What a custom notice is about. Juju may deliver a notice more than once. */
export type NoticeEvent = PebbleEvent & { readonly notice: NoticeOfEvent };

/** What a check that failed or recovered is about; it may have changed again. */
export type CheckEvent = PebbleEvent & { readonly check: string };

/** What a storage event is about. */
export interface StorageEvent {
  readonly name: string;
  /** `data/0`. */
  readonly storageId: string;
  readonly kind?: "filesystem" | "block";
  /** Absolute path of the mount or device. */
  readonly location?: string;
}

/** What an upgrade of the machine's operating system is about. */
export interface SeriesUpgradeEvent {
  readonly name: string;
  /** What comes, `ubuntu@24.04/stable`; `pre-series-upgrade` only. */
  readonly targetBase?: string;
}

/** An event that carries nothing but its name. */
export interface PlainEvent {
  readonly name: string;
}

/** What the handler of an event is given. */
export type EventOf<N extends string> = N extends `${string}-relation-joined`
  ? JoinedEvent
  : N extends `${string}-relation-departed`
    ? DepartedEvent
    : N extends `${string}-relation-${RelationSuffix}`
      ? RelationEvent
      : N extends "secret-remove" | "secret-expired"
        ? SecretRevisionEvent
        : N extends SecretEventName
          ? SecretEvent
          : N extends `${string}-pebble-custom-notice`
            ? NoticeEvent
            : N extends `${string}-pebble-check-${string}`
              ? CheckEvent
              : N extends `${string}-pebble-${PebbleSuffix}`
                ? PebbleEvent
                : N extends `${string}-storage-${string}`
                  ? StorageEvent
                  : N extends SeriesUpgradeEventName
                    ? SeriesUpgradeEvent
                    : PlainEvent;
