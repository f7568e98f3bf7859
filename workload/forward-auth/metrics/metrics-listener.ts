/** The metrics listener: metrics, and the health checks, which a listener of Envoy's checks cannot answer. */
import type { RequestListener } from "node:http";
import type { Context } from "../server/context.ts";
import { notReady } from "../server/health.ts";

const TEXT = "text/plain; charset=utf-8";

/** As Go's Prometheus client says it. */
const METRICS = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores";

/** Answers `ping_path`, `ready_path`, and everything else with the metrics. */
export function createMetricsListener(context: Context): RequestListener {
  const { ping_path, ready_path } = context.settings.options;
  return ({ url }, response) => {
    const health = url === ping_path || url === ready_path;
    const fault = url === ready_path ? notReady(context) : undefined;
    const text = health ? (fault === undefined ? "OK" : `error: ${fault}`) : context.metrics.scrape();
    response.writeHead(fault === undefined ? 200 : 503, ["Content-Type", health ? TEXT : METRICS]);
    response.end(Buffer.from(text));
  };
}
