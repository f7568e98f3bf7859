/** WebSockets and other protocols: the upstream is asked first, then bytes go both ways until one side ends. */
import {
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type RequestListener,
  ServerResponse,
} from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type Socket } from "node:net";
import type { HttpUpstream } from "./http-upstream.ts";
import type { Passed, Upgrading } from "./passed.ts";
import { responseHeaders } from "./response-headers.ts";

/** Milliseconds between the probes that find out that a peer is gone. */
const PROBE = 60_000;

/** Longest wait of a timer, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

/**
 * True for an upgrade that is handed on. HTTP/2 is none of them: its requests would pass undecided.
 *
 * @see bishopfox: h2c smuggling; RFC 9113, section 3.1 (obsoletes the upgrade)
 */
export function isUpgrade(request: IncomingMessage): boolean {
  const { upgrade, connection = "" } = request.headers;
  if (upgrade === undefined || !/^[\w!#$%&'*+.^`|~-]+(?:\/[\w.-]+)?$/.test(upgrade)) return false;
  if (/^h2c?$|^http\//i.test(upgrade) || !/(?:^|,)\s*upgrade\s*(?:,|$)/i.test(connection)) return false;
  const length = request.headers["content-length"];
  return (length === undefined || length === "0") && request.headers["transfer-encoding"] === undefined;
}

const held = new WeakMap<ServerResponse, Upgrading>();

/** The connection that waits for another protocol, until its request is decided. */
export function heldUpgrade(response: ServerResponse): Upgrading | undefined {
  return held.get(response);
}

/**
 * Answers a request for another protocol like any other, until somebody takes the connection over.
 *
 * @param listener Decides and answers.
 */
export function takeUpgrade(
  listener: RequestListener,
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
): void {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  held.set(response, { socket, head });
  socket.on("error", () => socket.destroy());
  // The server has let go of the connection: nobody else tells the answer that it can go on.
  socket.on("drain", () => response.emit("drain"));
  response.once("finish", () => socket.end());
  listener(request, response);
}

function ask(
  upstream: HttpUpstream,
  method: string,
  path: string,
  headers: readonly string[],
): ClientRequest {
  const { secure, hostname, port, socketPath, insecureSkipTlsVerify } = upstream.origin;
  const options = {
    method,
    path,
    headers: headers as string[],
    agent: false as const,
    setHost: false,
    ...(socketPath === undefined ? { host: hostname, port } : { socketPath }),
  };
  if (!secure) return httpRequest(options);
  const servername = isIP(hostname) === 0 ? hostname : "";
  return httpsRequest({ ...options, servername, rejectUnauthorized: !insecureSkipTlsVerify });
}

/** Asks the upstream for the other protocol; if it agrees, the client's connection is joined with the upstream's. */
export function upgradeTo(
  upstream: HttpUpstream,
  passed: Passed,
  upgrading: Upgrading,
  target: string,
  headers: readonly string[],
): void {
  const { request } = passed;
  if (upgrading.socket.destroyed) {
    passed.done(499, 0);
    return;
  }
  const asked = [...headers, "Connection", "Upgrade", "Upgrade", request.headers.upgrade ?? ""];
  const outgoing = ask(upstream, request.method ?? "GET", target, asked);
  let answered = false;
  const fail = (fault: "timeout" | "unreachable", detail: string) => {
    if (answered) return;
    answered = true;
    outgoing.destroy();
    passed.fail(502, fault, detail);
  };
  const { timeout } = upstream.settings;
  const timer =
    timeout > 0 ? setTimeout(() => fail("timeout", "no answer to an upgrade"), timeout) : undefined;
  outgoing.on("error", (error) => fail("unreachable", error.message));
  outgoing.once("close", () => clearTimeout(timer));
  upgrading.socket.once("close", () => outgoing.destroy());
  outgoing.once("upgrade", (incoming, socket, head) => {
    clearTimeout(timer);
    if (answered) return void socket.destroy();
    answered = true;
    couplePeers(passed, upgrading, incoming, { socket: socket as Socket, head });
  });
  outgoing.once("response", (incoming) => {
    clearTimeout(timer);
    if (answered) return void incoming.destroy();
    answered = true;
    refused(passed, incoming);
  });
  outgoing.end();
}

/** The upstream answered as to any other request. */
function refused(passed: Passed, incoming: IncomingMessage): void {
  const { response, answer } = passed;
  const { flat } = responseHeaders(incoming.rawHeaders, answer, { unpack: false, trailers: false });
  const status = incoming.statusCode ?? 502;
  let bytes = 0;
  response.writeHead(status, [...flat, "Connection", "close"]);
  incoming.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
  });
  incoming.once("error", () => response.destroy());
  response.once("close", () => {
    incoming.destroy();
    passed.done(status, bytes);
  });
  incoming.pipe(response);
}

/** The first lines of the new connection, as bytes. */
function switching(incoming: IncomingMessage, passed: Passed): Buffer {
  const { flat } = responseHeaders(incoming.rawHeaders, passed.answer, { unpack: false, trailers: false });
  const lines = ["HTTP/1.1 101 Switching Protocols", "Connection: Upgrade"];
  lines.push(`Upgrade: ${incoming.headers.upgrade ?? passed.request.headers.upgrade ?? ""}`);
  for (let index = 0; index + 1 < flat.length; index += 2) lines.push(`${flat[index]}: ${flat[index + 1]}`);
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
}

function couplePeers(
  passed: Passed,
  client: Upgrading,
  incoming: IncomingMessage,
  upstream: Upgrading,
): void {
  const asked = passed.request.headers.upgrade?.toLowerCase();
  if (incoming.headers.upgrade?.toLowerCase() !== asked) {
    upstream.socket.destroy();
    passed.fail(502, "malformed", "the upstream switched to another protocol");
    return;
  }
  passed.response.detachSocket(client.socket);
  client.socket.write(switching(incoming, passed));
  if (upstream.head.length > 0) client.socket.write(upstream.head);
  if (client.head.length > 0) upstream.socket.write(client.head);
  oneWay(client.socket, upstream.socket);
  oneWay(upstream.socket, client.socket);
  const stop = limit(passed, client.socket);
  client.socket.once("close", () => {
    stop();
    passed.done(101, client.socket.bytesWritten);
  });
}

/** Bytes go on as they come, no faster than they are taken; when one side breaks, so does the other. */
function oneWay(from: Socket, to: Socket): void {
  from.setTimeout(0).setNoDelay(true).setKeepAlive(true, PROBE);
  from.on("data", (chunk: Buffer) => {
    if (!to.write(chunk)) from.pause();
  });
  to.on("drain", () => from.resume());
  from.once("end", () => to.end());
  from.on("error", () => to.destroy());
  from.once("close", () => to.destroy());
}

/** Ends the connection with the session behind it; a session that was prolonged prolongs it. */
function limit(passed: Passed, socket: Socket): () => void {
  let timer: NodeJS.Timeout | undefined;
  const check = async () => {
    // What cannot be asked ends: a fault is no reason to go on.
    const life = await passed.life().catch(() => 0);
    if (socket.destroyed) return;
    if (life <= 0) return void socket.destroy();
    timer = setTimeout(check, Math.min(life, LONGEST));
  };
  void check();
  return () => clearTimeout(timer);
}
