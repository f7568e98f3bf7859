import http from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { answerText, type Exchange, writeAnswerHead } from "./exchange.ts";
import {
  endToEnd,
  fromRaw,
  grouped,
  type HeaderList,
  upgradeOf,
  valuesOf,
  withHeader,
  without,
} from "./headers.ts";
import { targetText, withoutSemicolons } from "./target.ts";

const agents = {
  "http:": new http.Agent({ keepAlive: true, maxFreeSockets: 64, timeout: 90_000 }),
  "https:": new https.Agent({ keepAlive: true, maxFreeSockets: 64, timeout: 90_000 }),
};

const MAX_HEADER_BYTES = 1 << 20;

/** Sets all fields, without the `Connection` that Node would add. */
export function setHeaders(request: http.ClientRequest, headers: HeaderList): void {
  request.removeHeader("connection");
  for (const [name, values] of grouped(headers))
    request.setHeader(name, values.length === 1 ? (values[0] ?? "") : values);
}

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

/** How long the body is, in the words of the next connection. */
function framing({ request, method }: Exchange, passed: HeaderList): HeaderList {
  if (request.headers["transfer-encoding"] !== undefined) return [["Transfer-Encoding", "chunked"]];
  const [length] = valuesOf(passed, "content-length");
  if (length !== undefined) return [["Content-Length", String(BigInt(length))]];
  return /^(POST|PUT|PATCH)$/.test(method) ? [["Content-Length", "0"]] : [];
}

/** Go asks for gzip where the client says nothing of encodings, and unpacks it. */
function encoding(method: string, passed: HeaderList): HeaderList {
  const said = valuesOf(passed, "accept-encoding").some((value) => value !== "");
  const ranged = valuesOf(passed, "range").some((value) => value !== "");
  return said || ranged || method === "HEAD" ? [] : [["Accept-Encoding", "gzip"]];
}

/** Go passes the announcement of trailers on, not the trailers; Node refuses it without chunks. */
const announced = ({ request, headers }: Exchange): HeaderList =>
  request.headers["transfer-encoding"] === undefined
    ? []
    : valuesOf(headers, "trailer").map((value) => ["Trailer", value] as const);

function requestHeaders(exchange: Exchange, { url, passHostHeader }: Upstream): HeaderList {
  const upgrade = upgradeOf(exchange.headers);
  const passed = endToEnd(exchange.headers);
  const trailers = valuesOf(exchange.headers, "te").some((value) => /(^|,)\s*trailers/i.test(value));
  const named = valuesOf(exchange.headers, "connection").join(",").toLowerCase();
  return [
    ["Host", (passHostHeader && exchange.host) || url.host],
    ...forwardedHeaders(exchange, without(passed, "host", "content-length")),
    ...framing(exchange, exchange.headers),
    ...announced(exchange),
    ...(trailers && !/(^|,)\s*te\s*(,|$)/.test(named) ? [["Te", "trailers"] as const] : []),
    ...(upgrade === undefined ? [] : [["Connection", "Upgrade"] as const, ["Upgrade", upgrade] as const]),
    ...encoding(exchange.method, passed),
  ];
}

function open(exchange: Exchange, upstream: Upstream): http.ClientRequest {
  const { url, tls } = upstream;
  const secure = url.protocol === "https:";
  const request = (secure ? https : http).request({
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port || (secure ? 443 : 80),
    method: exchange.method,
    path: targetText(withoutSemicolons(exchange.target, exchange.semicolon)),
    setHost: false,
    agent: agents[secure ? "https:" : "http:"],
    maxHeaderSize: MAX_HEADER_BYTES,
    ...(secure
      ? {
          servername: tls?.serverName ?? url.hostname,
          rejectUnauthorized: !tls?.insecureSkipVerify,
          ...(tls?.ca ? { ca: tls.ca } : {}),
        }
      : {}),
  });
  const headers = requestHeaders(exchange, upstream);
  // Otherwise Node tells the length of a body that is not there.
  if (framing(exchange, exchange.headers).length === 0) request.useChunkedEncodingByDefault = false;
  setHeaders(request, headers);
  return request;
}

/** Whether the answer goes on in chunks, and so may have trailers. */
const sendsChunks = ({ request, method }: Exchange, response: http.IncomingMessage): boolean =>
  response.headers["transfer-encoding"] !== undefined &&
  method !== "HEAD" &&
  request.httpVersionMinor === 1 &&
  ![204, 205, 304].includes(response.statusCode ?? 0);

