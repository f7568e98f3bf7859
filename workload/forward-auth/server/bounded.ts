/** HTTP servers with limits, and what they say to clients that exceed them or speak no HTTP. */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
} from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { SecureContextOptions } from "node:tls";
import { readTarget } from "../upstream/target.ts";
import { limitBody } from "./body-limit.ts";
import { LIMITS, type Limits } from "./limits.ts";

const TOO_LARGE = "431 Request Header Fields Too Large";

/** A last word in plain text, as Go's server has it. */
function lastWord(status: string, text: string): string {
  const head = [`HTTP/1.1 ${status}`, "Content-Type: text/plain; charset=utf-8", "Connection: close", "", ""];
  return head.join("\r\n") + text;
}

const WORDS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: lastWord(TOO_LARGE, TOO_LARGE),
  ERR_HTTP_REQUEST_TIMEOUT: lastWord("408 Request Timeout", "408 Request Timeout"),
};

const BAD = lastWord("400 Bad Request", "400 Bad Request");

/** A client that speaks no HTTP, too much or too slowly. */
function refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === "ECONNRESET") return void socket.destroy();
  socket.end(WORDS[error.code ?? ""] ?? BAD, "latin1", () => socket.destroy());
}

/** True for what can be taken apart; nearly every target is a path without escapes. */
const isTarget = (url: string): boolean =>
  (url.charCodeAt(0) === 47 && !url.includes("%")) || readTarget(url) !== undefined;

/** What is wrong with a request that could be parsed, in the words of Go's server; undefined when it can be looked at. */
function faultOf({ rawHeaders, url, httpVersionMinor }: IncomingMessage, most: number): string | undefined {
  if (rawHeaders.length > most * 2) return TOO_LARGE;
  let hosts = 0;
  let host = "";
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name.length !== 4 || name.toLowerCase() !== "host") continue;
    hosts += 1;
    host = rawHeaders[index + 1] as string;
  }
  if (hosts > 1 || !isTarget(url ?? "")) return "400 Bad Request";
  if (hosts === 0 && httpVersionMinor >= 1) return "400 Bad Request: missing required Host header";
  return /^[\w!$&'()*+,.:;=[\]~%-]*$/.test(host) ? undefined : "400 Bad Request: malformed Host header";
}

/** True when a body will come. That a request is complete is not known yet when it is handed over. */
function announcesBody(rawHeaders: readonly string[]): boolean {
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name.length !== 14 && name.length !== 17) continue;
    if (/^(?:content-length|transfer-encoding)$/i.test(name) && rawHeaders[index + 1] !== "0") return true;
  }
  return false;
}

/** Wraps a listener: requests that are faulty in themselves do not reach it, and bodies have a time limit. */
function guarded(listener: RequestListener, limits: Limits): RequestListener {
  return (request, response) => {
    const fault = faultOf(request, limits.headers);
    if (fault === undefined) {
      if (announcesBody(request.rawHeaders)) limitBody(request, limits.bodyTimeout);
      listener(request, response);
      return;
    }
    response.writeHead(Number(fault.slice(0, 3)), [
      "Content-Type",
      "text/plain; charset=utf-8",
      "Connection",
      "close",
    ]);
    response.end(Buffer.from(fault));
  };
}

const upgraded = new WeakMap<Server, Set<Socket>>();

/** Ends the connections that left HTTP: a server knows nothing of them, but would wait for them. */
export function endUpgraded(server: Server): void {
  for (const socket of upgraded.get(server) ?? []) socket.destroy();
}

/** What a server is made for. */
export interface BoundedOptions {
  readonly listener: RequestListener;
  /** Absent: those of every listener. */
  readonly limits?: Limits;
  /** Absent: no TLS. */
  readonly tls?: SecureContextOptions;
  /** Decides about requests for another protocol; absent: none gets one. */
  readonly upgrades?: {
    wanted(request: IncomingMessage): boolean;
    take(request: IncomingMessage, socket: Socket, head: Buffer): void;
  };
}

/** Makes a server with all limits. */
export function createBoundedServer({ listener, tls, upgrades, limits = LIMITS }: BoundedOptions): Server {
  const options: ServerOptions = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersTimeout,
    // Bodies that are handed on may take long; those that we read ourselves have a limit of their own.
    requestTimeout: 0,
    keepAliveTimeout: limits.idleTimeout,
    connectionsCheckingInterval: limits.checkInterval,
    requireHostHeader: false,
    noDelay: true,
    shouldUpgradeCallback: (request) => upgrades?.wanted(request) === true,
  };
  const guard = guarded(listener, limits);
  const server: Server =
    tls === undefined
      ? createServer(options, guard)
      : createSecureServer(
          { ...options, ...tls, ALPNProtocols: ["http/1.1"], handshakeTimeout: limits.handshakeTimeout },
          guard,
        );
  server.maxHeadersCount = 0;
  server.maxConnections = limits.connections;
  server.on("clientError", refuse);
  // Whoever waits for permission to send a body gets it when the body is read, not before.
  server.on("checkContinue", guard);
  if (upgrades !== undefined) {
    const sockets = new Set<Socket>();
    upgraded.set(server, sockets);
    server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      upgrades.take(request, socket, head);
    });
  }
  return server;
}
