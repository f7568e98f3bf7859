/** Which peers are gateways, whose forwarded headers are believed. */
import type { Networks } from "./address.ts";
import type { Asked } from "./reply.ts";

type Peer = Asked["socket"];

/** What was found out about a connection. */
interface Known {
  /** The networks that it was compared with; undefined: it is believed whatever they are. */
  readonly by: Networks | undefined;
  readonly believed: boolean;
}

const known = new WeakMap<Peer, Known>();

/** Believes whoever is connected, whatever their address: a Unix socket's peers have none, and its permissions chose them. */
export function trustPeer(peer: Peer): void {
  known.set(peer, { by: undefined, believed: true });
}

/**
 * True when the peer's address is in the networks. Remembered for the connection as long as these are the same: those of a
 * configuration that was read again are others, and connections outlive it.
 */
export function isBelieved(peer: Peer, trusted: Networks): boolean {
  const before = known.get(peer);
  if (before !== undefined && (before.by === undefined || before.by === trusted)) return before.believed;
  const believed = trusted.has(peer.remoteAddress ?? "");
  known.set(peer, { by: trusted, believed });
  return believed;
}
