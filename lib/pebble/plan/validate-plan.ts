import { LayerError } from "../errors.ts";
import { serviceOrder } from "./order.ts";
import type { Check, LogTarget, Plan } from "./types.ts";

/**
 * What must hold when all layers are combined.
 *
 * @throws {LayerError} With Pebble's message.
 */
export function validatePlan(plan: Plan): void {
  for (const [name, service] of Object.entries(plan.services)) {
    if (!service.command) fail(`plan must define "command" for service "${name}"`);
  }
  for (const [name, check] of Object.entries(plan.checks)) validateCheck(plan, name, check);
  for (const [name, target] of Object.entries(plan["log-targets"])) validateTarget(plan, name, target);
  serviceOrder(plan.services, Object.keys(plan.services), "start");
}

function fail(message: string): never {
  throw new LayerError(message);
}

function validateCheck(plan: Plan, name: string, { http, tcp, exec }: Check): void {
  if (http && !http.url) fail(`plan must set "url" for http check "${name}"`);
  if (tcp && !tcp.port) fail(`plan must set "port" for tcp check "${name}"`);
  if (exec && !exec.command) fail(`plan must set "command" for exec check "${name}"`);
  const context = exec?.["service-context"];
  if (context && !plan.services[context]) {
    fail(`plan check "${name}" service context specifies non-existent service "${context}"`);
  }
  if ([http, tcp, exec].filter(Boolean).length !== 1) {
    fail(`plan must specify one of "http", "tcp", or "exec" for check "${name}"`);
  }
}

function validateTarget(plan: Plan, name: string, target: LogTarget): void {
  if (!target.type)
    fail(`plan must define "type" ("loki", "opentelemetry" or "syslog") for log target "${name}"`);
  for (const entry of target.services ?? []) {
    const service = entry.replace(/^-/, "");
    if (service !== "all" && !plan.services[service]) {
      fail(`log target "${name}" specifies unknown service "${service}"`);
    }
  }
  if (!target.location) fail(`plan must define "location" for log target "${name}"`);
}
