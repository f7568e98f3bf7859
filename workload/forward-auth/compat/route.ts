/** Which answer a request gets in mode `compat`: oauth2-proxy's paths, compared as they were sent, for any method. */
import { backchannelLogout } from "../login/backchannel.ts";
import { answerStatic } from "../pages/static.ts";
import { isEnvoyCheck } from "../points/envoy-check.ts";
import { noteAlias, noteRefusal } from "../points/notices.ts";
import type { Answered, Exchange } from "../server/exchange.ts";
import { answerHealth } from "../server/health.ts";
import { auth } from "./auth.ts";
import { callback } from "./callback.ts";
import { proxied } from "./proxied.ts";
import { text } from "./reply.ts";
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
  // Absent in HTTP/1.0 only: health checks come so.
  if (host !== undefined && !HOST.test(host))
    plain(exchange, 400, "400 Bad Request: malformed Host header", ["Connection", "close"]);
  else return faulty(exchange);
  return true;
}

/** Headers that two readers could take differently. */
function faulty(exchange: Exchange): boolean {
  const { head, context } = exchange;
  if (head.fault === undefined) return false;
  const alias = head.fault === "alias-header";
  if (alias) noteAlias(exchange);
  if (alias && !context.settings.options.refuse_header_aliases) return false;
  noteRefusal(exchange, head.fault);
  text(exchange, 400, "Bad Request", [], { decision: "deny", reason: head.fault });
  return true;
}

/** Answers a request. */
export function answerCompat(exchange: Exchange): Answered {
  const { path } = exchange;
  const prefix = `${exchange.context.settings.options.proxy_prefix}/`;
  if (malformed(exchange)) return;
  const check = isEnvoyCheck(exchange.head);
  if (!check && answerHealth(exchange)) return;
  const endpoint = path.startsWith(prefix) ? ENDPOINTS.get(path.slice(prefix.length)) : undefined;
  if (endpoint !== undefined) return endpoint(exchange);
  if (exchange.context.backchannel !== undefined && path === `${prefix}backchannel-logout`)
    return backchannelLogout(exchange);
  if (path.startsWith(`${prefix}static/`))
    return answerStatic(exchange, path.slice(prefix.length + "static/".length));
  // In a check these are the application's.
  if (!check && path === "/robots.txt") return exchange.send(200, PLAIN, exchange.context.pages.robots);
  return proxied(exchange);
}
