/** Answers for those who only want to know whether the process works. */
import type { Settings } from "../settings.ts";
import type { Context } from "./context.ts";
import type { Exchange } from "./exchange.ts";

/** Paths of Google's load balancers, with `gcp_healthchecks`. */
const GOOGLE = { paths: ["/liveness_check", "/readiness_check"], agent: "GoogleHC/1.0" } as const;

const TEXT: readonly string[] = ["Content-Type", "text/plain; charset=utf-8"];

/** True for the path of a health check: such requests are not counted, and can be left out of the log. */
export function isHealthPath({ options }: Settings, path: string): boolean {
  if (path === options.ping_path || path === options.ready_path) return true;
  return options.gcp_healthchecks && GOOGLE.paths.some((google) => google === path);
}

/** Why the process should get no traffic; undefined when it should. A closed set: what went wrong inside is in the log. */
export function notReady(context: Context): string | undefined {
  if (context.source?.loaded === false) return "no rules";
  return context.provider.state === "unreachable" ? "provider not found" : undefined;
}

/** True when the caller is one of those that pings are answered to, which is everybody unless agents are named. */
function isPinger({ head, context }: Exchange): boolean {
  const { ping_user_agent, gcp_healthchecks } = context.settings.options;
  const agents = [
    ...(ping_user_agent === "" ? [] : [ping_user_agent]),
    ...(gcp_healthchecks ? [GOOGLE.agent] : []),
  ];
  return agents.length === 0 || agents.includes(head["user-agent"] ?? "");
}

function sayNotReady(exchange: Exchange, status: 500 | 503, reason: string): void {
  exchange.send(status, [...TEXT, "Retry-After", "1"], Buffer.from(`error: ${reason}`));
}

/** Asks the session store first, as oauth2-proxy does. */
async function sayReady(exchange: Exchange): Promise<void> {
  try {
    await exchange.context.sessions.check();
  } catch {
    return sayNotReady(exchange, exchange.mode === "compat" ? 500 : 503, "session store");
  }
  exchange.send(200, TEXT, Buffer.from("OK"));
}

/**
 * Answers a health check; false when the request is none.
 *
 * Only its exact path counts: an agent's name on another path opens nothing (CVE-2026-34457).
 */
export function answerHealth(exchange: Exchange): boolean {
  const { settings } = exchange.context;
  if (!exchange.health) return false;
  if (exchange.mode !== "compat" && exchange.method !== "GET" && exchange.method !== "HEAD") return false;
  if (exchange.path !== settings.options.ready_path) {
    if (!isPinger(exchange)) return false;
    exchange.send(200, TEXT, Buffer.from("OK"));
    return true;
  }
  const reason = notReady(exchange.context);
  if (reason !== undefined) sayNotReady(exchange, 503, reason);
  else void sayReady(exchange);
  return true;
}
