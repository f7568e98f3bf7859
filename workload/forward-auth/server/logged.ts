/** What logs tell about a request. */
import type { AuthFields, AuthStatus, RequestLine } from "../log/line.ts";
import { traceId } from "../log/trace.ts";
import type { Exchange, Outcome } from "./exchange.ts";

/** What lines of the auth log tell about the request. */
export function authFields(exchange: Exchange, status: AuthStatus, user?: string): AuthFields {
  const { head, id, method, protocol } = exchange;
  return {
    status,
    id,
    client: clientOf(exchange),
    host: hostOf(exchange),
    method,
    protocol,
    agent: head["user-agent"],
    trace: traceId(head.traceparent),
    ...(user === undefined ? {} : { user }),
  };
}

/** How a request was answered. */
interface Answered {
  readonly status: number;
  /** Bytes of the body. */
  readonly size: number;
  readonly seconds: number;
}

/** What the line of a request tells. */
export function requestLine(
  exchange: Exchange,
  { status, size, seconds }: Answered,
  outcome: Outcome,
): RequestLine {
  const { head, id, method, protocol } = exchange;
  const { path } = outcome;
  return {
    id,
    client: clientOf(exchange),
    user: outcome.user ?? exchange.user,
    host: hostOf(exchange),
    method,
    uri: uriOf(exchange),
    protocol,
    agent: head["user-agent"],
    status,
    size,
    seconds,
    upstream: outcome.upstream,
    trace: traceId(head.traceparent),
    original:
      path === undefined
        ? undefined
        : { method: outcome.method ?? method, host: outcome.host ?? head.host ?? "", path },
    decision: outcome.decision,
    reason: outcome.reason,
  };
}

/** As oauth2-proxy shows it: a peer with its port, unless a gateway tells the user's address. */
function clientOf(exchange: Exchange): string {
  const { options } = exchange.context.settings;
  return exchange.mode === "compat" && !options.reverse_proxy ? exchange.peerAddress : exchange.client;
}

function hostOf({ context, mode, head, trusted }: Exchange): string {
  const forwarded = mode === "compat" && context.settings.options.reverse_proxy && trusted;
  return (forwarded ? head["x-forwarded-host"] : undefined) ?? head.host ?? "";
}

/** The address without what signs somebody in: the query of a callback holds code and state. */
function uriOf({ path, url }: Exchange): string {
  const uri = path.endsWith("/callback") ? path : url;
  if (/^[\x20-\x7e]*$/.test(uri)) return uri;
  return uri.replace(
    /[^\x20-\x7e]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}
