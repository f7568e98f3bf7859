/** An application behind the proxy: tells what reached it, and behaves as its path says. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { gzipSync } from "node:zlib";

/** A request that reached the application. */
export interface Reached {
  readonly method: string;
  readonly url: string;
  /** Name, value, name, value, as they came. */
  readonly raw: readonly string[];
  body: string;
  /** True when the request was broken off. */
  aborted: boolean;
}

/** A running application. */
export interface Application {
  readonly origin: string;
  readonly port: number;
  /** Newest last. */
  readonly reached: Reached[];
  /** Connections that were opened to it. */
  readonly connections: () => number;
  close(): Promise<void>;
}

/** The values of a header that reached the application, joined by line breaks; undefined when there is none. */
export function headerOf(reached: Reached | undefined, name: string): string | undefined {
  const values = reached?.raw.filter(
    (_, index, raw) => index % 2 === 1 && raw[index - 1]?.toLowerCase() === name.toLowerCase(),
  );
  return values === undefined || values.length === 0 ? undefined : values.join("\n");
}

type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

/** What is answered below these paths; anywhere else 200 and a text. */
const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  gzip: (_, response) => {
    response.writeHead(200, { "Content-Type": "text/plain", "Content-Encoding": "gzip" });
    response.end(gzipSync("unpacked"));
  },
  trailer: (_, response) => {
    response.writeHead(200, { Trailer: "X-Sum" });
    response.write("body");
    response.addTrailers({ "X-Sum": "4" });
    response.end();
  },
  framing: (request) => {
    const body = "2\r\nok\r\n0\r\nSet-Cookie: evil=1\r\nCache-Control: evil\r\nX-Sum: 2\r\n\r\n";
    request.socket.end(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n${body}`);
  },
  hinted: (request) => {
    const hints = ["</a.css>; rel=preload; as=style", "no link at all"];
    const index = request.url?.endsWith("bad") ? 1 : 0;
    request.socket.end(
      `HTTP/1.1 103 Early Hints\r\nLink: ${hints[index]}\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`,
    );
  },
  half: (_, response) => {
    response.writeHead(200, { "Content-Length": "100" });
    response.write("half", () => response.destroy());
  },
  drop: (request) => void request.socket.destroy(),
  stream: (_, response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.flushHeaders();
    response.once("close", () => response.end());
  },
  hop: (_, response) => {
    response.writeHead(200, [
      "Connection",
      "X-Hop",
      "X-Hop",
      "1",
      "Keep-Alive",
      "x",
      "X-End",
      "2",
      "Set-Cookie",
      "a=1",
      "Set-Cookie",
      "b=2",
    ]);
    response.end("hop");
  },
  early: (_, response) => {
    response.writeHead(413);
    response.end("too large");
  },
  never: () => undefined,
  odd: (request) => {
    request.socket.end("HTTP/1.1 200 OK\r\nX-A: b\x01c\r\nContent-Length: 2\r\n\r\nok", "latin1");
  },
  utf8: (_, response) => {
    response.writeHead(200, { "X-Name": Buffer.from("Zoë 日本").toString("latin1") });
    response.end(Buffer.from("Zoë"));
  },
};

function handle(reached: Reached[], request: IncomingMessage, response: ServerResponse): void {
  const { method = "", url = "", rawHeaders } = request;
  const seen: Reached = { method, url, raw: rawHeaders, body: "", aborted: false };
  reached.push(seen);
  request.on("error", () => undefined);
  response.once("close", () => {
    seen.aborted = !response.writableFinished;
  });
  const behaviour = Object.entries(BEHAVIOURS).find(([name]) => url.includes(`/${name}`))?.[1];
  if (behaviour !== undefined) {
    behaviour(request, response);
    return;
  }
  request.on("data", (chunk: Buffer) => {
    seen.body += chunk.toString("latin1");
  });
  request.once("end", () => response.end(`reached ${url}`));
}

/** Switches to any protocol and sends back what it gets; `/refuse` does not. */
function switchProtocol(reached: Reached[], request: IncomingMessage, socket: Socket, head: Buffer): void {
  const { method = "", url = "", rawHeaders } = request;
  reached.push({ method, url, raw: rawHeaders, body: "", aborted: false });
  socket.on("error", () => undefined);
  if (url.includes("/refuse")) {
    socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nX-App: 1\r\n\r\nno");
    return;
  }
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Connection: Upgrade",
    `Upgrade: ${request.headers.upgrade}`,
  ];
  socket.write(`${lines.join("\r\n")}\r\nX-App: 1\r\n\r\n`);
  if (head.length > 0) socket.write(head);
  socket.pipe(socket);
}

/** Starts the application. @param path Of a Unix socket; unset: a free port. */
export async function startApplication(path?: string): Promise<Application> {
  const reached: Reached[] = [];
  let connections = 0;
  const server = createServer((request, response) => handle(reached, request, response));
  server.on("upgrade", (request, socket, head) => switchProtocol(reached, request, socket as Socket, head));
  const open = new Set<Socket>();
  server.on("connection", (socket) => {
    connections += 1;
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  if (path === undefined) server.listen(0, "127.0.0.1");
  else server.listen(path);
  await once(server, "listening");
  const port = path === undefined ? (server.address() as AddressInfo).port : 0;
  return {
    origin: path === undefined ? `http://127.0.0.1:${port}` : `unix://${path}`,
    port,
    reached,
    connections: () => connections,
    async close() {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, "close");
    },
  };
}
