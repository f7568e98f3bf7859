import type { AnyAction } from "./action.ts";
import type { Handlers } from "./handlers.ts";
import type { EndpointDef, EndpointOptions, Side } from "./interface.ts";
import type { AnyOption } from "./option.ts";

/** A workload container and where its image comes from. */
export interface ContainerDef {
  /** Name of the OCI image resource. */
  readonly image: string;
  /** The published image, for `upstream-source`. */
  readonly upstreamSource?: string;
  /** Description of the image resource. */
  readonly description?: string;
  /** Folder under `workload/` that the local model runs instead of an image. */
  readonly localImage?: string;
  /** Storage → where it is mounted. */
  readonly mounts?: Readonly<Record<string, string>>;
  /** User and group id of the workload, below 2^31; not in 1000–9999. */
  readonly uid?: number;
  readonly gid?: number;
}

/** Storage that outlives the pod. */
export interface StorageDef {
  readonly type: "filesystem" | "block";
  readonly description?: string;
  /** Path in the charm container. */
  readonly location?: string;
  /** `1G`, for example. */
  readonly minimumSize?: string;
  /** `2`, `0-1`, `1+`; absent: exactly one. */
  readonly multiple?: string;
  readonly shared?: boolean;
  readonly readOnly?: boolean;
  readonly properties?: readonly "transient"[];
}

/** A file that the operator attaches. Images are declared with their container. */
export interface ResourceDef {
  readonly type: "file" | "oci-image";
  readonly filename?: string;
  readonly description?: string;
  readonly upstreamSource?: string;
}

/** Devices of one kind. */
export interface DeviceDef {
  /** `nvidia.com/gpu`. */
  readonly type: string;
  readonly description?: string;
  /** Fewest and most; default 1. */
  readonly countMin?: number;
  readonly countMax?: number;
}

/** A condition on the model: text such as `juju >= 3.6` or `k8s-api`, or any or all of several. */
export type Assumption =
  | string
  | { readonly "any-of": readonly Assumption[] }
  | { readonly "all-of": readonly Assumption[] };

/** Where to read more about a charm, and whom to ask; all but `contact` are URLs. */
export interface Links {
  readonly contact?: string | readonly string[];
  readonly documentation?: string;
  readonly issues?: string | readonly string[];
  readonly source?: string | readonly string[];
  readonly website?: string | readonly string[];
}

/** Everything Juju needs to know before any of our code runs. `charmcraft.yaml` is emitted from it. */
export interface CharmContract {
  /** As on Charmhub: `oauth2-proxy-k8s`. */
  readonly name: string;
  readonly title?: string;
  /** One line. */
  readonly summary: string;
  /** Default: the summary. */
  readonly description?: string;
  readonly config?: Readonly<Record<string, AnyOption>>;
  readonly requires?: Readonly<Record<string, EndpointDef<"requirer", Side, Side, EndpointOptions>>>;
  readonly provides?: Readonly<Record<string, EndpointDef<"provider", Side, Side, EndpointOptions>>>;
  readonly peers?: Readonly<Record<string, EndpointDef<"peer", Side, Side, EndpointOptions>>>;
  readonly containers?: Readonly<Record<string, ContainerDef>>;
  readonly storage?: Readonly<Record<string, StorageDef>>;
  readonly resources?: Readonly<Record<string, ResourceDef>>;
  readonly actions?: Readonly<Record<string, AnyAction>>;
  /** Names that a network space can be bound to, beside the endpoints. */
  readonly extraBindings?: readonly string[];
  /** Devices, GPUs for example, that the workload needs. */
  readonly devices?: Readonly<Record<string, DeviceDef>>;
  readonly assumes?: readonly Assumption[];
  readonly charmUser?: "root" | "sudoer" | "non-root";
  readonly subordinate?: boolean;
  readonly links?: Links;
  /** Keys of `charmcraft.yaml` without a member here, `platforms` and `parts` for example; they win over what is emitted. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** The value of an optional part of a contract; an empty table when it is absent. */
export type Part<M, K extends string> = K extends keyof M ? Exclude<M[K], undefined> : Record<never, never>;

/** All endpoints of a contract by name. */
export type Endpoints<M> = Part<M, "requires"> & Part<M, "provides"> & Part<M, "peers">;

const handlersKey: unique symbol = Symbol("handlers");

/** A contract without its implementation. */
export interface Charm<M extends CharmContract = CharmContract> {
  readonly contract: M;
  /** Adds what the charm does. A required action without a handler does not compile. */
  implement(handlers: Handlers<M>): CharmProgram<M>;
}

/**
 * A contract and its handlers. The handlers are hidden from the type, which keeps programs covariant: a list
 * of different charms is a list of charms.
 */
export interface CharmProgram<out M extends CharmContract = CharmContract> {
  readonly contract: M;
  readonly [handlersKey]: unknown;
}

/**
 * Defines what a charm is. Data only: the packer, the documentation and the tests of other charms read it
 * without running anything.
 *
 * @example
 * ```ts
 * export const contract = defineCharm({
 *   name: "whoami-k8s",
 *   summary: "Shows the headers it received.",
 *   requires: { ingress: ingress.requirer({ limit: 1 }) },
 *   containers: { whoami: { image: "whoami-image", localImage: "whoami" } },
 * });
 * export default contract.implement({ reconcile: () => active() });
 * ```
 */
export function defineCharm<const M extends CharmContract>(contract: M): Charm<M> {
  return { contract, implement: (handlers) => ({ contract, [handlersKey]: handlers }) };
}

/** @internal What a program does, for whoever runs it. */
export function handlersOf(program: CharmProgram): Handlers<CharmContract> {
  return program[handlersKey] as Handlers<CharmContract>;
}

/** Every endpoint of a contract with its name, in the order requires, provides, peers. */
export function endpointsOf(contract: CharmContract): readonly (readonly [string, EndpointDef])[] {
  const known = endpoints.get(contract);
  if (known !== undefined) return known;
  const found = Object.entries<EndpointDef>({
    ...contract.requires,
    ...contract.provides,
    ...contract.peers,
  });
  endpoints.set(contract, found);
  return found;
}

const endpoints = new WeakMap<CharmContract, readonly (readonly [string, EndpointDef])[]>();
