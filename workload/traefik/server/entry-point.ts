import http, { type IncomingMessage, ServerResponse } from "node:http";
import net, { type AddressInfo, type Server, type Socket } from "node:net";
import { hostname } from "node:os";
import type { Duplex } from "node:stream";
import tls, { type SecureContext, type TLSSocket } from "node:tls";
import type { EncodedCharacter, EntryPointConfig } from "../config/static.ts";
import { redirectScheme } from "../middlewares/redirects.ts";
import { answerText, type Exchange, type Handler } from "../proxy/exchange.ts";
import { fromRaw, type HeaderList, valuesOf, withHeader, without } from "../proxy/headers.ts";
import { parseTarget, routingPath } from "../proxy/target.ts";
import { matchable, type RoutingTable } from "../routing/table.ts";

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

/** Time for a handshake. */
const HANDSHAKE_MS = 120_000;

/** Go's order; OpenSSL takes that of TLS 1.3 from the listener. */
const CIPHERS = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE+AESGCM",
  "ECDHE+CHACHA20",
].join(":");
const MAX_HEADER_BYTES = 1 << 20;
const UPGRADING = Symbol("upgrade");
const CONTINUING = Symbol("continue");

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;

const FORWARDED = [
  "X-Forwarded-For",
  "X-Forwarded-Host",
  "X-Forwarded-Port",
  "X-Forwarded-Proto",
  "X-Forwarded-Server",
  "X-Forwarded-Uri",
  "X-Forwarded-Method",
  "X-Forwarded-Prefix",
  "X-Forwarded-Tls-Client-Cert",
  "X-Forwarded-Tls-Client-Cert-Info",
  "X-Real-Ip",
] as const;

/**
 * Takes away what the client's `Connection` names, before any middleware adds something of that name; what stays of
 * it is whether the protocol is to change and whether trailers are understood.
 */
function withoutNamed(given: HeaderList): HeaderList {
  const tokens = valuesOf(given, "connection").flatMap((value) =>
    value.split(",").map((part) => part.trim().toLowerCase()),
  );
  const kept = ["host", "content-length", "transfer-encoding", "upgrade"];
  const upgrades = tokens.includes("upgrade");
  const gone = tokens.filter((token) => !kept.includes(token));
  const rest = without(given, ...gone, "connection", ...(upgrades ? [] : ["upgrade"]));
  return upgrades ? [...rest, ["Connection", "Upgrade"]] : rest;
}

function ownHeaders(
  given: HeaderList,
  info: { clientIp: string; host: string; port: string; scheme: string },
): HeaderList {
  const clean = without(withoutNamed(given), ...FORWARDED);
  const own: readonly (readonly [string, string])[] = [
    ["X-Forwarded-For", info.clientIp],
    ...(info.host === "" ? [] : [["X-Forwarded-Host", info.host] as const]),
    ["X-Forwarded-Port", info.port],
    ["X-Forwarded-Proto", info.scheme],
    ["X-Forwarded-Server", hostname()],
    ["X-Real-Ip", info.clientIp],
  ];
  return own.reduce<HeaderList>((headers, [name, value]) => withHeader(headers, name, value), clean);
}

