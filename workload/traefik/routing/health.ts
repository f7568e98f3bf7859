import http from "node:http";
import https from "node:https";
import type { ServiceConfig } from "../config/dynamic.ts";
import type { Upstream } from "../proxy/send.ts";

type Settings = NonNullable<NonNullable<ServiceConfig["loadBalancer"]>["healthCheck"]>;

const DEFAULT_INTERVAL_MS = 30_000;
const DEFAULT_TIMEOUT_MS = 5_000;

/** Whether one server answers its check. */
export interface HealthCheck {
  healthy(): boolean;
  stop(): void;
}

/** Asks a server again and again; 2xx and 3xx are healthy. It counts as healthy until it was asked. */
export function startHealthCheck({ url, tls }: Upstream, settings: Settings): HealthCheck {
  const target = new URL(settings.path, url);
  if (settings.scheme) target.protocol = `${settings.scheme}:`;
  if (settings.port) target.port = String(settings.port);
  let healthy = true;
  const ask = (): void => {
    const secure = target.protocol === "https:";
    const request = (secure ? https : http).request(target, {
      method: settings.method ?? "GET",
      headers: { ...settings.headers, host: settings.hostname ?? url.host },
      agent: false,
      timeout: settings.timeout > 0 ? settings.timeout : DEFAULT_TIMEOUT_MS,
      ...(secure ? { rejectUnauthorized: !tls?.insecureSkipVerify } : {}),
    });
    request.on("timeout", () => request.destroy(new Error("no answer in time")));
    request.on("error", () => {
      healthy = false;
    });
    request.on("response", (response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      healthy = settings.status ? status === settings.status : status >= 200 && status < 400;
    });
    request.end();
  };
  ask();
  // As with Traefik an interval that is none is the usual one.
  const timer = setInterval(ask, settings.interval > 0 ? settings.interval : DEFAULT_INTERVAL_MS);
  timer.unref();
  return { healthy: () => healthy, stop: () => clearInterval(timer) };
}
