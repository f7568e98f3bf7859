/** From the decision to the upstream: an allowed request goes where its path belongs. */
import { answerError } from "../compat/pages.ts";
import { tellUpstreamFault } from "../log/events.ts";
import { removing } from "../points/removal.ts";
import type { Answered, Exchange, Outcome } from "../server/exchange.ts";
import { type Entry, StoreUnavailableError } from "../session/store.ts";
import type { Passed } from "./passed.ts";
import { heldUpgrade } from "./upgrade.ts";
import type { Plan, Upstreams } from "./upstreams.ts";

/** What was decided. */
export interface Allowed {
  /** Undefined: allowed without login. */
  readonly entry: Entry | undefined;
  /** Headers of the answer: identity and cookies. */
  readonly headers: readonly string[];
  /** Those among them that applications ask for, which the upstream gets too. */
  readonly wanted: readonly string[];
  readonly said: Outcome;
}

/** What people are told; why it is so is in the log. */
const TEXTS = {
  400: "The address cannot be read.",
  413: "The request is too large.",
  502: "There was a problem connecting to the upstream server.",
} as const;

/** Milliseconds between looks at the session of an upgraded connection. */
const RECHECK = 60_000;

/**
 * How long an upgraded connection may go on before it is asked again, in milliseconds: not longer than its session, which
 * may be prolonged or ended meanwhile. A store that does not answer ends nothing.
 */
function lifeOf(exchange: Exchange, entry: Entry | undefined): () => Promise<number> {
  const { now, sessions, settings } = exchange.context;
  const most = settings.options.websocket_lifetime;
  const last = most === 0 ? Number.POSITIVE_INFINITY : now() + most;
  const { cookie } = exchange.head;
  const load = async () => await sessions.load(cookie);
  let bound: boolean | undefined;
  let endsAt = entry?.endsAt ?? Number.POSITIVE_INFINITY;
  return async () => {
    try {
      const current = entry === undefined || bound === false ? undefined : await load();
      bound ??= current !== undefined && current.session.id === entry?.session.id;
      if (bound) endsAt = current?.endsAt ?? 0;
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
    }
    return Math.min(endsAt - now(), last - now(), RECHECK);
  };
}

/** Hands an allowed request on; the exchange ends with the upstream's answer. */
export function passOn(upstreams: Upstreams, exchange: Exchange, plan: Plan, allowed: Allowed): Answered {
  const { http } = exchange;
  if (http === undefined) throw new TypeError("Only a request over HTTP can be handed on");
  const { headers, wanted, entry } = allowed;
  const said = plan.kind === "upstream" ? { ...allowed.said, upstream: plan.id } : allowed.said;
  const passed: Passed = {
    request: http.response.req,
    response: http.response,
    upgrade: heldUpgrade(http.response),
    session: entry?.session,
    answer: headers,
    wanted,
    foreign: exchange.context.policy.rules?.headerNames,
    host: exchange.head.host,
    peer: exchange.peer,
    life: lifeOf(exchange, entry),
    reply: (status, own, body) =>
      exchange.send(status, [...removing(exchange.head, headers), ...own], body, said),
    done: (status, bytes) => exchange.record(status, bytes, said),
    fail(status, reason, detail) {
      tellUpstreamFault(exchange, reason, detail);
      answerError(exchange, { status, message: TEXTS[status], redirect: "" }, headers, said);
    },
  };
  return upstreams.pass(plan, passed);
}
