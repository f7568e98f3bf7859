import type { IncomingMessage } from "node:http";
import { PebbleProtocolError, PebbleUnreachableError } from "./errors.ts";
import type {
  PebbleRequest,
  PebbleResponse,
  PebbleStream,
  PebbleTransport,
  PebbleWebSocket,
} from "./transport.ts";
import { messageQueue } from "./websocket.ts";

/** Given, so that `node:http` does not work out the name for TLS from the host: its patterns cost a hook 3 ms. */
const NO_TLS = { servername: "" };

/**
 * Pebble behind a unix socket, `/charm/containers/<name>/pebble.socket` in a charm's pod.
 *
 * One connection is kept and used again; `close()` ends it, and so does an idle minute. A request that fails
 * on a kept connection before any byte of an answer is sent once more on a fresh one if it is a GET.
 */
export function unixSocket(socketPath: string): PebbleTransport {
  let agent: import("node:http").Agent | undefined;
  const http = () => process.getBuiltinModule("node:http");
  const connection = () => {
    agent ??= new (http().Agent)({ keepAlive: true, maxSockets: 16, timeout: 0 });
    return agent;
  };
  const send = (request: PebbleRequest, retried = false): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const sent = http().request(
        {
          socketPath,
          agent: connection(),
          ...NO_TLS,
          method: request.method,
          path: request.path,
          headers: { host: "localhost", ...request.headers, ...length(request) },
          ...(request.signal && { signal: request.signal }),
        },
        resolve,
      );
      sent.on("error", (error: NodeJS.ErrnoException) => {
        if (request.signal?.aborted) reject(request.signal.reason);
        else if (sent.reusedSocket && !retried && request.method === "GET") resolve(send(request, true));
        else reject(new PebbleUnreachableError(socketPath, { cause: error }));
      });
      sent.end(request.body);
    });
  return {
    async request(request): Promise<PebbleResponse> {
      const answer = await send(request);
      return {
        status: answer.statusCode ?? 0,
        headers: headers(answer),
        body: await whole(answer, request, socketPath),
      };
    },
    async stream(request): Promise<PebbleStream> {
      const answer = await send(request);
      return {
        status: answer.statusCode ?? 0,
        headers: headers(answer),
        body: pieces(answer, request, socketPath),
      };
    },
    websocket: (path) => connect(socketPath, path),
    close: () => agent?.destroy(),
  };
}

function length(request: PebbleRequest): Record<string, string> {
  return request.method === "GET" ? {} : { "content-length": String(request.body?.byteLength ?? 0) };
}

function headers(answer: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)]));
}

async function whole(answer: IncomingMessage, request: PebbleRequest, address: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of pieces(answer, request, address)) chunks.push(chunk);
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

async function* pieces(
  answer: IncomingMessage,
  request: PebbleRequest,
  address: string,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of answer) yield chunk as Uint8Array;
  } catch (cause) {
    if (request.signal?.aborted) throw request.signal.reason;
    throw new PebbleUnreachableError(address, { cause });
  } finally {
    answer.destroy();
  }
}

async function connect(socketPath: string, path: string): Promise<PebbleWebSocket> {
  const { WebSocket } = await import("ws");
  const socket = new WebSocket(`ws+unix:${socketPath}:${path}`, {
    perMessageDeflate: false,
    handshakeTimeout: 10_000,
  });
  const queue = messageQueue();
  socket.on("message", (data: Buffer, binary: boolean) => queue.push(binary ? data : data.toString("utf8")));
  socket.on("close", () => queue.end());
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("unexpected-response", (_request, answer) => {
      reject(
        new PebbleProtocolError(`Cannot open websocket ${path}: status ${answer.statusCode}, must be 101`),
      );
      answer.destroy();
    });
    socket.once("error", (cause) => reject(new PebbleUnreachableError(socketPath, { cause })));
  });
  socket.on("error", () => socket.terminate()); // "close" follows and ends the messages
  return {
    messages: queue.messages,
    send: (message) => new Promise((resolve) => socket.send(message, () => resolve())),
    close: () => socket.close(),
  };
}
