/**
 * Interface libraries: what two charms say to each other over a relation, once for both sides.
 *
 * @module
 */

import type { AnyDatabag, Databag } from "./databag.ts";
import type { In, Out, Schema } from "./schema.ts";

export {
  type Codec,
  type CodecResult,
  canonicalJson,
  decimal,
  json,
  jsonOrText,
  pythonBoolean,
  text,
} from "./codec.ts";
export {
  type Alternate,
  type AnyDatabag,
  type Databag,
  type DatabagCodec,
  type DatabagOptions,
  type Decoded,
  databag,
  decode,
  encode,
  JUJU_UNIT_KEYS,
  type RawDatabag,
} from "./databag.ts";
export { type In, type Issue, issueText, type Out, type Schema, type Validated, validate } from "./schema.ts";

/** What one side writes: in its application databag, in each of its unit databags, in both, or nowhere. */
export interface Side {
  readonly app?: AnyDatabag;
  readonly unit?: AnyDatabag;
}

/** A databag alone means the application databag. */
export type SideInput = AnyDatabag | Side;

/** An interface between a provider and a requirer. */
export interface InterfaceContract {
  /** As in `charmcraft.yaml`, in wire spelling: `forward_auth`. */
  readonly name: string;
  readonly version: number;
  readonly provider: SideInput;
  readonly requirer: SideInput;
}

/** What the units of one application tell each other. */
export interface PeerContract {
  readonly name: string;
  readonly version?: number;
  readonly app?: AnyDatabag;
  readonly unit?: AnyDatabag;
}

/** How a charm uses an interface on one of its endpoints. */
export interface EndpointOptions {
  /** Most relations at once; `1` makes the endpoint one relation instead of many. Default: no limit. */
  readonly limit?: number;
  /** Whether the charm works without it. Default: a required endpoint without a relation is blocked. */
  readonly optional?: boolean;
  /** `container`: the relation lives between a principal and its subordinate. Default `global`. */
  readonly scope?: "global" | "container";
  readonly description?: string;
}

/** Juju's three roles of an endpoint. */
export type Role = "provider" | "requirer" | "peer";

/** One endpoint of a charm: role, both sides' databags and the charm's options. */
export interface EndpointDef<
  R extends Role = Role,
  L extends Side = Side,
  T extends Side = Side,
  O extends EndpointOptions = EndpointOptions,
> {
  readonly role: R;
  readonly interface: string;
  readonly version: number;
  /** What this charm writes. */
  readonly local: L;
  /** What the other side writes; for peers the same. */
  readonly remote: T;
  readonly options: O;
}

type Normal<S> = S extends Databag<infer X> ? { readonly app: Databag<X> } : S extends Side ? S : never;

/** An interface with a function per role, to be called in a charm's contract. */
export interface Interface<I extends InterfaceContract> {
  readonly name: I["name"];
  readonly version: I["version"];
  readonly sides: { readonly provider: Normal<I["provider"]>; readonly requirer: Normal<I["requirer"]> };
  provider<const O extends EndpointOptions = Record<never, never>>(
    options?: O,
  ): EndpointDef<"provider", Normal<I["provider"]>, Normal<I["requirer"]>, O>;
  requirer<const O extends EndpointOptions = Record<never, never>>(
    options?: O,
  ): EndpointDef<"requirer", Normal<I["requirer"]>, Normal<I["provider"]>, O>;
}

/**
 * Defines an interface. A side is a databag (its application databag) or `{ app, unit }`; `{}` for a side
 * that writes nothing, which makes the relation ready as soon as it exists.
 *
 * @example
 * ```ts
 * export const ingress = defineInterface({
 *   name: "ingress",
 *   version: 2,
 *   provider: databag.json(v.object({ ingress: v.object({ url: v.string() }) })),
 *   requirer: {
 *     app: databag.json(v.object({ name: v.string(), port: v.number() })),
 *     unit: databag.json(v.object({ host: v.string() })),
 *   },
 * });
 * // In a contract: requires: { ingress: ingress.requirer({ limit: 1 }) }
 * ```
 */
