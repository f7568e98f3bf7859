/** The listeners, their limits, and the orderly end. */
import type { RequestListener, Server } from "node:http";
import type { Server as SecureServer } from "node:https";
import type { Log } from "../log/log.ts";
import { createMetricsListener } from "../metrics/metrics-listener.ts";
import type { ServerSettings } from "../options/structure.ts";
import type { GrpcServing } from "../points/grpc/serve-grpc.ts";
import type { Settings } from "../settings.ts";
import { takeUpgrade } from "../upstream/upgrade.ts";
import type { Upstreams } from "../upstream/upstreams.ts";
import { type BoundedOptions, createBoundedServer } from "./bounded.ts";
import { type Context, createContext } from "./context.ts";
import { trustPeer } from "./exchange.ts";
import { listen } from "./listen.ts";
import { type ListenAddress, readListenAddress } from "./listen-address.ts";
import { createListener } from "./router.ts";
import { ListenerTls } from "./tls.ts";

/** Milliseconds between looks at certificates. */
const WATCH_INTERVAL = 1000;

/** Milliseconds that requests under way get to end. */
const GRACE = 5000;

/** A program that serves. */
export interface Serving {
  readonly context: Context;
  /** Port of the plain listener, else of the TLS one, for tests that bind port 0. */
  readonly port: number;
  readonly securePort: number | undefined;
  /** Port of the metrics listener. */
  readonly metricsPort: number | undefined;
  /** Port of the listener for Envoy's gRPC checks. */
  readonly grpcPort: number | undefined;
  /** False when the configuration has no listener at all. */
  readonly listening: boolean;
  /** Takes no more requests, lets those under way end, at most 5 s. */
  close(): Promise<void>;
}

/** What listens, and how it ends. */
interface Listener {
  /** 0 for a Unix socket. */
  readonly port: number;
  close(): Promise<void>;
}

/** Ends when the requests under way have, at most after the grace. */
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

type Bounded = Omit<BoundedOptions, "tls">;

async function begin(
  address: ListenAddress,
  bounded: Bounded,
  tls: ListenerTls | undefined,
  log: Log,
): Promise<Listener> {
  const server = createBoundedServer({ ...bounded, ...(tls === undefined ? {} : { tls: tls.options }) });
  if (address.kind === "unix") server.on("connection", trustPeer).on("secureConnection", trustPeer);
  const port = await listen(server, address);
  tls?.watch(server as SecureServer, log, WATCH_INTERVAL);
  return {
    port,
    close: () => {
      tls?.close();
      return close(server);
    },
  };
}

/** Opens the listeners of one kind: plain, TLS, both or none. Faults are found before anything is opened. */
async function open(
  { bindAddress, secureBindAddress, tls }: ServerSettings,
  bounded: Bounded,
  log: Log,
): Promise<{ readonly plain: Listener | undefined; readonly secure: Listener | undefined }> {
  const plainAddress = readListenAddress(bindAddress);
  const secureAddress = tls === undefined ? undefined : readListenAddress(secureBindAddress);
  const own =
    tls === undefined || secureAddress === undefined ? undefined : new ListenerTls(tls, process.env);
  const plain = plainAddress && (await begin(plainAddress, bounded, undefined, log));
  try {
    return { plain, secure: secureAddress && (await begin(secureAddress, bounded, own, log)) };
  } catch (error) {
    await plain?.close();
    throw error;
  }
}

function upgradesOf(
  upstreams: Upstreams,
  listener: RequestListener,
): NonNullable<BoundedOptions["upgrades"]> {
  return {
    wanted: (request) => upstreams.wantsUpgrade(request),
    take: (request, socket, head) => takeUpgrade(listener, request, socket, head),
  };
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
  const { server, metricsServer } = settings.structure;
  const { grpc_address } = settings.options;
  const context = createContext(settings, log, now);
  const { upstreams } = context;
  const listener = createListener(context);
  const bounded: Bounded =
    upstreams === undefined ? { listener } : { listener, upgrades: upgradesOf(upstreams, listener) };
  for (const warning of settings.warnings) log.warn(warning);
  await context.start();
  const main = await open(server, bounded, log);
  const metrics = await open(metricsServer, { listener: createMetricsListener(context) }, log);
  const grpc = grpc_address === "" ? undefined : await startGrpc(context, grpc_address);
  const listeners = [main.plain, main.secure, metrics.plain, metrics.secure].filter(
    (one) => one !== undefined,
  );
  const address = [main.plain && server.bindAddress, main.secure && server.secureBindAddress]
    .filter(Boolean)
    .join(" ");
  log.info("listening", { address, mode: settings.mode });
  return {
    context,
    port: main.plain?.port ?? main.secure?.port ?? 0,
    securePort: main.secure?.port,
    metricsPort: metrics.plain?.port ?? metrics.secure?.port,
    grpcPort: grpc?.port,
    listening: listeners.length > 0 || grpc !== undefined,
    async close() {
      context.close();
      await Promise.all([grpc?.close(), ...listeners.map((one) => one.close())]);
      await upstreams?.close();
    },
  };
}
