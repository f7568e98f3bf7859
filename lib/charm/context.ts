import type { ApplicationStatus } from "../hook/commands/status.ts";
import type { CloudSpec, GoalState } from "../hook/commands/unit.ts";
import type { HookCommands } from "../hook/hook-commands.ts";
import type { Sensitive } from "../hook/sensitive.ts";
import type { Changes } from "./changes.ts";
import type { Container } from "./container.ts";
import type { Endpoints, Part } from "./contract.ts";
import type { EndpointDef, LocalData, LocalUnitData, RemoteData, RemoteUnitData, Side } from "./interface.ts";
import type { JujuFeature } from "./juju-version.ts";
import type { Log } from "./log.ts";
import type { Option } from "./option.ts";
import type { Peers, Relation, Relations } from "./relation.ts";
import type { Secrets } from "./secrets.ts";
import type { Status } from "./status.ts";

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

/** Ports and protocols: `8080` is `8080/tcp`. Ranges and `icmp` are for machines: Kubernetes refuses them. */
export type Port = number | `${number}/${"tcp" | "udp"}` | `${number}-${number}/${"tcp" | "udp"}` | "icmp";

/** A port, or a port for some endpoints only. */
export type WantedPort<E extends string = string> =
  | Port
  | { readonly port: Port; readonly endpoints: readonly E[] };

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
  /** All of them, the first one included. */
  readonly ingressAddresses: readonly string[];
  /** Every address of this unit there; `subnet` is empty on Kubernetes. */
  readonly interfaces: readonly {
    readonly name: string;
    readonly address: string;
    readonly hostname: string;
    readonly subnet: string;
  }[];
}

/** An image resource: where the image is, and how to get it. */
export interface ImageResource {
  /** `ghcr.io/x/web:1`. */
  readonly registryPath: string;
  readonly username: string | undefined;
  readonly password: Sensitive<string> | undefined;
}

/** Where a hook runs, as Juju says it; absent: Juju says nothing. */
export interface HookPlace {
  /** Absolute path of the charm's own files; on Kubernetes they go with the pod. */
  readonly charmDir: string;
  /** Whether the model is on Kubernetes, and not on machines. */
  readonly kubernetes: boolean;
  readonly machineId: string | undefined;
  /** The unit that a subordinate lives beside. */
  readonly principalUnit: string | undefined;
  readonly availabilityZone: string | undefined;
  /** Kubernetes version, `1.31.0`. */
  readonly cloudApiVersion: string | undefined;
  /** `host:port` of the controller. */
  readonly apiAddresses: readonly string[];
  /** Proxies that programs the charm starts should use; from the model's `juju-http-proxy` and its kin. */
  readonly proxy: {
    readonly http: string | undefined;
    readonly https: string | undefined;
    readonly ftp: string | undefined;
    /** Hosts without a proxy, separated by commas. */
    readonly no: string | undefined;
  };
  /** Where traces go, and the trace this hook belongs to; Juju 4. */
  readonly tracing: {
    readonly http: string | undefined;
    readonly grpc: string | undefined;
    /** PEM. */
    readonly caCertificate: string | undefined;
    readonly traceId: string | undefined;
    readonly spanId: string | undefined;
  };
}

type Endpoint<M> = keyof Endpoints<M> & string;

type ExtraBinding<M> = M extends { readonly extraBindings: readonly (infer B extends string)[] } ? B : never;

/** What `network` may be asked for. */
export type Binding<M> = Endpoint<M> | ExtraBinding<M> | "juju-info";

/** A resource of the contract: a file, or the image of a container. */
export type ResourceName<M> = (keyof Part<M, "resources"> & string) | ImageOf<Part<M, "containers">>;

