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
import { errorCode } from "./go-errors.ts";
import { type ApiResponse, Refusal, refusal } from "./respond.ts";
import { route, websocketPath } from "./router.ts";

/** A served socket. */
export interface Listener {
  close(): Promise<void>;
}

/** Longest path that a unix socket address holds, in bytes. */
const MAX_SOCKET_PATH = 107;
/** Largest request body; files come whole. */
const MAX_BODY_BYTES = 1024 * 1024 * 1024;
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
  const server = createServer((request, response) => void serve(daemon, request, response));
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
  });
  server.on("upgrade", (request, socket, head) => upgrade(daemon, sockets, { request, socket, head }));
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

async function serve(daemon: Daemon, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  try {
    const answer = await answerTo(daemon, request, gone.signal);
    await write(response, answer, gone.signal);
  } catch (error) {
    if (!gone.signal.aborted && errorCode(error) !== "ECONNRESET") daemon.fault(error);
    response.destroy();
  }
}

async function answerTo(daemon: Daemon, request: IncomingMessage, signal: AbortSignal): Promise<ApiResponse> {
  const body = await readBody(request);
  if (body === undefined)
    return refusal(new Refusal(413, `request body must be at most ${MAX_BODY_BYTES} bytes`));
  const url = new URL(request.url ?? "/", "http://localhost");
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  const method = request.method ?? "GET";
  return await route(daemon, { method, path: url.pathname, query: url.searchParams, headers, body, signal });
}

async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).byteLength;
    if (size > MAX_BODY_BYTES) return undefined;
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
  readonly head: Buffer;
}

function upgrade(daemon: Daemon, sockets: WebSocketServer, { request, socket, head }: Upgrade): void {
  socket.on("error", () => socket.destroy());
  const found = websocketPath(new URL(request.url ?? "/", "http://localhost").pathname);
  const refused = found
    ? daemon.refuseWebSocket(found.taskId, found.name)
    : new Refusal(404, "invalid API endpoint requested");
  if (!found || refused) {
    refuse(socket, refused!);
    return;
  }
  sockets.handleUpgrade(request, socket, head, (connected) => {
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

function adapt(socket: WebSocket) {
  const queue = messageQueue();
  socket.on("message", (data: Buffer, binary: boolean) => queue.push(binary ? data : data.toString("utf8")));
  socket.on("close", () => queue.end());
  socket.on("error", () => socket.terminate()); // "close" follows
  return {
    messages: queue.messages,
    send: (message: string | Uint8Array) => {
      if (socket.readyState === socket.OPEN) socket.send(message);
    },
    close: () => socket.close(),
  };
}
