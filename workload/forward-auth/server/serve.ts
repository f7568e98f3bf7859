/** The listeners, their limits, and the orderly end. */
import type { RequestListener, Server } from "node:http";
import type { Server as SecureServer } from "node:https";
import type { Log } from "../log/log.ts";
import { tellStart } from "../log/start-lines.ts";
import { createMetricsListener } from "../metrics/metrics-listener.ts";
import { grpcTls } from "../options/flat/servers.ts";
import type { Options } from "../options/read.ts";
import type { ServerSettings } from "../options/structure.ts";
import type { GrpcServing } from "../points/grpc/serve-grpc.ts";
import type { Settings } from "../settings.ts";
import { takeUpgrade } from "../upstream/upgrade.ts";
import { trustPeer } from "./believed.ts";
import { type BoundedOptions, createBoundedServer, endUpgraded } from "./bounded.ts";
import { type Context, createContext } from "./context.ts";
import { listen } from "./listen.ts";
import { type ListenAddress, readListenAddress } from "./listen-address.ts";
import { createListener } from "./router.ts";
import { ListenerTls } from "./tls.ts";

/** Milliseconds between looks at certificates. */
const WATCH_INTERVAL = 1000;

/** Milliseconds that requests under way get to end. */
const GRACE = 5000;

/** Milliseconds after which nothing of an older configuration is under way any more. */
const AFTERLIFE = 60_000;

/** Milliseconds to look for changed providers before requests get to know them. */
const PATIENCE = 10_000;

/** A program that serves. */
export interface Serving {
  /** What requests are answered with now. */
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
  /**
   * Answers new requests by other settings; those under way end by the ones they began with. Sessions and refreshes under way go
   * on. Addresses and the TLS files' names stay those of the start.
   *
   * @throws {RangeError} When the settings cannot be used: then nothing has changed.
   */
  reload(settings: Settings, log: Log): Promise<void>;
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
    endUpgraded(server);
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

function upgradesOf(live: Live): NonNullable<BoundedOptions["upgrades"]> {
  return {
    wanted: (request) => live.context.upstreams?.wantsUpgrade(request) === true,
    take: (request, socket, head) => takeUpgrade(live.listener, request, socket, head),
  };
}

/** gRPC's library is loaded only where it is used. */
async function startGrpc(live: Live, options: Options, log: Log): Promise<GrpcServing | undefined> {
  const { grpc_address: address } = options;
  if (address === "") return undefined;
  const settings = grpcTls(options);
  const tls = settings && new ListenerTls(settings, process.env);
  const { serveGrpc } = await import("../points/grpc/serve-grpc.ts");
  const serving = await serveGrpc(() => live.context, address, tls);
  if (serving.credentials !== undefined) tls?.watch(serving.credentials, log, WATCH_INTERVAL);
  return serving;
}

/** What answers requests, and can be replaced while they come. */
class Live {
  context: Context;
  #listener: RequestListener;
  #metrics: RequestListener;
  readonly #old = new Map<NodeJS.Timeout, Context>();

  constructor(context: Context) {
    this.context = context;
    this.#listener = createListener(context);
    this.#metrics = createMetricsListener(context);
  }

  readonly listener: RequestListener = (request, response) => this.#listener(request, response);
  readonly metrics: RequestListener = (request, response) => this.#metrics(request, response);

  /** From now on `next` answers. What is under way ends with the old one, which is closed later. */
  replace(next: Context): void {
    const before = this.context;
    this.#listener = createListener(next);
    this.#metrics = createMetricsListener(next);
    this.context = next;
    const timer = setTimeout(() => {
      this.#old.delete(timer);
      end(before, next);
    }, AFTERLIFE).unref();
    this.#old.set(timer, before);
  }

  close(): void {
    for (const [timer, context] of this.#old) {
      clearTimeout(timer);
      end(context, this.context);
    }
    this.context.close();
  }
}

function end(context: Context, next: Context): void {
  context.close(next);
  void context.upstreams?.close();
}

/** Waits until the providers were looked for once, but not for long: one that is down must not hold up the rest. */
async function lookForProviders(context: Context): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE);
  });
  await Promise.race([context.providers.start(), patience]);
  clearTimeout(timer);
}

/** Everything that listens. */
interface Opened {
  readonly main: Awaited<ReturnType<typeof open>>;
  readonly metrics: Awaited<ReturnType<typeof open>>;
  readonly grpc: GrpcServing | undefined;
}

const listenersOf = (opened: Partial<Opened>): readonly (Listener | GrpcServing)[] =>
  [
    opened.main?.plain,
    opened.main?.secure,
    opened.metrics?.plain,
    opened.metrics?.secure,
    opened.grpc,
  ].filter((one) => one !== undefined);

/** Opens every listener, or none. */
async function openAll({ structure, options }: Settings, live: Live, log: Log): Promise<Opened> {
  const { listener } = live;
  const bounded: Bounded =
    live.context.upstreams === undefined ? { listener } : { listener, upgrades: upgradesOf(live) };
  const opened: { -readonly [Name in keyof Opened]?: Opened[Name] } = {};
  try {
    opened.main = await open(structure.server, bounded, log);
    opened.metrics = await open(structure.metricsServer, { listener: live.metrics }, log);
    opened.grpc = await startGrpc(live, options, log);
    return opened as Opened;
  } catch (error) {
    await Promise.all(listenersOf(opened).map((one) => one.close()));
    throw error;
  }
}

/** Starts a context, and looks for providers that are new; what was begun is ended when that fails. */
async function startNext(next: Context, before: Context): Promise<void> {
  try {
    await next.start();
    if (next.providers !== before.providers) await lookForProviders(next);
  } catch (error) {
    end(next, before);
    throw error;
  }
}

/**
 * Starts to serve.
 *
 * @throws {ListenError} When an address is taken.
 * @throws {RangeError} When an address is none.
 */
export async function serve(settings: Settings, log: Log, now: () => number = Date.now): Promise<Serving> {
  const live = new Live(createContext(settings, log, now));
  tellStart(live.context);
  let opened: Opened;
  try {
    await live.context.start();
    opened = await openAll(settings, live, log);
  } catch (error) {
    live.close();
    throw error;
  }
  const { main, metrics, grpc } = opened;
  const { server } = settings.structure;
  const addresses = [main.plain && server.bindAddress, main.secure && server.secureBindAddress];
  log.info("listening", { address: addresses.filter(Boolean).join(" "), mode: settings.mode });
  return {
    get context() {
      return live.context;
    },
    port: main.plain?.port ?? main.secure?.port ?? 0,
    securePort: main.secure?.port,
    metricsPort: metrics.plain?.port ?? metrics.secure?.port,
    grpcPort: grpc?.port,
    listening: listenersOf(opened).length > 0,
    async reload(changed, changedLog) {
      const next = createContext(changed, changedLog, now, live.context);
      await startNext(next, live.context);
      live.replace(next);
    },
    async close() {
      const { upstreams } = live.context;
      live.close();
      await Promise.all(listenersOf(opened).map((one) => one.close()));
      await upstreams?.close();
    },
  };
}
