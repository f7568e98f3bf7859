import type { Daemon } from "./daemon.ts";
import { type ApiResponse, sync } from "./respond.ts";

/** Version of the Pebble whose API this is. */
export const PEBBLE_VERSION = "v1.32.1";

/** GET /v1/system-info */
export function getSystemInfo(daemon: Daemon): ApiResponse {
  const address = daemon.httpAddress && { "http-address": daemon.httpAddress };
  return sync({ "boot-id": daemon.bootId, version: PEBBLE_VERSION, ...address });
}

/** GET /v1/metrics */
export function getMetrics(daemon: Daemon): ApiResponse {
  const services = daemon.services.known();
  const checks = daemon.checks.list().filter(({ status }) => status !== "inactive");
  const counts = [...daemon.checks.metrics()].sort(([a], [b]) => (a < b ? -1 : 1));
  const text = [
    metric(
      "pebble_service_active",
      "gauge",
      "Whether the service is currently active (1) or not (0)",
      "service",
      services.map(({ name, status }) => [name, status === "active" ? 1 : 0]),
    ),
    metric(
      "pebble_service_start_count",
      "counter",
      "Number of times the service has started",
      "service",
      services.map(({ name, startCount }) => [name, startCount]),
    ),
    metric(
      "pebble_check_up",
      "gauge",
      "Whether the health check is up (1) or not (0)",
      "check",
      checks.map(({ name, status }) => [name, status === "up" ? 1 : 0]),
    ),
    metric(
      "pebble_check_success_count",
      "counter",
      "Number of times the check has succeeded",
      "check",
      counts.map(([name, { successes }]) => [name, successes]),
    ),
    metric(
      "pebble_check_failure_count",
      "counter",
      "Number of times the check has failed",
      "check",
      counts.map(([name, { failures }]) => [name, failures]),
    ),
  ];
  return {
    status: 200,
    headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
    body: new TextEncoder().encode(text.join("")),
  };
}

type Sample = readonly [name: string, value: number];

function metric(name: string, type: string, help: string, label: string, samples: readonly Sample[]): string {
  if (samples.length === 0) return "";
  const lines = samples.map(([of, value]) => `${name}{${label}="${of}"} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}\n`;
}
