/** The listeners, their limits, and the orderly end. */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Log } from "../log/log.ts";
import type { GrpcServing } from "../points/grpc/serve-grpc.ts";
import type { Settings } from "../settings.ts";
import { type Context, createContext } from "./context.ts";
import { createMetricsListener } from "./metrics-listener.ts";
import { createListener } from "./router.ts";

/** Milliseconds that requests under way get to end. */
const GRACE = 5000;

/** A program that serves. */
export interface Serving {
  readonly context: Context;
  /** Port of the listener, for tests that bind port 0. */
  readonly port: number;
  /** Port of the metrics listener. */
  readonly metricsPort: number | undefined;
  /** Port of the listener for Envoy's gRPC checks. */
  readonly grpcPort: number | undefined;
  /** Takes no more requests, lets those under way end, at most 5 s. */
  close(): Promise<void>;
}

/** The address cannot be listened on. */
export class ListenError extends Error {
  readonly code = "ERR_LISTEN";
}

/** Reads `host:port`, `[v6]:port`, `:port`, also with `http://` in front. */
export function readAddress(text: string): { readonly host: string; readonly port: number } {
  const [, host = "", port = ""] = /^(?:http:\/\/)?(\[[^\]]+\]|[^:]*):(\d{1,5})$/.exec(text) ?? [];
  if (port === "" || Number(port) > 65_535)
    throw new RangeError(`Cannot read address "${text}": should be host:port`);
  return { host: host.replace(/^\[|\]$/g, "") || "0.0.0.0", port: Number(port) };
}

/** Limits: 64 KiB of headers, 15 s for them, 30 s for a request, connections of gateways stay open for 120 s. */
function createBoundedServer(listener: RequestListener): Server {
  const server = createServer(
    {
      maxHeaderSize: 65_536,
      headersTimeout: 15_000,
      requestTimeout: 30_000,
      keepAliveTimeout: 120_000,
      noDelay: true,
    },
    listener,
  );
  server.maxHeadersCount = 0;
  return server;
}

async function listen(server: Server, address: string): Promise<number> {
  const { host, port } = readAddress(address);
  await new Promise<void>((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException) =>
      reject(new ListenError(`Cannot listen on ${address}: ${cause.code ?? cause.message}`, { cause }));
    server.once("error", failed);
    server.listen({ host, port }, () => {
      server.off("error", failed);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), GRACE);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/** gRPC's library is loaded only where it is used. */
async function startGrpc(context: Context, address: string): Promise<GrpcServing> {
  const { serveGrpc } = await import("../points/grpc/serve-grpc.ts");
  return serveGrpc(context, address);
}

/**
 * Starts to serve.
 *
 * @throws {ListenError} When an address is taken.
 * @throws {RangeError} When an address is none.
 */
export async function serve(settings: Settings, log: Log, now: () => number = Date.now): Promise<Serving> {
  const { http_address, metrics_address, grpc_address } = settings.options;
  const context = createContext(settings, log, now);
  const server = createBoundedServer(createListener(context));
  const metricsServer = createBoundedServer(createMetricsListener(context));
  for (const warning of settings.warnings) log.warn(warning);
  await context.start();
  const port = await listen(server, http_address);
  const metricsPort = metrics_address === "" ? undefined : await listen(metricsServer, metrics_address);
  const grpc = grpc_address === "" ? undefined : await startGrpc(context, grpc_address);
  log.info("listening", { address: http_address, mode: settings.mode });
  return {
    context,
    port,
    metricsPort,
    grpcPort: grpc?.port,
    async close() {
      context.close();
      await Promise.all([
        grpc?.close(),
        close(server),
        ...(metricsPort === undefined ? [] : [close(metricsServer)]),
      ]);
    },
  };
}