export function defineInterface<const I extends InterfaceContract>(contract: I): Interface<I> {
  const provider = side(contract.provider) as Normal<I["provider"]>;
  const requirer = side(contract.requirer) as Normal<I["requirer"]>;
  const shared = { interface: contract.name, version: contract.version };
  return {
    name: contract.name,
    version: contract.version,
    sides: { provider, requirer },
    provider: (options) =>
      ({ ...shared, role: "provider", local: provider, remote: requirer, options: options ?? {} }) as never,
    requirer: (options) =>
      ({ ...shared, role: "requirer", local: requirer, remote: provider, options: options ?? {} }) as never,
  };
}

/** The options of a peer endpoint: it always exists, once. */
export interface PeerOptions {
  readonly description?: string;
}

type PeerSide<P> = (P extends { readonly app: infer A extends AnyDatabag } ? { readonly app: A } : Nothing) &
  (P extends { readonly unit: infer U extends AnyDatabag } ? { readonly unit: U } : Nothing);

/** A peer interface, to be called in a charm's contract. */
export interface PeerInterface<P extends PeerContract> {
  readonly name: P["name"];
  peer(
    options?: PeerOptions,
  ): EndpointDef<"peer", PeerSide<P>, PeerSide<P>, PeerOptions & { limit: 1; optional: true }>;
}

/**
 * Defines what units of one application share.
 *
 * @example
 * ```ts
 * const state = definePeerInterface({ name: "proxy_peers", app: databag(v.object({ key: v.string() })) });
 * // In a contract: peers: { peers: state.peer() }
 * ```
 */
export function definePeerInterface<const P extends PeerContract>(contract: P): PeerInterface<P> {
  const both: Side = {
    ...(contract.app === undefined ? {} : { app: contract.app }),
    ...(contract.unit === undefined ? {} : { unit: contract.unit }),
  };
  const shared = { role: "peer", interface: contract.name, version: contract.version ?? 0 } as const;
  return {
    name: contract.name,
    peer: (options) =>
      ({ ...shared, local: both, remote: both, options: { ...options, limit: 1, optional: true } }) as never,
  };
}

function side(input: SideInput): Side {
  return "schema" in input ? { app: input } : input;
}

type InOf<B> = B extends Databag<infer S extends Schema> ? In<S> : never;
type OutOf<B> = B extends Databag<infer S extends Schema> ? Out<S> : never;
type AppBag<S> = S extends { readonly app: infer B } ? B : never;
type UnitBag<S> = S extends { readonly unit: infer B } ? B : never;
type Nothing = Record<never, never>;
type Or<T, Else> = [T] extends [never] ? Else : T;

/** What this charm writes into its application databag. */
export type LocalData<E> = E extends EndpointDef<Role, infer L, Side> ? InOf<AppBag<L>> : never;
/** What this charm writes into its unit databag. */
export type LocalUnitData<E> = E extends EndpointDef<Role, infer L, Side> ? InOf<UnitBag<L>> : never;
/** What the other side's application databag means; empty when it writes none. */
export type RemoteData<E> =
  E extends EndpointDef<Role, Side, infer R> ? Or<OutOf<AppBag<R>>, Nothing> : never;
/** What each of the other side's unit databags means; empty when it writes none. */
export type RemoteUnitData<E> =
  E extends EndpointDef<Role, Side, infer R> ? Or<OutOf<UnitBag<R>>, Nothing> : never;
/** What the other side would publish in its application databag; for tests. */
export type RemoteInput<E> = E extends EndpointDef<Role, Side, infer R> ? InOf<AppBag<R>> : never;
/** What the other side would publish in its unit databags; for tests. */
export type RemoteUnitInput<E> = E extends EndpointDef<Role, Side, infer R> ? InOf<UnitBag<R>> : never;
