import type { ServersTransportConfig, ServiceConfig } from "../config/dynamic.ts";
import { ConfigFault } from "../config/fault.ts";
import { answerText, type Handler } from "../proxy/exchange.ts";
import { send, type Upstream } from "../proxy/send.ts";
import { type HealthCheck, startHealthCheck } from "./health.ts";

/** A service: a handler, and what must be stopped with it. */
export interface Service {
  readonly handle: Handler;
  close(): void;
}

/**
 * Spreads requests over the servers of a service, in turn. Without a server it answers 503.
 *
 * @throws {ConfigFault} When it cannot be used; its routers are disabled.
 */
export function balancer(
  config: ServiceConfig,
  transports: Readonly<Record<string, ServersTransportConfig>>,
): Service {
  const settings = config.loadBalancer;
  if (!settings) throw new ConfigFault("Cannot use service: it must be a loadBalancer");
  const transport =
    settings.serversTransport === undefined
      ? undefined
      : transports[settings.serversTransport.replace(/@file$/, "")];
  if (settings.serversTransport !== undefined && !transport) {
    throw new ConfigFault(`Cannot use service: serversTransport "${settings.serversTransport}" is missing`);
  }
  const servers: Upstream[] = settings.servers.map(({ url }) => {
    const parsed = URL.parse(url.replace(/^h2c:/, "http:"));
    if (!parsed || !/^https?:$/.test(parsed.protocol))
      throw new ConfigFault(`Cannot use server "${url}": it must be a URL`);
    const tls = transport && {
      insecureSkipVerify: transport.insecureSkipVerify,
      ...(transport.serverName ? { serverName: transport.serverName } : {}),
    };
    return { url: parsed, passHostHeader: settings.passHostHeader, ...(tls ? { tls } : {}) };
  });
  const checks: HealthCheck[] = settings.healthCheck
    ? servers.map((server) =>
        startHealthCheck(server, settings.healthCheck as NonNullable<typeof settings.healthCheck>),
      )
    : [];
  let turn = -1;
  const choose = (): Upstream | undefined => {
    for (let tries = 0; tries < servers.length; tries++) {
      turn = (turn + 1) % servers.length;
      if (checks[turn]?.healthy() ?? true) return servers[turn];
    }
    return undefined;
  };
  return {
    async handle(exchange) {
      const server = choose();
      if (server) await send(exchange, server);
      else answerText(exchange, 503, "no available server\n");
    },
    close: () => {
      for (const check of checks) check.stop();
    },
  };
}
