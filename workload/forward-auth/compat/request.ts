/** What a request says of itself and of the user's request, as far as the peer is believed. */
import { type HostReading, readHost } from "../rules/host.ts";
import { readHop } from "../server/client.ts";
import type { Exchange } from "../server/exchange.ts";

/** The host that the user asked, as sent. */
export function hostText(exchange: Exchange): string {
  const forwarded = exchange.forwards ? exchange.head["x-forwarded-host"] : undefined;
  return forwarded || (exchange.head.host ?? "");
}

/** The host that the user asked; a final dot is no part of it. */
export function hostOf(exchange: Exchange): HostReading | undefined {
  return readHost(hostText(exchange).replace(/\.(?=:\d+$|$)/, ""));
}

/** True when a gateway names a host that is none: nothing can lead there or come back from there. */
export function isLost(exchange: Exchange): boolean {
  const forwarded = exchange.forwards ? exchange.head["x-forwarded-host"] : undefined;
  return forwarded !== undefined && forwarded !== "" && hostOf(exchange) === undefined;
}

/** The scheme that a trusted peer names; empty when it names none, or none that is one. */
export function forwardedScheme(exchange: Exchange): string {
  const sent = exchange.forwards ? exchange.head["x-forwarded-proto"] : undefined;
  return sent !== undefined && /^(?:https?|wss?)$/i.test(sent) ? sent.toLowerCase() : "";
}

/** Path and query that the user asked for. */
export function uriOf(exchange: Exchange): string {
  const forwarded = exchange.forwards ? exchange.head["x-forwarded-uri"] : undefined;
  return forwarded || exchange.url;
}

/**
 * The address that may pass without login: behind a proxy what the proxy says, if it is trusted; else the peer's. Of several in
 * one header the last that is no trusted proxy counts, for the others are whatever the client wrote.
 */
export function clientAddress(exchange: Exchange): string | undefined {
  const { options, trusted } = exchange.context.settings;
  if (!options.reverse_proxy) return exchange.peer;
  if (!exchange.trusted) return undefined;
  const sent = exchange.header(options.real_client_ip_header);
  if (sent.length === 0) return undefined;
  const hops = sent.flatMap((value) => value.split(",")).map((hop) => readHop(hop.trim()));
  // An entry that is no address is nobody: what stands in front of it was not written by a gateway.
  const at = hops.findLastIndex((hop) => hop === undefined || !trusted.has(hop));
  return hops[Math.max(at, 0)];
}

/** True when another site led here, as far as the browser says so. */
export function isCrossSite(exchange: Exchange): boolean {
  const { origin } = exchange.head;
  if (exchange.head["sec-fetch-site"] === "cross-site") return true;
  if (exchange.method !== "POST" || origin === undefined) return false;
  return (
    origin === "null" || !URL.canParse(origin) || new URL(origin).host !== hostText(exchange).toLowerCase()
  );
}
