/** Where the sign-in endpoints are, and where a login may return to, for one request. */
import { readHost } from "../rules/host.ts";
import type { Exchange } from "../server/exchange.ts";
import type { PublicAddress } from "../settings.ts";
import { type RedirectPolicy, readRedirect } from "./redirect.ts";

/** The configured address, else what the request says, as oauth2-proxy computes it. */
export function publicAddressOf(exchange: Exchange): PublicAddress {
  const { settings } = exchange.context;
  if (settings.publicAddress !== undefined) return settings.publicAddress;
  const believed = exchange.forwards;
  const sent = (believed ? exchange.head["x-forwarded-host"] : undefined) ?? exchange.head.host ?? "";
  const host = readHost(sent) === undefined ? "localhost" : sent.toLowerCase();
  const proto = believed ? exchange.head["x-forwarded-proto"]?.toLowerCase() : undefined;
  const scheme = settings.options.cookie_secure || proto === "https" ? "https" : "http";
  const origin = `${scheme}://${host}`;
  const path = settings.options.proxy_prefix;
  return { origin, host, path, callback: `${origin}${path}/callback` };
}

/** Hosts that a login may return to: our own, the rules', the whitelist's. */
export function redirectPolicyOf(exchange: Exchange): RedirectPolicy {
  const { policy, whitelist } = exchange.context;
  return {
    origin: publicAddressOf(exchange).origin,
    allows: (host, scheme) =>
      policy.rules?.serves(host, scheme) === true ||
      whitelist.some((pattern) => pattern.matches(host, scheme)),
  };
}

/** The host name for cookies set by this request. */
export function hostnameOf(exchange: Exchange): string {
  return readHost(publicAddressOf(exchange).host)?.name ?? "";
}

/** The target that a request names for after the sign-in; `/` when it names none that may be followed. */
export function wantedRedirect(exchange: Exchange): string {
  const wanted = new URLSearchParams(exchange.query).get("rd");
  const target = wanted === null ? undefined : readRedirect(wanted, redirectPolicyOf(exchange));
  return target === undefined || isOwn(target, exchange) ? "/" : target;
}

/** Our own pages are no place to return to. */
function isOwn(target: string, exchange: Exchange): boolean {
  const { origin, path } = publicAddressOf(exchange);
  const prefix = exchange.context.settings.options.proxy_prefix;
  const local = target.startsWith(`${origin}/`) ? target.slice(origin.length) : target;
  return local.startsWith(`${path}/`) || local.startsWith(`${prefix}/`);
}
