/** Where a login or a sign-out leads: the first valid of what the request names, else `/`. */
import { isPlainTarget, type RedirectPolicy, readRedirect } from "../login/redirect.ts";
import type { Exchange } from "../server/exchange.ts";
import { readQuery } from "./query.ts";
import { forwardedScheme, hostText, uriOf } from "./request.ts";

/** Parameters of a request: of its form, then of its query. */
export async function parametersOf(exchange: Exchange): Promise<URLSearchParams> {
  const { allow_query_semicolons } = exchange.context.settings.options;
  const query = readQuery(exchange.query, allow_query_semicolons);
  if (!["POST", "PUT", "PATCH"].includes(exchange.method)) return query;
  const form = readQuery((await exchange.form()) ?? "");
  for (const [name, value] of query) form.append(name, value);
  return form;
}

/** Hosts that may be returned to in absolute form: the user's own, the whitelist's, and those of the rules. */
export function policyOf(exchange: Exchange): RedirectPolicy {
  const { policy, whitelist } = exchange.context;
  return {
    origin: ownOrigin(exchange),
    allows: (host, scheme) =>
      policy.rules?.serves(host, scheme) === true ||
      whitelist.some((pattern) => pattern.matches(host, scheme)),
  };
}

function ownOrigin(exchange: Exchange): string {
  const { publicAddress, options } = exchange.context.settings;
  if (publicAddress !== undefined) return publicAddress.origin;
  const text = `${forwardedScheme(exchange) || (options.cookie_secure ? "https" : "http")}://${hostText(exchange)}`;
  return URL.canParse(text) ? new URL(text).origin : "https://invalid.invalid";
}

/** True when a target may be followed; it is then used as it was written. */
export function isValidTarget(exchange: Exchange, target: string): boolean {
  return isPlainTarget(target) || readRedirect(target, policyOf(exchange)) !== undefined;
}

/** The address that a trusted gateway forwarded, when it is on another host than the one we are asked at. */
function composed(exchange: Exchange, prefix: string): string {
  const host = exchange.forwards ? exchange.head["x-forwarded-host"] : undefined;
  if (!host || host === exchange.head.host) return "";
  const uri = uriOf(exchange);
  return `${forwardedScheme(exchange)}://${host}${uri.startsWith(prefix) ? "/" : uri}`;
}

/**
 * The target that a request names.
 *
 * @param parameters Its form and query.
 * @see oauth2-proxy/oauth2-proxy: pkg/app/redirect/director.go
 */
export function targetOf(exchange: Exchange, parameters: URLSearchParams): string {
  const prefix = `${exchange.context.settings.options.proxy_prefix}/`;
  const uri = uriOf(exchange);
  const candidates = [
    parameters.get("rd") ?? "",
    utf8(exchange.head["x-auth-request-redirect"] ?? ""),
    composed(exchange, prefix),
    uri.startsWith(prefix) ? "" : uri,
  ];
  return candidates.find((candidate) => candidate !== "" && isValidTarget(exchange, candidate)) ?? "/";
}

/** The same for pages, which do not lead to themselves. */
export function pageTargetOf(exchange: Exchange, parameters: URLSearchParams): string {
  const target = targetOf(exchange, parameters);
  return target === `${exchange.context.settings.options.proxy_prefix}/sign_in` ? "/" : target;
}

/** Header text as it was meant: Node.js reads bytes as latin1. */
const utf8 = (text: string): string =>
  /^[\x00-\x7f]*$/.test(text) ? text : Buffer.from(text, "latin1").toString("utf8");

/** The redirect URI of a login. */
export function redirectUriOf(exchange: Exchange): string {
  const { redirect_url, relative_redirect_url, cookie_secure, proxy_prefix } =
    exchange.context.settings.options;
  const { publicAddress } = exchange.context.settings;
  if (publicAddress !== undefined) return publicAddress.callback;
  if (relative_redirect_url && redirect_url !== "") return redirect_url;
  const scheme = cookie_secure ? "https" : forwardedScheme(exchange) || "http";
  const path = redirect_url.startsWith("/") ? redirect_url : `${proxy_prefix}/callback`;
  return `${scheme}://${hostText(exchange)}${path}`;
}
