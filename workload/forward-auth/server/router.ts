/** Which answer a request gets. What is not known is refused; what goes wrong is refused. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { answerCompat } from "../compat/route.ts";
import { answerDecision, type DecisionEndpoint } from "../decision/answer.ts";
import { replay } from "../decision/replay.ts";
import { backchannelLogout } from "../login/backchannel.ts";
import { callback } from "../login/callback.ts";
import { signOut, userinfo } from "../login/sign-out.ts";
import { signIn, start } from "../login/start.ts";
import { answerStatic } from "../pages/static.ts";
import { answerPoint } from "../points/check.ts";
import { openExchange } from "../points/open.ts";
import { StoreUnavailableError } from "../session/store.ts";
import { IssuerUnreachableError } from "../token/bearer.ts";
import { cleanLocation } from "../upstream/target.ts";
import type { Context } from "./context.ts";
import { type Answered, type Exchange, NO_STORE } from "./exchange.ts";
import { answerHealth } from "./health.ts";
import { httpsLocation } from "./https-redirect.ts";

type Answer = (exchange: Exchange) => Answered;

interface Endpoint {
  readonly methods: readonly string[];
  readonly answer: Answer;
}

const READ = ["GET", "HEAD"];

const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map([
  ["start", { methods: READ, answer: start }],
  ["sign_in", { methods: READ, answer: signIn }],
  ["callback", { methods: ["GET", "POST"], answer: callback }],
  ["sign_out", { methods: [...READ, "POST"], answer: signOut }],
  ["userinfo", { methods: READ, answer: userinfo }],
  ["backchannel-logout", { methods: ["POST"], answer: backchannelLogout }],
]);

/** The name behind the prefix, as the gateway forwards it with or without the public path. */
function endpointName(exchange: Exchange): string | undefined {
  const { options, publicAddress } = exchange.context.settings;
  for (const prefix of [options.proxy_prefix, publicAddress?.path ?? ""]) {
    if (prefix !== "" && exchange.path.startsWith(`${prefix}/`))
      return exchange.path.slice(prefix.length + 1);
  }
  return undefined;
}

function ownEndpoint(exchange: Exchange, name: string): Answered {
  const endpoint = ENDPOINTS.get(name);
  if (endpoint === undefined && name.startsWith("static/") && exchange.mode === "compat")
    return answerStatic(exchange, name.slice("static/".length));
  if (endpoint === undefined) return exchange.text(404, "Not Found\n", NO_STORE);
  if (!endpoint.methods.includes(exchange.method)) {
    return exchange.text(405, "Method Not Allowed\n", ["Allow", endpoint.methods.join(", ")]);
  }
  if (exchange.head.fault === "duplicate-header") return exchange.text(400, "Bad Request\n", NO_STORE);
  return endpoint.answer(exchange);
}

/** The question that a path of the listener's own asks, by the mode; undefined when it asks none. */
function question(exchange: Exchange, name: string | undefined): DecisionEndpoint | undefined {
  const { mode, path } = exchange;
  if (name === "auth" && mode !== "envoy-grpc") return "auth";
  if (path !== "/") return undefined;
  return mode === "forwarded" ? "root" : mode === "nginx-ingress" ? "auth" : undefined;
}

/** Answers requests for another spelling of their address, before anything else looks at them; true when it did. */
function moved(exchange: Exchange): boolean {
  if (exchange.mode !== "compat" || exchange.point !== undefined) return false;
  const clean = cleanLocation(exchange.path, exchange.query);
  const secure = clean === undefined ? httpsLocation(exchange) : undefined;
  if (clean !== undefined) exchange.moved(301, clean, false);
  else if (secure !== undefined) exchange.moved(308, secure, true);
  return clean !== undefined || secure !== undefined;
}

function route(exchange: Exchange): Answered {
  if (replay(exchange) || moved(exchange)) return;
  const { mode, point } = exchange;
  const name = endpointName(exchange);
  if (point !== undefined) return answerPoint(exchange, point, name, ownEndpoint);
  if (mode === "compat") return answerCompat(exchange);
  const asked = question(exchange, name);
  if (asked !== undefined) return answerDecision(exchange, asked);
  if (name !== undefined) return ownEndpoint(exchange, name);
  if (answerHealth(exchange)) return undefined;
  return exchange.text(404, "Not Found\n", NO_STORE);
}

/** Whatever went wrong: the answer is no. */
function fault(exchange: Exchange, error: unknown): void {
  const { log } = exchange.context;
  const issuer = error instanceof IssuerUnreachableError;
  const outage = issuer || error instanceof StoreUnavailableError;
  const name = error instanceof Error ? `${error.name}: ${error.message}` : "unknown";
  log.error("request failed", {
    id: exchange.id,
    error: name,
    stack: error instanceof Error && !outage ? error.stack : undefined,
  });
  if (!exchange.answered)
    exchange.text(503, "Service Unavailable\n", NO_STORE, {
      decision: "deny",
      reason: issuer ? "issuer-unreachable" : outage ? "store-unavailable" : "fault",
    });
}

/** Answers one request. Never throws, never leaves it unanswered. */
export function answer(exchange: Exchange): void {
  try {
    const running = route(exchange);
    if (running !== undefined) running.catch((error: unknown) => fault(exchange, error));
  } catch (error) {
    fault(exchange, error);
  }
}

/** Answers requests over HTTP. */
export function createListener(
  context: Context,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => answer(openExchange(context, request, response));
}
