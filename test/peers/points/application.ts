import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

/** A request that reached the application. */
export interface Arrival {
  readonly method: string;
  /** Path and query as they arrived. */
  readonly url: string;
  /** Name in lower case and value, as they arrived. */
  readonly headers: readonly (readonly [string, string])[];
}

/** An application that notes every request, shows its headers at `/whoami`, and echoes over WebSocket. */
export interface Application {
  readonly port: number;
  readonly arrivals: Arrival[];
  close(): Promise<void>;
}

function arrivalOf({ method = "", url = "", rawHeaders }: IncomingMessage): Arrival {
  const headers = Array.from({ length: rawHeaders.length / 2 }, (_, index) => {
    const name = rawHeaders[index * 2] ?? "";
    return [name.toLowerCase(), rawHeaders[index * 2 + 1] ?? ""] as const;
  });
  return { method, url, headers };
}

/** Starts one on a free port of 127.0.0.1. */
export async function startApplication(): Promise<Application> {
  const arrivals: Arrival[] = [];
  const server = createServer((request, response) => {
    arrivals.push(arrivalOf(request));
    request.resume();
    const shown = request.url?.startsWith("/whoami") ? JSON.stringify(request.headers) : "the application";
    response.writeHead(200, { "Content-Type": "text/plain" }).end(shown);
  });
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket, request) => {
    arrivals.push(arrivalOf(request));
    socket.on("error", () => undefined);
    socket.on("message", (data) => socket.send(`echo ${data}`));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    arrivals,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets.clients) socket.terminate();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
