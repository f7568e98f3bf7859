/** Which answer a request gets in mode `compat`: oauth2-proxy's paths, compared as they were sent, for any method. */
import type { Answered, Exchange } from "../server/exchange.ts";
import { answerHealth } from "../server/health.ts";
import { auth } from "./auth.ts";
import { callback } from "./callback.ts";
import { proxied } from "./proxied.ts";
import { cleanPath, redirect, text } from "./reply.ts";
import { forwardedScheme, hostText } from "./request.ts";
import { signIn } from "./sign-in.ts";
import { signOut } from "./sign-out.ts";
import { start } from "./start.ts";
import { userinfo } from "./userinfo.ts";

type Endpoint = (exchange: Exchange) => Answered;

const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ["auth", auth],
  ["sign_in", signIn],
  ["start", start],
  ["callback", callback],
  ["sign_out", signOut],
  ["userinfo", userinfo],
]);

const PLAIN: readonly string[] = ["Content-Type", "text/plain; charset=utf-8"];

function plain(exchange: Exchange, status: number, body: string, headers: readonly string[] = []): void {
  exchange.send(status, [...PLAIN, ...headers], Buffer.from(body));
}

/** Characters of a Host header. */
const HOST = /^[\w!$%&'()*+,.:;=@[\]~-]*$/;

/** Requests that nobody should answer. */
function malformed(exchange: Exchange): boolean {
  const { host } = exchange.head;
  if (host === undefined)
    plain(exchange, 400, "400 Bad Request: missing required Host header", ["Connection", "close"]);
  else if (!HOST.test(host))
    plain(exchange, 400, "400 Bad Request: malformed Host header", ["Connection", "close"]);
  else if (exchange.head.fault === "duplicate-header") text(exchange, 400, "Bad Request");
  else return false;
  return true;
}

/** True when the answer sent the user to TLS. */
function redirectedToTls(exchange: Exchange): boolean {
  const { force_https } = exchange.context.settings.options;
  if (!force_https || exchange.secure || forwardedScheme(exchange) === "https") return false;
  redirect(exchange, 308, `https://${hostText(exchange).replace(/:\d+$/, "")}${exchange.url}`, []);
  return true;
}

/** Answers a request. */
export function answerCompat(exchange: Exchange): Answered {
  const { path } = exchange;
  const prefix = `${exchange.context.settings.options.proxy_prefix}/`;
  if (malformed(exchange) || redirectedToTls(exchange) || answerHealth(exchange)) return;
  const clean = cleanPath(path);
  if (clean !== path) return moved(exchange, clean);
  const endpoint = path.startsWith(prefix) ? ENDPOINTS.get(path.slice(prefix.length)) : undefined;
  if (endpoint !== undefined) return endpoint(exchange);
  if (path === "/robots.txt") return plain(exchange, 200, "User-agent: *\nDisallow: /\n");
  return proxied(exchange);
}

function moved(exchange: Exchange, clean: string): void {
  const query = exchange.query === "" ? "" : `?${exchange.query}`;
  exchange.send(301, ["Location", `${clean}${query}`], undefined);
}
