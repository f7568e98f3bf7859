/** From an HTTP request to the exchange that answers it: the listener's mode or the path says how it is read. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Context } from "../server/context.ts";
import { Exchange } from "../server/exchange.ts";
import { type Asked, HttpReply } from "../server/reply.ts";
import { originForm } from "../upstream/target.ts";
import { EnvoyReply } from "./envoy-reply.ts";
import { ENVOY_HTTP, type PointPath, readPointPath } from "./point.ts";

/** The exchange for a request, with the enforcement point that asks when its path or the listener names one. */
export function openExchange(context: Context, request: IncomingMessage, response: ServerResponse): Exchange {
  const { url, host } = originForm(request.url ?? "");
  if (host !== undefined) return new Exchange(context, withHost(request, url, host), new HttpReply(response));
  if (context.settings.mode === "envoy-http")
    return pointExchange(context, request, response, { point: ENVOY_HTTP, rest: url });
  const path = readPointPath(url, context.authzPrefix);
  return path === undefined || path === "unknown"
    ? new Exchange(context, request, new HttpReply(response))
    : pointExchange(context, request, response, path);
}

/** The request with the host that its target names: it replaces the header. */
function withHost(
  { method, rawHeaders, socket, httpVersion }: IncomingMessage,
  url: string,
  host: string,
): Asked {
  const isHost = (index: number) => rawHeaders[index - (index % 2)]?.toLowerCase() === "host";
  const others = rawHeaders.filter((_, index) => !isHost(index));
  return { method, url, rawHeaders: ["Host", host, ...others], socket, httpVersion };
}

function pointExchange(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
  { point, rest }: PointPath,
): Exchange {
  if (point.question !== "check") return new Exchange(context, request, new HttpReply(response), point);
  const { method, rawHeaders, socket } = request;
  return new Exchange(context, { method, url: rest, rawHeaders, socket }, new EnvoyReply(response), point);
}
