import type { Container } from "./container.ts";
import type { Endpoints, Part } from "./contract.ts";
import type { EndpointDef, LocalData, LocalUnitData, RemoteData, RemoteUnitData, Side } from "./interface.ts";
import type { Log } from "./log.ts";
import type { Option } from "./option.ts";
import type { Peers, Relation, Relations } from "./relation.ts";
import type { Secrets } from "./secrets.ts";

/** The values of a charm's options: those with a default always have one. */
export type ConfigOf<M> = {
  readonly [K in keyof Part<M, "config">]: Part<M, "config">[K] extends Option<infer T, infer D>
    ? undefined extends D
      ? T | undefined
      : T
    : never;
};

type IsOne<E> =
  E extends EndpointDef<infer _R, Side, Side, infer O>
    ? O extends { readonly limit: 1 }
      ? true
      : false
    : false;

/** How an endpoint is seen: peers, one relation (limit 1), or many. */
export type EndpointView<E> =
  E extends EndpointDef<"peer", Side, Side>
    ? Peers<LocalData<E>, RemoteData<E>, LocalUnitData<E>, RemoteUnitData<E>>
    : IsOne<E> extends true
      ? Relation<LocalData<E>, RemoteData<E>, LocalUnitData<E>, RemoteUnitData<E>>
      : Relations<LocalData<E>, RemoteData<E>, LocalUnitData<E>, RemoteUnitData<E>>;

/** Ports and protocols: `8080` is `8080/tcp`. */
export type Port = number | `${number}/${"tcp" | "udp"}`;

/** Text the unit keeps in the controller, across pod churn. Reads see this hook's own writes. */
export interface State {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string): void;
  delete(key: string): void;
}

/** What `network-get` says of an endpoint; fields are empty while the unit has no address. */
export interface Network {
  readonly bindAddress: string | undefined;
  readonly ingressAddress: string | undefined;
  readonly egressSubnets: readonly string[];
}

/** One attached storage instance. */
export interface AttachedStorage {
  /** `data/0`. */
  readonly id: string;
  /** Absolute path of the mount or device, in the charm container. */
  readonly location: string;
}

/**
 * What a handler sees and may do. Data is as it was when the hook began; writes to Juju are collected and
 * sent once, after the handler.
 */
export interface Context<M> {
  /** Name of the application. */
  readonly app: string;
  /** `web/0`. */
  readonly unit: string;
  /** Name of the model. */
  readonly model: string;
  readonly modelUuid: string;
  /** Version of the Juju agent. */
  readonly jujuVersion: string;
  readonly leader: boolean;
  readonly config: ConfigOf<M>;
  readonly relations: { readonly [K in keyof Endpoints<M>]: EndpointView<Endpoints<M>[K]> };
  readonly containers: { readonly [K in keyof Part<M, "containers">]: Container };
  readonly secrets: Secrets;
  readonly state: State;
  readonly log: Log;
  /** Ends when the hook is being ended. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch, of the hook's clock. */
  readonly now: () => number;
  /** Opens exactly these ports, and closes the others. Not calling it leaves them. */
  readonly setPorts: (...ports: readonly Port[]) => void;
  /** The workload's version, as `juju status` shows it. */
  readonly setWorkloadVersion: (version: string) => void;
  /** Addresses of this unit on an endpoint. */
  readonly network: (endpoint: keyof Endpoints<M> & string) => Promise<Network>;
  /** Path of a file resource. */
  readonly resource: (name: keyof Part<M, "resources"> & string) => Promise<string>;
  /** Instances of a storage that are attached now, in order of their ids. */
  readonly storage: (name: keyof Part<M, "storage"> & string) => Promise<readonly AttachedStorage[]>;
  /** How many units there should be. */
  readonly plannedUnits: () => Promise<number>;
}
