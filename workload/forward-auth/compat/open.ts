/** Requests that need no login: real preflights, open routes, trusted addresses. */
import { bothReadings, type PathReading, readPath } from "../rules/path.ts";
import type { Exchange } from "../server/exchange.ts";
import { clientAddress } from "./request.ts";

/** Why a request needs no login. */
export type OpenReason = "preflight" | "anonymous-path" | "trusted-address";

/** The request that is decided about: on a decision endpoint the user's, where we forward ourselves our own. */
interface Target {
  readonly method: string;
  readonly uri: string;
}

/** True when the answer goes to a gateway that forwards the request, not we: then the user's request line is told by headers. */
export function decidesOnly(exchange: Exchange, endpoint: boolean): boolean {
  return endpoint || exchange.context.settings.structure.upstreams.every((upstream) => upstream.static);
}

function targetOf(exchange: Exchange, endpoint: boolean): Target {
  const { head, method, url } = exchange;
  if (!exchange.forwards || !decidesOnly(exchange, endpoint)) return { method, uri: url };
  return { method: head["x-forwarded-method"] || method, uri: head["x-forwarded-uri"] || url };
}

/** A preflight as browsers send it; any other OPTIONS is a request like others. */
function isPreflight(exchange: Exchange, method: string): boolean {
  const { head } = exchange;
  return (
    method === "OPTIONS" && head.origin !== undefined && head["access-control-request-method"] !== undefined
  );
}

/** A path that no two readers take differently, with what upstream matches: text behind a decoded `#` never gets here. */
function plainPath(uri: string): PathReading | undefined {
  const path = readPath(uri);
  return path?.plain ? path : undefined;
}

/**
 * Why a request needs no login; undefined when it needs one.
 *
 * @param endpoint True on endpoints that only decide, such as `<prefix>/auth`.
 */
export function openReason(exchange: Exchange, endpoint: boolean): OpenReason | undefined {
  const { options, skipAuth, trustedClients } = exchange.context.settings;
  if (options.skip_auth_preflight && isPreflight(exchange, targetOf(exchange, endpoint).method))
    return "preflight";
  if (skipAuth.length > 0 && exchange.context.policy.rules === undefined) {
    const { method, uri } = targetOf(exchange, endpoint);
    const path = plainPath(uri);
    const isOpen = (text: string) => skipAuth.some((route) => route.matches(method, text));
    if (path !== undefined && bothReadings(path, isOpen)) return "anonymous-path";
  }
  if (trustedClients === undefined) return undefined;
  const address = clientAddress(exchange);
  return address !== undefined && trustedClients.has(address) ? "trusted-address" : undefined;
}