/** Characters that Go takes in a `Host` field. */
const isHost = (host: string): boolean => /^[A-Za-z0-9!$%&'()*+,\-.:;=@[\]_~]*$/.test(host);

/** Ends a connection that no request can be read from. */
function refuse(socket: Duplex, status: string, body: string): void {
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${body}`,
  );
}

/** Fields that a trailer must not carry (RFC 9110, section 6.5.1). */
const announcesFraming = (given: HeaderList): boolean =>
  valuesOf(given, "trailer").some((value) =>
    /(^|,)\s*(transfer-encoding|content-length|trailer)\s*(,|$)/i.test(value),
  );

/** Whether the body comes in a coding other than chunks, which nobody here undoes. */
const isEncodedBody = (codings: readonly string[]): boolean =>
  codings.length > 1 || codings.some((coding) => coding.trim().toLowerCase() !== "chunked");

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

const UNSUPPORTED = ["501 Not Implemented", "Unsupported transfer encoding"] as const;

/** The codings that a request which could not be read names. */
const codingsIn = (packet: Buffer | undefined): string[] =>
  [
    ...(packet?.toString("latin1").split("\r\n\r\n")[0] ?? "").matchAll(/\r\ntransfer-encoding:([^\r\n]*)/gi),
  ].map(([, value = ""]) => value);

/** Go says so when a field's name has a blank in it. */
const hasBlankInName = (packet: Buffer | undefined): boolean =>
  /\r\n[^\r\n:\t ][^\r\n:]*[ \t][^\r\n:]*:/.test(packet?.toString("latin1").split("\r\n\r\n")[0] ?? "");

function exchangeOf(
  request: IncomingMessage,
  response: ServerResponse,
  given: HeaderList,
  { port, semicolon }: { readonly port: string; readonly semicolon: "&" | "%3B" },
): Exchange | undefined {
  const secure = (request.socket as TLSSocket).encrypted === true;
  const absolute = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#]*)(.*)$/is.exec(request.url ?? "");
  const host = absolute?.[1] ?? valuesOf(given, "host")[0] ?? "";
  const rest = absolute ? absolute[2] || "/" : (request.url ?? "/");
  const target = parseTarget(rest === "*" ? "/*" : rest.startsWith("?") ? `/${rest}` : rest);
  if (!target || !isHost(host)) return undefined;
  const scheme = secure ? "https" : "http";
  const clientIp = (request.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
  const hostPort = /:(\d+)$/.exec(host)?.[1];
  const info = { clientIp, host, scheme, port: hostPort ?? (scheme === "https" ? "443" : "80") };
  const upgrade = (request as { [UPGRADING]?: { take(): Socket; head: Buffer } })[UPGRADING];
  return {
    request,
    responder: { upgrade, response, proceed: (request as { [CONTINUING]?: () => void })[CONTINUING] },
    method: request.method ?? "GET",
    host,
    scheme,
    port: info.port || port,
    clientIp,
    semicolon,
    target,
    headers: ownHeaders(given, info),
    answerHeaders: [],
  };
}

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
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.headers.host === undefined && request.httpVersion === "1.1") {
      refuse(request.socket, "400 Bad Request", "400 Bad Request: missing required Host header");
      return;
    }
    const given = fromRaw(request.rawHeaders);
    if (isEncodedBody(valuesOf(given, "transfer-encoding"))) {
      refuse(request.socket, ...UNSUPPORTED);
      return;
    }
    const [host = "", ...moreHosts] = valuesOf(given, "host");
    if (announcesFraming(given) || moreHosts.length > 0) {
      refuse(request.socket, "400 Bad Request", "400 Bad Request");
      return;
    }
    const exchange = exchangeOf(request, response, given, { port: port(), semicolon });
    if (!exchange) {
      refuse(
        request.socket,
        "400 Bad Request",
        `400 Bad Request${isHost(host) ? "" : ": malformed Host header"}`,
      );
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
    serve,
  );
  server.maxHeadersCount = 0;
  // The body is asked for once somebody takes it (see `send`); an answer before that ends the connection.
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    const keeps = response.shouldKeepAlive;
    response.shouldKeepAlive = false;
    (request as { [CONTINUING]?: () => void })[CONTINUING] = () => {
      response.shouldKeepAlive = keeps;
      response.writeContinue();
    };
    serve(request, response);
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
    (request as { [UPGRADING]?: object })[UPGRADING] = {
      take() {
        response.detachSocket(socket);
        return socket;
      },
      head,
    };
    serve(request, response);
  });
  server.on("clientError", (error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket) => {
    if (error.code === "ECONNRESET" || error.code === "ERR_HTTP_REQUEST_TIMEOUT" || !socket.writable)
      return socket.destroy();
    if (error.code === "HPE_HEADER_OVERFLOW") {
      return refuse(socket, "431 Request Header Fields Too Large", "431 Request Header Fields Too Large");
    }
    if (
      /TRANSFER_ENCODING|CONTENT_LENGTH/.test(error.code ?? "") &&
      isEncodedBody(codingsIn(error.rawPacket))
    ) {
      return refuse(socket, ...UNSUPPORTED);
    }
    const detail = hasBlankInName(error.rawPacket) ? ": invalid header name" : "";
    refuse(socket, "400 Bad Request", `400 Bad Request${detail}`);
  });
  return server;
}

function splitAddress(address: string): { host: string; port: number } {
  const [, host = "", port = "0"] = /^(.*):(\d+)(?:\/tcp)?$/.exec(address) ?? [];
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}

const TLS_HANDSHAKE = 0x16;

/** Takes TLS connections. Node asks no callback for a client that names no host, so each begins with the default. */
function tlsAcceptor(around: Surroundings, accepted: (socket: tls.TLSSocket) => void): (raw: Socket) => void {
  const bare = tls.createSecureContext({ honorCipherOrder: true, ciphers: CIPHERS });
  return (raw) => {
    const socket = new tls.TLSSocket(raw, {
      isServer: true,
      ALPNProtocols: ["http/1.1"],
      secureContext: around.contextFor(undefined) ?? bare,
      SNICallback: (serverName, done) => {
        const context = around.contextFor(serverName || undefined);
        done(context ? null : new Error("no certificate"), context);
      },
    });
    socket.setTimeout(HANDSHAKE_MS, () => socket.destroy());
    socket.on("error", () => socket.destroy());
    socket.once("secure", () => {
      socket.setTimeout(0);
      accepted(socket);
    });
  };
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
  const secure = tlsAcceptor(around, (socket) => void plain.emit("connection", socket));
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
