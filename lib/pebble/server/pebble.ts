import { mkdir } from "node:fs/promises";
import path from "node:path";
import { PebbleProtocolError, PebbleUnreachableError } from "../errors.ts";
import type { PebbleRequest, PebbleStream, PebbleTransport, PebbleWebSocket } from "../transport.ts";
import { messageQueue } from "../websocket.ts";
import { type PebbleClock, systemClock } from "./clock.ts";
import { Daemon } from "./daemon.ts";
import { type Listener, listen, listenTcp } from "./http.ts";
import { readLayers } from "./layer-files.ts";
import type { ProcessGroup } from "./process-group.ts";
import { Programs } from "./programs.ts";
import { ContainerRoot } from "./root.ts";
import { refuseWebSocket, route, websocketPath } from "./router.ts";
import type { ExitCode } from "./service.ts";

/** What an embedded Pebble runs in. */
export interface PebbleOptions {
  /** Absolute directory that is the container's file system; made if missing. */
  readonly root: string;
  /** Absolute directory of the image; its `bin/` has the programs. */
  readonly image: string;
  /** Address of the unit, in place of `localhost` and `0.0.0.0` in checks; default none. */
  readonly address?: string;
  /** Pebble's own environment, which programs inherit; default PATH of this process. HOME defaults to `root`. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Directory of `NNN-label.yaml` files to begin with; default none. Layers added later are kept in memory. */
  readonly layersDir?: string;
  /** Default the machine's. */
  readonly clock?: PebbleClock;
  /** Between 0 and 1, for the jitter of restarts; default Math.random. */
  readonly random?: () => number;
  /** Milliseconds that a service must run to count as started; default 1000, as Pebble's. */
  readonly startGraceMs?: number;
  /** Milliseconds that lines for a log target wait for others; default 1000, as Pebble's. */
  readonly logFlushMs?: number;
  /** Called for each process, to record its group where a crash cannot lose it. */
  readonly onProcess?: (group: ProcessGroup, name: string, event: "started" | "ended") => void;
  /** Called when a `shutdown` action has ended this Pebble: the container would restart now. */
  readonly onExit?: (code: ExitCode) => void;
  /** Called with faults of the server itself, which answer with status 500; default none. */
  readonly onFault?: (error: unknown) => void;
}

/** A running embedded Pebble. */
export interface EmbeddedPebble {
  /** New for each one. */
  readonly bootId: string;
  /** The container's directory. */
  readonly root: string;
  /** Requests without a socket. */
  readonly handle: PebbleTransport;
  /** Serves on a unix socket of mode 600; its path ends at 107 bytes. Replaces a socket that nobody serves. */
  listen(socketPath: string): Promise<void>;
  /**
   * Serves on TCP what is open to all (`/v1/health`, `/v1/system-info`), and metrics to identities of that access.
   *
   * @param port 0: any free one. @returns The port.
   */
  listenTcp(host: string, port: number): Promise<number>;
  /** Stops services in order, waits for them, ends what is left in their process groups and closes the socket. */
  close(): Promise<void>;
}

/**
 * Starts a Pebble in this process. Like Juju's (`--hold`) it starts no service by itself.
 *
 * @throws {LayerError} `ERR_PEBBLE_LAYER` when a file of `layersDir` is no layer.
 */
export async function createPebble(options: PebbleOptions): Promise<EmbeddedPebble> {
  const root = new ContainerRoot(options.root);
  await mkdir(path.join(root.directory, "tmp"), { recursive: true });
  const programs = new Programs(root, options.image);
  const environment = { HOME: root.directory, ...(options.environment ?? inherited()) };
  let ending: Promise<void> | undefined;
  const listeners: Listener[] = [];
  const end = () => {
    ending ??= closeAll(daemon, listeners);
    return ending;
  };
  const daemon = new Daemon({
    bootId: crypto.randomUUID(),
    container: { root, programs, environment, address: options.address },
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    startGraceMs: options.startGraceMs ?? 1000,
    logFlushMs: options.logFlushMs ?? 1000,
    userId: process.getuid?.() ?? 0,
    onProcess: options.onProcess ?? (() => undefined),
    onExit: (code) => void end().then(() => options.onExit?.(code)),
    onFault: options.onFault ?? (() => undefined),
  });
  for (const layer of options.layersDir ? await readLayers(options.layersDir) : []) {
    daemon.addLayer(layer, { combine: false, inner: false });
  }
  return {
    bootId: daemon.bootId,
    root: root.directory,
    handle: inProcess(daemon),
    listen: async (socketPath) => void listeners.push(await listen(daemon, socketPath)),
    async listenTcp(host, port) {
      const listener = await listenTcp(daemon, host, port);
      listeners.push(listener);
      daemon.httpAddress = `${host}:${listener.port}`;
      return listener.port;
    },
    close: end,
  };
}

function inherited(): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "" };
}

async function closeAll(daemon: Daemon, listeners: readonly Listener[]): Promise<void> {
  try {
    await daemon.close();
  } finally {
    await Promise.all(listeners.map((listener) => listener.close()));
  }
}

/** A transport that calls the router. */
function inProcess(daemon: Daemon): PebbleTransport {
  const never = new AbortController().signal;
  const stream = async (request: PebbleRequest): Promise<PebbleStream> => {
    if (daemon.closing.aborted) throw new PebbleUnreachableError("in process");
    request.signal?.throwIfAborted();
    const { method, headers = {}, body = new Uint8Array(), signal = never } = request;
    const url = new URL(request.path, "http://localhost");
    const answered = route(daemon, {
      method,
      path: url.pathname,
      query: url.searchParams,
      headers,
      body,
      signal,
      transport: "socket",
    });
    const answer = await raceAbort(answered, signal);
    return { ...answer, body: answer.body instanceof Uint8Array ? once(answer.body) : answer.body };
  };
  return {
    stream,
    async request(request) {
      const answer = await stream(request);
      const chunks: Uint8Array[] = [];
      for await (const chunk of answer.body) chunks.push(chunk);
      return { ...answer, body: Buffer.concat(chunks) };
    },
    websocket: async (requestPath) => connect(daemon, requestPath),
    close: () => undefined,
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function raceAbort<T>(running: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    running.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

function connect(daemon: Daemon, requestPath: string): PebbleWebSocket {
  const found = websocketPath(requestPath);
  const signal = new AbortController().signal;
  const refused = refuseWebSocket(daemon, {
    method: "GET",
    path: requestPath,
    query: new URLSearchParams(),
    headers: {},
    body: new Uint8Array(),
    signal,
    transport: "socket",
  });
  if (!found || refused) {
    const { status, message } = refused ?? { status: 404, message: "no websocket" };
    throw new PebbleProtocolError(
      `Cannot open websocket ${requestPath}: status ${status}, must be 101: ${message}`,
    );
  }
  const [client, server] = socketPair();
  daemon.connectWebSocket(found.taskId, found.name, server);
  return client;
}

/** Two ends of a websocket without a network. */
function socketPair(): readonly [PebbleWebSocket, PebbleWebSocket] {
  const [a, b] = [messageQueue(), messageQueue()];
  const close = () => {
    a.end();
    b.end();
  };
  return [
    { messages: a.messages, send: (message) => b.push(message), close },
    { messages: b.messages, send: (message) => a.push(message), close },
  ];
}
