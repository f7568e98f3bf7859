import { chmod, rm } from "node:fs/promises";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import net from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { messageQueue } from "../websocket.ts";
import type { Daemon } from "./daemon.ts";
import type { ServerSocket } from "./exec.ts";
import { errorCode } from "./go-errors.ts";
import { type ApiRequest, type ApiResponse, Refusal, refusal } from "./respond.ts";
import { refuseWebSocket, route, websocketPath } from "./router.ts";

/** A served socket. */
export interface Listener {
  close(): Promise<void>;
}

/** Longest path that a unix socket address holds, in bytes. */
const MAX_SOCKET_PATH = 107;
/** Largest request body; files come whole. */
const MAX_BODY_BYTES = 1024 * 1024 * 1024;
/** Nothing that is served over TCP takes a body. */
const MAX_TCP_BODY_BYTES = 64 * 1024;
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/**
 * Serves a daemon on a unix socket that only this user may open.
 *
 * @throws {Error} When the path is too long or another process serves it.
 */
export async function listen(daemon: Daemon, socketPath: string): Promise<Listener> {
  if (Buffer.byteLength(socketPath) > MAX_SOCKET_PATH) {
    throw new RangeError(`Cannot listen on "${socketPath}": must be at most ${MAX_SOCKET_PATH} bytes`);
  }
  await removeDead(socketPath);
  const server = makeServer(daemon, "socket");
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
  });
  server.on("upgrade", (request, socket, head) => upgrade(daemon, sockets, { request, socket, first: head }));
  await bind(server, socketPath);
  return {
    async close() {
      for (const client of sockets.clients) client.terminate();
      server.close();
      server.closeAllConnections();
      await rm(socketPath, { force: true });
    },
  };
}

/**
 * Serves what is open to all, and metrics, over TCP.
 *
 * @param port 0: any free one. @returns The listener, and the port that it has.
 */
export async function listenTcp(
  daemon: Daemon,
  host: string,
  port: number,
): Promise<Listener & { readonly port: number }> {
  const server = makeServer(daemon, "tcp");
  server.on("upgrade", (_request, socket: Duplex) =>
    refuse(socket, new Refusal(401, "access denied", "login-required")),
  );
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as net.AddressInfo).port,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

type Transport = ApiRequest["transport"];

function makeServer(daemon: Daemon, transport: Transport): Server {
  const server = createServer((request, response) => void serve(daemon, transport, { request, response }));
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  return server;
}

/** A socket file that nobody answers on is left from a killed process. */
async function removeDead(socketPath: string): Promise<void> {
  const alive = await new Promise<boolean>((resolve) => {
    const probe = net.connect(socketPath, () => {
      probe.destroy();
      resolve(true);
    });
    probe.on("error", () => resolve(false));
  });
  if (alive) throw new Error(`Cannot listen on "${socketPath}": another Pebble serves it`);
  await rm(socketPath, { force: true });
}

async function bind(server: Server, socketPath: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(socketPath, resolve);
  });
  await chmod(socketPath, 0o600);
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function serve(daemon: Daemon, transport: Transport, { request, response }: Exchange): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  try {
    const answer = await answerTo(daemon, transport, request, gone.signal);
    await write(response, answer, gone.signal);
  } catch (error) {
    if (!gone.signal.aborted && errorCode(error) !== "ECONNRESET") daemon.fault(error);
    response.destroy();
  }
}

async function answerTo(
  daemon: Daemon,
  transport: Transport,
  request: IncomingMessage,
  signal: AbortSignal,
): Promise<ApiResponse> {
  const body = await readBody(request, transport === "tcp" ? MAX_TCP_BODY_BYTES : MAX_BODY_BYTES);
  if (body === undefined) return refusal(new Refusal(413, "request body is too large"));
  return await route(daemon, { ...headOf(request), body, signal, transport });
}

/** Method, path, query and headers of a request. */
function headOf(request: IncomingMessage) {
  const url = new URL(request.url ?? "/", "http://localhost");
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  return { method: request.method ?? "GET", path: url.pathname, query: url.searchParams, headers };
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).byteLength;
    if (size > maxBytes) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

async function write(
  response: ServerResponse,
  { status, headers, body }: ApiResponse,
  gone: AbortSignal,
): Promise<void> {
  if (body instanceof Uint8Array) {
    response.writeHead(status, { ...headers, "content-length": body.byteLength }).end(body);
    return;
  }
  response.writeHead(status, headers).flushHeaders();
  for await (const chunk of body) {
    if (gone.aborted) break;
    response.write(chunk);
  }
  response.end();
}

interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** What came with the request. */
  readonly first: Buffer;
}

const NEVER = new AbortController().signal;

function upgrade(daemon: Daemon, sockets: WebSocketServer, { request, socket, first }: Upgrade): void {
  socket.on("error", () => socket.destroy());
  const head = headOf(request);
  const asked = { ...head, body: new Uint8Array(), signal: NEVER, transport: "socket" } as const;
  const refused = refuseWebSocket(daemon, asked);
  const found = websocketPath(head.path);
  if (!found || refused) {
    refuse(socket, refused ?? new Refusal(404, "invalid API endpoint requested"));
    return;
  }
  sockets.handleUpgrade(request, socket, first, (connected) => {
    daemon.connectWebSocket(found.taskId, found.name, adapt(connected));
  });
}

function refuse(socket: Duplex, refused: Refusal): void {
  const { status, body } = refusal(refused);
  const text = Buffer.from(body as Uint8Array).toString("utf8");
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(text)}`,
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${text}`);
}

/** WebSocket close code of a connection that broke off. */
const ABNORMAL = 1006;

function adapt(socket: WebSocket): ServerSocket {
  const queue = messageQueue();
  const { promise: lost, resolve: isLost } = Promise.withResolvers<void>();
  socket.on("close", (code: number) => {
    if (code === ABNORMAL) isLost();
  });
  socket.on("message", (data: Buffer, binary: boolean) => queue.push(binary ? data : data.toString("utf8")));
  socket.on("close", () => queue.end());
  socket.on("error", () => socket.terminate()); // "close" follows
  return {
    messages: queue.messages,
    lost,
    send: (message) => {
      if (socket.readyState === socket.OPEN) socket.send(message);
    },
    close: () => socket.close(),
  };
}
