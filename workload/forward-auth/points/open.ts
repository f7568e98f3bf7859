/** From an HTTP request to the exchange that answers it: the listener's mode or the path says how it is read. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Context } from "../server/context.ts";
import { Exchange } from "../server/exchange.ts";
import { HttpReply } from "../server/reply.ts";
import { EnvoyReply } from "./envoy-reply.ts";
import { ENVOY_HTTP, type PointPath, readPointPath } from "./point.ts";

/** The exchange for a request, with the enforcement point that asks when its path or the listener names one. */
export function openExchange(context: Context, request: IncomingMessage, response: ServerResponse): Exchange {
  const url = request.url ?? "";
  if (context.settings.mode === "envoy-http")
    return pointExchange(context, request, response, { point: ENVOY_HTTP, rest: url });
  const path = readPointPath(url, context.authzPrefix);
  return path === undefined || path === "unknown"
    ? new Exchange(context, request, new HttpReply(response))
    : pointExchange(context, request, response, path);
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
