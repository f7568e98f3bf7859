import http, { type IncomingMessage, ServerResponse } from "node:http";
import net, { type AddressInfo, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { SecureContext } from "node:tls";
import type { EncodedCharacter, EntryPointConfig } from "../config/static.ts";
import { redirectScheme } from "../middlewares/redirects.ts";
import { answerText, type Handler, type Responder } from "../proxy/exchange.ts";
import { fromRaw, valuesOf } from "../proxy/headers.ts";
import { routingPath } from "../proxy/target.ts";
import { matchable, type RoutingTable } from "../routing/table.ts";
import { announcesFraming, exchangeOf, isEncodedBody, isHost } from "./request.ts";
import { tlsAcceptor } from "./tls.ts";

/** What an entry point asks for each request and handshake. */
export interface Surroundings {
  table(): RoutingTable;
  contextFor(serverName: string | undefined): SecureContext | undefined;
  /** Port of another entry point, by name. */
  portOf(name: string): string;
  onFault(error: unknown): void;
}

/** A listener. */
export interface EntryPoint {
  readonly port: number;
  /** Ends: no new connections, requests in progress get the grace time. */
  close(graceMs: number): Promise<void>;
}

const MAX_HEADER_BYTES = 1 << 20;
const TLS_HANDSHAKE = 0x16;

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;

/** Ends a connection that no request can be read from. */
function refuse(socket: Duplex, status: string, body = status): void {
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${body}`,
  );
}

/** The escapes that an option of an entry point is about. */
const ENCODED: Readonly<Record<EncodedCharacter, RegExp>> = {
  allowEncodedSlash: /%2f/i,
  allowEncodedBackSlash: /%5c/i,
  allowEncodedNullCharacter: /%00/,
  allowEncodedSemicolon: /%3b/i,
  allowEncodedPercent: /%25/,
  allowEncodedQuestionMark: /%3f/i,
  allowEncodedHash: /%23/,
};

/** Escapes that a path on this entry point must not have. */
const forbiddenEscapes = ({ encodedCharacters: options }: EntryPointConfig["http"]): readonly RegExp[] =>
  Object.entries(ENCODED).flatMap(([name, pattern]) =>
    options?.[name as EncodedCharacter] === false ? [pattern] : [],
  );

/** Go reads 4096 bytes more than the option says. */
const headerBytes = ({ maxHeaderBytes: given = 0 }: EntryPointConfig["http"]): number =>
  given > 0 ? given + 4096 : MAX_HEADER_BYTES;

const BAD = "400 Bad Request";
const UNSUPPORTED = ["501 Not Implemented", "Unsupported transfer encoding"] as const;

/** The codings that a request which could not be read names. */
const codingsIn = (packet: Buffer | undefined): string[] =>
  [
    ...(packet?.toString("latin1").split("\r\n\r\n")[0] ?? "").matchAll(/\r\ntransfer-encoding:([^\r\n]*)/gi),
  ].map(([, value = ""]) => value);

/** Go says so when a field's name has a blank in it. */
const hasBlankInName = (packet: Buffer | undefined): boolean =>
  /\r\n[^\r\n:\t ][^\r\n:]*[ \t][^\r\n:]*:/.test(packet?.toString("latin1").split("\r\n\r\n")[0] ?? "");

function router(name: string, config: EntryPointConfig, around: Surroundings): Handler {
  const redirection = config.http.redirections?.entryPoint;
  const route: Handler = async (exchange) => {
    const secure = exchange.scheme === "https";
    const found = around.table().find(name, secure, matchable(exchange, routingPath(exchange.target.path)));
    if (found) await found.handle(exchange);
    else answerText(exchange, 404, "404 page not found\n");
  };
  if (!redirection) return route;
  const { to, scheme, permanent } = redirection;
  const port = to.startsWith(":") ? to.slice(1) : around.portOf(to);
  return redirectScheme({ scheme, port, permanent })(route);
}

function httpServer(
  name: string,
  config: EntryPointConfig,
  around: Surroundings,
  port: () => string,
): http.Server {
  const handle = router(name, config, around);
  const semicolon = config.http.encodeQuerySemicolons ? "%3B" : "&";
  const forbidden = forbiddenEscapes(config.http);
  const { readTimeout, idleTimeout } = config.transport.respondingTimeouts;
  const serve = (request: IncomingMessage, responder: Responder): void => {
    if (request.headers.host === undefined && request.httpVersion === "1.1") {
      refuse(request.socket, BAD, `${BAD}: missing required Host header`);
      return;
    }
    const given = fromRaw(request.rawHeaders);
    if (isEncodedBody(valuesOf(given, "transfer-encoding"))) {
      refuse(request.socket, ...UNSUPPORTED);
      return;
    }
    const [host = "", ...moreHosts] = valuesOf(given, "host");
    if (announcesFraming(given) || moreHosts.length > 0) {
      refuse(request.socket, BAD);
      return;
    }
    const exchange = exchangeOf(request, responder, given, { port: port(), semicolon });
    if (!exchange) {
      refuse(request.socket, BAD, `${BAD}${isHost(host) ? "" : ": malformed Host header"}`);
      return;
    }
    if (request.httpVersionMajor !== 1 || request.httpVersionMinor > 1) {
      const unsupported = "505 HTTP Version Not Supported";
      refuse(request.socket, unsupported, `${unsupported}: unsupported protocol version`);
      return;
    }
    if (request.url === "*") {
      const options = request.method === "OPTIONS";
      if (options) answerText(exchange, 200, "");
      else answerText(exchange, 404, "404 page not found\n");
      return;
    }
    const [path = ""] = (request.url ?? "").split("?");
    if (path.includes("#") || forbidden.some((pattern) => pattern.test(path))) {
      answerText(exchange, 400, "");
      return;
    }
    handle(exchange).catch((error: unknown) => {
      around.onFault(error);
      answerText(exchange, 500, "Internal Server Error");
    });
  };
  const server = http.createServer(
    {
      maxHeaderSize: headerBytes(config.http),
      requestTimeout: readTimeout,
      headersTimeout: readTimeout,
      // Node looks for late requests only so often; a short limit would pass unseen.
      connectionsCheckingInterval: readTimeout > 0 ? Math.min(readTimeout / 4, 30_000) : 30_000,
      keepAliveTimeout: idleTimeout || 180_000,
      joinDuplicateHeaders: false,
      requireHostHeader: false,
    },
    (request, response) => serve(request, { response }),
  );
  server.maxHeadersCount = 0;
  // The body is asked for once somebody takes it (see `send`); an answer before that ends the connection.
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    const keeps = response.shouldKeepAlive;
    response.shouldKeepAlive = false;
    const proceed = (): void => {
      response.shouldKeepAlive = keeps;
      response.writeContinue();
    };
    serve(request, { response, proceed });
  });
  server.on("checkExpectation", (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(417, { Connection: "close", "Content-Length": "0" }).end();
  });
  server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    // The answer is written onto the socket like any other, unless the server takes the change.
    const response = new ServerResponse(request);
    response.assignSocket(socket);
    // Without a body and bytes in advance the next request begins right here.
    response.shouldKeepAlive &&= !hasBody(request) && head.length === 0;
    const destroy = (): void => void socket.destroy();
    response.on("finish", () => {
      if (!response.shouldKeepAlive) return void socket.end();
      response.detachSocket(socket);
      socket.off("error", destroy);
      server.emit("connection", socket);
    });
    socket.on("error", destroy);
    const take = (): Socket => {
      response.detachSocket(socket);
      return socket;
    };
    serve(request, { response, upgrade: { take, head } });
  });
  server.on("clientError", (error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket) => {
    if (error.code === "ECONNRESET" || error.code === "ERR_HTTP_REQUEST_TIMEOUT" || !socket.writable)
      return socket.destroy();
    if (error.code === "HPE_HEADER_OVERFLOW") {
      return refuse(socket, "431 Request Header Fields Too Large");
    }
    if (
      /TRANSFER_ENCODING|CONTENT_LENGTH/.test(error.code ?? "") &&
      isEncodedBody(codingsIn(error.rawPacket))
    ) {
      return refuse(socket, ...UNSUPPORTED);
    }
    const detail = hasBlankInName(error.rawPacket) ? ": invalid header name" : "";
    refuse(socket, BAD, `${BAD}${detail}`);
  });
  return server;
}

function splitAddress(address: string): { host: string; port: number } {
  const [, host = "", port = "0"] = /^(.*):(\d+)(?:\/tcp)?$/.exec(address) ?? [];
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}

/**
 * Opens an entry point. It speaks TLS or plain HTTP, as the first byte of a connection says; which of them a request
 * gets an answer on is decided by the routers.
 */
export async function openEntryPoint(
  name: string,
  config: EntryPointConfig,
  around: Surroundings,
): Promise<EntryPoint> {
  const sockets = new Set<Socket>();
  let port = 0;
  const plain = httpServer(name, config, around, () => String(port));
  const secure = tlsAcceptor(around.contextFor, (socket) => void plain.emit("connection", socket));
  const listener: Server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.once("data", (chunk: Buffer) => {
      socket.pause();
      socket.unshift(chunk);
      if (chunk[0] === TLS_HANDSHAKE) secure(socket);
      else plain.emit("connection", socket);
      process.nextTick(() => socket.resume());
    });
  });
  const { host, port: wanted } = splitAddress(config.address);
  await new Promise<void>((resolve, reject) => {
    listener.once("error", reject);
    listener.listen({ port: wanted, ...(host === "" ? {} : { host }) }, () => resolve());
  });
  port = (listener.address() as AddressInfo).port;
  // It listens through us; without this Node never looks for late requests.
  plain.emit("listening");
  return {
    port,
    async close(graceMs) {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      plain.closeIdleConnections();
      const timer = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, graceMs);
      await closed;
      clearTimeout(timer);
    },
  };
}