type ImageOf<C> = {
  [K in keyof C]: C[K] extends { readonly image: infer I extends string } ? I : never;
}[keyof C];

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
  /** Where the hook runs: machine, zone, proxies and their kin. */
  readonly place: HookPlace;
  readonly leader: boolean;
  readonly config: ConfigOf<M>;
  readonly relations: { readonly [K in keyof Endpoints<M>]: EndpointView<Endpoints<M>[K]> };
  readonly containers: { readonly [K in keyof Part<M, "containers">]: Container };
  readonly secrets: Secrets;
  readonly state: State;
  /**
   * Which keys of a table differ from what the last hook that ended well gave under this name: options, a databag. For work that
   * is dear and not repeatable at will; what can be compared with the world itself is better compared with that. The unit keeps
   * fingerprints in the controller, which outlive the pod; the first time every key is added. A `Sensitive` value looks as
   * any other, so a change of one is not seen. One answer a name and hook.
   *
   * @example
   * ```ts
   * const { changed } = await changes("config", config);
   * if (changed.includes("schema")) await migrate();
   * ```
   */
  readonly changes: (name: string, values: Readonly<Record<string, unknown>>) => Promise<Changes>;
  readonly log: Log;
  /** Ends when the hook is being ended. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch, of the hook's clock. */
  readonly now: () => number;
  /** Opens exactly these ports, and closes the others. Not calling it leaves them. */
  readonly setPorts: (...ports: readonly WantedPort<Endpoint<M>>[]) => void;
  /**
   * Reports how the application is as a whole, sent after the handler. Juju shows this from then on, and no longer the worst of
   * its units': a charm that has said it once must go on saying it. On followers it does nothing but log so, for
   * only the leader may.
   */
  readonly setAppStatus: (status: Status) => void;
  /** The application's status and those of all its units; `undefined` on followers, who may not ask. */
  readonly appStatus: () => Promise<ApplicationStatus | undefined>;
  /** The workload's version, as `juju status` shows it. */
  readonly setWorkloadVersion: (version: string) => void;
  /** Addresses of this unit on an endpoint. */
  readonly network: (binding: Binding<M>, options?: { readonly relation?: number }) => Promise<Network>;
  /**
   * Path of a resource's file, downloaded when it has changed.
   *
   * @throws {ResourceMissingError} `ERR_RESOURCE_MISSING`, blocked: nobody has attached it.
   */
  readonly resource: (name: ResourceName<M>) => Promise<string>;
  /** An image resource, read. Throws as `resource` does. */
  readonly image: (name: ResourceName<M>) => Promise<ImageResource>;
  /** Instances of a storage that are attached now, in order of their ids; one that is detaching is gone. */
  readonly storage: (name: keyof Part<M, "storage"> & string) => Promise<readonly AttachedStorage[]>;
  /**
   * Asks for more instances of a storage, sent after the handler. Each call adds: ask while `storage` gives too few.
   */
  readonly requestStorage: (name: keyof Part<M, "storage"> & string, count?: number) => void;
  /** How many units there should be. */
  readonly plannedUnits: () => Promise<number>;
  /** What the operator has asked for: this application's units and, by endpoint, those at the other ends. */
  readonly goalState: () => Promise<GoalState>;
  /** Model of the application at the other end of a relation; another than this one's for relations between models. */
  readonly remoteModelUuid: (relation: { readonly id: number }) => Promise<string>;
  /**
   * The model's cloud and its credential.
   *
   * @throws {NotTrustedError} `ERR_NOT_TRUSTED`, blocked: it takes `juju trust`.
   * @throws {JujuTooOldError} `ERR_JUJU_TOO_OLD`, blocked: on Kubernetes before Juju 3.6.10.
   */
  readonly cloud: () => Promise<CloudSpec>;
  /** Asks for a reboot of the machine, after this hook has ended well. Not for actions and Kubernetes. */
  readonly reboot: () => void;
  /**
   * Goes on when the running Juju has the feature.
   *
   * @throws {JujuTooOldError} `ERR_JUJU_TOO_OLD`, blocked.
   */
  readonly requireJuju: (feature: JujuFeature) => void;
  /** Everything else that Juju answers. Its writes are not collected: they go to Juju when they are made. */
  readonly juju: HookCommands;
}
