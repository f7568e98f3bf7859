import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { PebbleRequest, PebbleTransport, PebbleWebSocket } from "charmed-iap/pebble";
import { type RawData, type WebSocket, WebSocketServer } from "ws";

/** Puts a Pebble of this process behind a unix socket. */
export async function servePebble(pebble: PebbleTransport, socket: string): Promise<Server> {
  const server = createServer((request, response) => {
    answer(pebble, request, response).catch(() => request.socket.destroy()); // As one does that is gone.
  });
  const websockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", async (request, connection, head) => {
    try {
      const inner = await pebble.websocket!(request.url ?? "");
      websockets.handleUpgrade(request, connection, head, (outer) => join(inner, outer));
    } catch {
      connection.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return server;
}

async function answer(
  pebble: PebbleTransport,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { status, headers, body } = await pebble.request({
    method: request.method as PebbleRequest["method"],
    path: request.url ?? "",
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    ),
    ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
  });
  const { "transfer-encoding": _chunked, ...kept } = headers;
  response.writeHead(status, { ...kept, "content-length": body.byteLength });
  response.end(body);
}

/** Carries the messages of a task both ways, until either side closes. */
function join(inner: PebbleWebSocket, outer: WebSocket): void {
  outer.on("message", (data: RawData, binary: boolean) => {
    const bytes = data as Buffer;
    void inner.send(binary ? bytes : bytes.toString("utf8"));
  });
  outer.on("close", () => inner.close());
  void (async () => {
    for await (const message of inner.messages) outer.send(message);
    outer.close();
  })();
}
