import type { IncomingMessage } from "node:http";
import { Connections } from "./connections.ts";
import { PebbleProtocolError, PebbleUnreachableError } from "./errors.ts";
import type { PebbleRequest, PebbleStream, PebbleTransport, PebbleWebSocket } from "./transport.ts";
import { messageQueue } from "./websocket.ts";

/**
 * Pebble behind a unix socket, `/charm/containers/<name>/pebble.socket` in a charm's pod.
 *
 * Connections are kept and used again; `close()` ends them. A request that fails on a kept connection before any byte
 * of an answer is sent once more on a fresh one if it is a GET. `node:http` is loaded to follow logs and for nothing else.
 */
export function unixSocket(socketPath: string): PebbleTransport {
  const connections = new Connections(socketPath);
  let agent: import("node:http").Agent | undefined;
  return {
    request: (request) => connections.request(request),
    async stream(request): Promise<PebbleStream> {
      const { Agent } = process.getBuiltinModule("node:http");
      agent ??= new Agent();
      const answer = await send(request, socketPath, agent);
      return {
        status: answer.statusCode ?? 0,
        headers: headers(answer),
        body: pieces(answer, request, socketPath),
      };
    },
    websocket: (path) => connect(socketPath, path),
    close() {
      connections.close();
      agent?.destroy();
    },
  };
}

/** Sends a request whose answer has no end that one would wait for. */
function send(
  { method, path, headers, body, signal }: PebbleRequest,
  socketPath: string,
  agent: import("node:http").Agent,
): Promise<IncomingMessage> {
  const { request } = process.getBuiltinModule("node:http");
  const length = method === "GET" ? {} : { "content-length": `${body?.byteLength ?? 0}` };
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        socketPath,
        agent,
        method,
        path,
        headers: { host: "localhost", ...headers, ...length },
        ...(signal && { signal }),
      },
      resolve,
    );
    sent.on("error", (cause) =>
      reject(signal?.aborted ? signal.reason : new PebbleUnreachableError(socketPath, { cause })),
    );
    sent.end(body);
  });
}

function headers(answer: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)]));
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
