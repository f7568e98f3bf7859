import http from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import { answerText, type Exchange } from "./exchange.ts";
import { endToEnd, fromRaw, type HeaderList, toRaw, upgradeOf, withHeader, without } from "./headers.ts";
import { targetText } from "./target.ts";

const agents = {
  "http:": new http.Agent({ keepAlive: true, maxFreeSockets: 64, timeout: 90_000 }),
  "https:": new https.Agent({ keepAlive: true, maxFreeSockets: 64, timeout: 90_000 }),
};

/** A server, and how to reach it. */
export interface Upstream {
  readonly url: URL;
  readonly passHostHeader: boolean;
  readonly tls?: { readonly serverName?: string; readonly insecureSkipVerify: boolean; readonly ca?: string };
}

function forwardedHeaders(exchange: Exchange, passed: HeaderList): HeaderList {
  const isWebSocket = upgradeOf(exchange.headers)?.toLowerCase() === "websocket";
  const proto = isWebSocket ? (exchange.scheme === "https" ? "wss" : "ws") : exchange.scheme;
  return withHeader(passed, "X-Forwarded-Proto", proto);
}

function requestHeaders(exchange: Exchange, { url, passHostHeader }: Upstream): HeaderList {
  const upgrade = upgradeOf(exchange.headers);
  const base = forwardedHeaders(exchange, without(endToEnd(exchange.headers), "host"));
  const length =
    exchange.request.headers["transfer-encoding"] === undefined
      ? []
      : [["Transfer-Encoding", "chunked"] as const];
  return [
    ["Host", passHostHeader ? exchange.host : url.host],
    ...base,
    ...length,
    ...(upgrade === undefined
      ? []
      : ([
          ["Connection", "Upgrade"],
          ["Upgrade", upgrade],
        ] as const)),
  ];
}

function open(exchange: Exchange, upstream: Upstream): http.ClientRequest {
  const { url, tls } = upstream;
  const secure = url.protocol === "https:";
  return (secure ? https : http).request({
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port || (secure ? 443 : 80),
    method: exchange.method,
    path: targetText(exchange.target),
    headers: toRaw(requestHeaders(exchange, upstream)) as never,
    setHost: false,
    agent: agents[secure ? "https:" : "http:"],
    ...(secure
      ? {
          servername: tls?.serverName ?? url.hostname,
          rejectUnauthorized: !tls?.insecureSkipVerify,
          ...(tls?.ca ? { ca: tls.ca } : {}),
        }
      : {}),
  });
}

function answerHeaders(exchange: Exchange, response: http.IncomingMessage): HeaderList {
  const own = endToEnd(fromRaw(response.rawHeaders));
  return exchange.answerHeaders.reduce<HeaderList>((headers, change) => change(headers), own);
}

function relay(exchange: Exchange, response: http.IncomingMessage): void {
  const { response: answer } = exchange.responder;
  answer.writeHead(
    response.statusCode ?? 502,
    response.statusMessage,
    toRaw(answerHeaders(exchange, response)) as never,
  );
  response.pipe(answer);
  // A server that stops half-way: so does the answer.
  response.on("error", () => answer.destroy());
  response.on("aborted", () => answer.destroy());
}

/** Connects the two ends once both have changed the protocol. */
function tunnel(exchange: Exchange, response: http.IncomingMessage, server: Socket, head: Buffer): void {
  const client = exchange.responder.upgrade;
  if (!client) {
    server.destroy();
    answerText(exchange, 502, "Bad Gateway");
    return;
  }
  const lines = fromRaw(response.rawHeaders).map(([name, value]) => `${name}: ${value}`);
  client.socket.write(
    `HTTP/1.1 101 ${response.statusMessage ?? "Switching Protocols"}\r\n${lines.join("\r\n")}\r\n\r\n`,
  );
  if (head.length > 0) client.socket.write(head);
  if (client.head.length > 0) server.write(client.head);
  server.pipe(client.socket).pipe(server);
  server.on("error", () => client.socket.destroy());
  client.socket.on("error", () => server.destroy());
  server.on("close", () => client.socket.destroy());
  client.socket.on("close", () => server.destroy());
}

/** What the client is told of a fault on the way to the server; 500 where the server answered nonsense. */
function statusOf(error: NodeJS.ErrnoException): readonly [number, string] {
  const unreachable = [
    "ECONNREFUSED",
    "ECONNRESET",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "ENOTFOUND",
    "EAI_AGAIN",
    "EPIPE",
  ];
  if (error.code === "ETIMEDOUT") return [504, "Gateway Timeout"];
  return unreachable.includes(error.code ?? "") ? [502, "Bad Gateway"] : [500, "Internal Server Error"];
}

/** Sends the request to a server and relays what it answers. Ends when the answer has begun, or failed. */
export function send(exchange: Exchange, upstream: Upstream): Promise<void> {
  return new Promise((resolve) => {
    const request = open(exchange, upstream);
    const { response } = exchange.responder;
    request.on("response", (answer) => {
      relay(exchange, answer);
      resolve();
    });
    request.on("upgrade", (answer, socket, head) => {
      tunnel(exchange, answer, socket as Socket, head);
      resolve();
    });
    request.on("error", (error: NodeJS.ErrnoException) => {
      if (response.headersSent || response.destroyed) response.destroy();
      else answerText(exchange, ...statusOf(error));
      resolve();
    });
    response.on("close", () => {
      if (!response.writableFinished) request.destroy();
    });
    if (exchange.responder.upgrade) request.end();
    else exchange.request.pipe(request);
  });
}
