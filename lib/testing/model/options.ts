import type { ConfigOf } from "../../charm/context.ts";
import type { Part } from "../../charm/contract.ts";
import type { FakeContainerOptions } from "../pebble/container-pebble.ts";

/** How a model is made. */
export interface FakeModelOptions {
  /** Default `fake`. */
  readonly name?: string;
  /** Decides everything Juju leaves open. Default 1. */
  readonly seed?: number;
  /** Default `4.0.15`. */
  readonly jujuVersion?: string;
  /** Default `kubernetes`. Charms on machines have no containers; subordinates live on machines. */
  readonly type?: "kubernetes" | "machine";
  /** Identifier of the model. */
  readonly uuid?: string;
}

/** How a model settles. */
export interface SettleOptions {
  /** Default 1000. */
  readonly maxEvents?: number;
  /** Told of each hook that begins (`auth/0 install`), while it is open: the place to let something go wrong. */
  readonly onEvent?: (event: string) => void;
  /** A breakpoint: stops after this event (`auth/0 install`) has ended; the next `settle` goes on from there. */
  readonly until?: string | ((event: string) => boolean);
}

/** How a history is reported. */
export interface ReportOptions {
  /** Secret values in plain text. Default false: `***`. */
  readonly reveal?: boolean;
}

/** How an application is deployed. */
export interface FakeDeployOptions<M> {
  readonly config?: { readonly [K in keyof ConfigOf<M>]?: ConfigOf<M>[K] };
  /** Default 1. */
  readonly units?: number;
  readonly trust?: boolean;
  /** How each unit's containers begin, by name; commands they answer for example. */
  readonly containers?: { readonly [K in keyof Part<M, "containers">]?: FakeContainerOptions };
  /** Paths of file resources. */
  readonly resources?: Readonly<Record<string, string>>;
}

/** How an application is given another version of its charm. */
export type FakeRefreshOptions<M> = Pick<FakeDeployOptions<M>, "config" | "containers" | "resources"> & {
  /** Units in error go on to the new charm too. */
  readonly forceUnits?: boolean;
};

/** One relation, seen from one endpoint. */
export interface DatabagsOf {
  readonly id: number;
  readonly remoteApp: string;
  readonly localAppData: Readonly<Record<string, string>>;
  readonly remoteAppData: Readonly<Record<string, string>>;
  /** By unit, of both sides; Juju's own keys included. */
  readonly unitData: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** How an action ended. */
export interface FakeTask {
  readonly status: string;
  readonly message: string;
  readonly results: Readonly<Record<string, unknown>>;
  readonly log: readonly string[];
}
