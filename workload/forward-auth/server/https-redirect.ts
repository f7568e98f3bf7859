/** `force_https`: requests that did not come over TLS are sent to the address that does. */
import type { Exchange } from "./exchange.ts";

/** Port of the TLS listener's address; empty when it has none. */
function securePort(address: string): string {
  return /:(\d{1,5})$/.exec(address)?.[1] ?? "";
}

/**
 * Where a request has to go to come over TLS. Mode `compat` only: other modes are asked by gateways, whose requests are not
 * the users'.
 *
 * @returns Undefined when it may stay.
 * @see oauth2-proxy/oauth2-proxy: pkg/middleware/redirect_to_https.go
 */
export function httpsLocation(exchange: Exchange): string | undefined {
  const { head, forwards, mode } = exchange;
  const { options, structure } = exchange.context.settings;
  if (!options.force_https || mode !== "compat") return undefined;
  const told = forwards ? head["x-forwarded-proto"]?.toLowerCase() : undefined;
  if (told === undefined ? exchange.secure : told === "https") return undefined;
  const host = (forwards ? head["x-forwarded-host"] : undefined) ?? head.host ?? "";
  const port = securePort(structure.server.secureBindAddress);
  const authority = port === "" ? host : host.replace(/:\d*$/, `:${port}`);
  return `https://${authority}${exchange.url}`;
}
