/** Log lines about what an enforcement point or a client does wrong, not one for each request. */
import type { Context } from "../server/context.ts";
import type { Exchange } from "../server/exchange.ts";
import { Bounded } from "../session/bounded.ts";

/** Milliseconds between two lines about the same. */
const PAUSE = 60_000;

/** Most peers remembered. */
const PEERS = 1024;

interface Said {
  readonly reasons: Map<string, number>;
  readonly peers: Bounded<string, true>;
}

const said = new WeakMap<Context, Said>();

function saidOf(context: Context): Said {
  const known = said.get(context) ?? { reasons: new Map(), peers: new Bounded<string, true>(PEERS) };
  said.set(context, known);
  return known;
}

/** Says why a question was refused, at most once a minute for each reason. */
export function noteRefusal(exchange: Exchange, reason: string): void {
  const { context, mode, client, id } = exchange;
  const { reasons } = saidOf(context);
  const now = context.now();
  if (now - (reasons.get(reason) ?? Number.NEGATIVE_INFINITY) < PAUSE) return;
  reasons.set(reason, now);
  context.log.warn("question refused", { id, mode, client, reason });
}

/** Counts another spelling of a header that we own, and says so once for each peer. */
export function noteAlias(exchange: Exchange): void {
  const { context, client, id } = exchange;
  const { peers } = saidOf(context);
  context.metrics.event("alias-header", "seen");
  if (peers.get(client) !== undefined) return;
  peers.set(client, true);
  context.log.warn("another spelling of an identity or forwarded header came through", { id, client });
}