function answerHeaders(exchange: Exchange, response: http.IncomingMessage): HeaderList {
  const given = fromRaw(response.rawHeaders);
  const trailer = sendsChunks(exchange, response)
    ? valuesOf(given, "trailer").map((value) => ["Trailer", value] as const)
    : [];
  const own = [...endToEnd(given), ...trailer];
  return exchange.answerHeaders.reduce<HeaderList>((headers, change) => change(headers), own);
}

function isUnaskedGzip({ method, headers: asked }: Exchange, answered: HeaderList): boolean {
  const wasAsked = encoding(method, endToEnd(asked)).length > 0;
  return wasAsked && valuesOf(answered, "content-encoding").some((value) => value.toLowerCase() === "gzip");
}

function relay(exchange: Exchange, response: http.IncomingMessage): void {
  const { response: answer } = exchange.responder;
  const headers = answerHeaders(exchange, response);
  // What Go asked to be packed, it unpacks (see `encoding`).
  const unpacks = isUnaskedGzip(exchange, headers);
  const told = unpacks ? without(headers, "content-encoding", "content-length") : headers;
  writeAnswerHead(exchange, response.statusCode ?? 502, told, response.statusMessage);
  if (unpacks) pipeline(response, createGunzip(), answer, () => undefined);
  else {
    // Go sends the head of chunks at once.
    if (sendsChunks(exchange, response)) answer.flushHeaders();
    response.pipe(answer, { end: false });
    response.on("end", () => {
      if (response.complete && sendsChunks(exchange, response))
        answer.addTrailers(fromRaw(response.rawTrailers));
      answer.end();
    });
  }
  // A server that stops half-way: so does the answer.
  response.on("error", () => answer.destroy());
  response.on("aborted", () => answer.destroy());
}

/** Connects the two ends once both have changed the protocol. */
function tunnel(exchange: Exchange, response: http.IncomingMessage, server: Socket, head: Buffer): void {
  const client = exchange.responder.upgrade;
  if (!client) {
    server.destroy();
    answerText(exchange, 500, "Internal Server Error");
    return;
  }
  const lines = fromRaw(response.rawHeaders).map(([name, value]) => `${name}: ${value}`);
  const socket = client.take();
  socket.write(
    `HTTP/1.1 101 ${response.statusMessage || "Switching Protocols"}\r\n${lines.join("\r\n")}\r\n\r\n`,
    "latin1",
  );
  if (head.length > 0) socket.write(head);
  if (client.head.length > 0) server.write(client.head);
  server.pipe(socket).pipe(server);
  server.on("error", () => socket.destroy());
  socket.on("error", () => server.destroy());
  server.on("close", () => socket.destroy());
  socket.on("close", () => server.destroy());
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
  if (error.message === "socket hang up") return [502, "Bad Gateway"];
  return unreachable.includes(error.code ?? "") ? [502, "Bad Gateway"] : [500, "Internal Server Error"];
}

/** A kept connection may end just as it is used again: then the request was not seen, and is sent once more. */
const mayRepeat = (exchange: Exchange, request: http.ClientRequest, error: NodeJS.ErrnoException): boolean =>
  request.reusedSocket &&
  error.code === "ECONNRESET" &&
  /^(GET|HEAD|OPTIONS|TRACE)$/.test(exchange.method) &&
  exchange.request.headers["content-length"] === undefined &&
  exchange.request.headers["transfer-encoding"] === undefined;

/** Sends the request to a server and relays what it answers. Ends when the answer has begun, or failed. */
export function send(exchange: Exchange, upstream: Upstream): Promise<void> {
  return new Promise((resolve) => {
    const request = open(exchange, upstream);
    const { response } = exchange.responder;
    request.on("response", (answer) => {
      relay(exchange, answer);
      resolve();
    });
    request.on("information", ({ statusCode, rawHeaders }) => {
      if (statusCode === 103) response.writeEarlyHints(Object.fromEntries(grouped(fromRaw(rawHeaders))));
    });
    request.on("upgrade", (answer, socket, head) => {
      tunnel(exchange, answer, socket as Socket, head);
      resolve();
    });
    request.on("error", (error: NodeJS.ErrnoException) => {
      if (response.headersSent || response.destroyed) response.destroy();
      else if (mayRepeat(exchange, request, error)) return void send(exchange, upstream).then(resolve);
      else answerText(exchange, ...statusOf(error));
      resolve();
    });
    response.on("close", () => {
      if (!response.writableFinished) request.destroy();
    });
    exchange.request.on("error", () => request.destroy());
    exchange.responder.proceed?.();
    if (exchange.responder.upgrade) request.end();
    else exchange.request.pipe(request);
  });
}
