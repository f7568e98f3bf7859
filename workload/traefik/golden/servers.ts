/** Applications and the decision point: they answer what a case wants, and keep what they heard. @module */

import { createHash } from "node:crypto";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import http2 from "node:http2";
import https from "node:https";
import net, { type AddressInfo, type Server, type Socket } from "node:net";
import type { Heard, Pairs, Program, RawProgram } from "./recording.ts";

const WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** What was heard, by kind of server, and what to answer. */
export interface Desk {
  application: Heard[];
  decision: Heard[];
  appProgram: Program | undefined;
  authzProgram: Program | undefined;
  rawProgram: RawProgram | undefined;
}

const pairsOf = (raw: readonly string[]): Pairs =>
  Array.from({ length: raw.length / 2 }, (_, at) => [raw[at * 2] ?? "", raw[at * 2 + 1] ?? ""]);

const latin1 = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString("latin1");

type Entry = Record<string, unknown>;

function hear(request: IncomingMessage, server: string | undefined): { entry: Entry; whole: Promise<void> } {
  const entry: Entry = {
    ...(server === undefined ? {} : { server }),
    method: request.method,
    target: request.url,
    version: request.httpVersion,
    headers: pairsOf(request.rawHeaders),
  };
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  const whole = new Promise<void>((resolve) => {
    request.on("end", () => {
      if (chunks.length > 0) entry["body"] = latin1(chunks);
      if (request.rawTrailers.length > 0) entry["trailers"] = pairsOf(request.rawTrailers);
      resolve();
    });
    request.on("close", () => {
      if (!request.complete) entry["aborted"] = true;
      resolve();
    });
    request.on("error", () => resolve());
  });
  return { entry, whole };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function answer(program: Program, response: ServerResponse, fallback: string): Promise<void> {
  if (program.delay) await pause(program.delay);
  const { socket } = response;
  if (program.drop) return void socket?.destroy();
  if (program.raw !== undefined) return void socket?.end(Buffer.from(program.raw, "latin1"));
  if (program.early) response.writeEarlyHints(program.early);
  const body = Buffer.from(program.body ?? fallback, "latin1");
  response.sendDate = false;
  const length = program.nolength ? [] : ["Content-Length", String(body.length)];
  response.writeHead(program.status ?? 200, [...(program.headers ?? []).flat(), ...length] as never);
  response.end(response.req.method === "HEAD" ? undefined : body);
}

function upgrade(desk: Desk, name: string, request: IncomingMessage, socket: Socket, head: Buffer): void {
  const entry: Entry = {
    server: name,
    upgrade: true,
    method: request.method,
    target: request.url,
    version: request.httpVersion,
    headers: pairsOf(request.rawHeaders),
  };
  desk.application.push(entry);
  socket.on("error", () => socket.destroy());
  const refused = desk.appProgram?.refuseUpgrade;
  if (refused)
    return void socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno\n");
  const key = request.headers["sec-websocket-key"] ?? "";
  const accept = createHash("sha1").update(`${key}${WEBSOCKET_GUID}`).digest("base64");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${request.headers.upgrade}\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Accept: ${accept}\r\nX-App: ${name}\r\n\r\n`,
  );
  const got = (chunk: Buffer): void => {
    entry["data"] = `${entry["data"] ?? ""}${chunk.toString("latin1")}`;
    socket.write(Buffer.concat([Buffer.from("echo:"), chunk]));
  };
  if (head.length > 0) got(head);
  socket.on("data", got);
}

function application(desk: Desk, name: string) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const { entry, whole } = hear(request, name);
    desk.application.push(entry);
    const program = desk.appProgram?.byPath?.[request.url ?? ""] ?? desk.appProgram ?? {};
    const at = program.early || program.drop ? Promise.resolve() : whole;
    void at.then(() => answer(program, response, `${name} ok\n`)).catch(() => response.destroy());
  };
}

const ALLOWED: Program = {
  status: 200,
  headers: [
    ["X-Auth-Request-User", "ada"],
    ["X-Auth-Request-Email", "ada@example.test"],
  ],
  body: "",
};

function decisionPoint(desk: Desk, name?: string) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const { entry, whole } = hear(request, name);
    desk.decision.push(entry);
    const given = desk.authzProgram;
    const program = given?.byPath ? (given.byPath[request.url ?? ""] ?? ALLOWED) : (given ?? ALLOWED);
    void whole.then(() => answer(program, response, "")).catch(() => response.destroy());
  };
}

/** A server that speaks no HTTP of its own: it keeps the head and what came after it, and sends given bytes. */
function rawApplication(desk: Desk): Server {
  return net.createServer((socket) => {
    let text = "";
    let entry: Entry | undefined;
    socket.on("error", () => socket.destroy());
    socket.on("data", async (chunk) => {
      text += chunk.toString("latin1");
      const end = text.indexOf("\r\n\r\n");
      if (end < 0) return;
      const [line, ...fields] = text.slice(0, end).split("\r\n");
      const rest = text.slice(end + 4);
      const known = entry !== undefined;
      entry ??= { server: "rawapp" };
      entry["line"] = line;
      entry["headers"] = fields.map((field) => [
        field.slice(0, field.indexOf(":")),
        field.slice(field.indexOf(":") + 2),
      ]);
      if (rest !== "") entry["rest"] = rest;
      if (known) return;
      desk.application.push(entry);
      // The answer waits for what follows the head in the same breath.
      await pause(30);
      for (const part of desk.rawProgram?.parts ?? []) {
        if (part.wait) await pause(part.wait);
        if (part.t) socket.write(Buffer.from(part.t, "latin1"));
      }
      socket.end();
    });
  });
}

function greeter(desk: Desk): Server {
  return net.createServer((socket) => {
    const entry: Entry = { server: "tcp0" };
    socket.on("error", () => socket.destroy());
    socket.write("hello\n");
    socket.on("data", (chunk) => {
      if (entry["data"] === undefined) desk.application.push(entry);
      entry["data"] = `${entry["data"] ?? ""}${chunk.toString("latin1")}`;
      socket.write(Buffer.concat([Buffer.from("echo:"), chunk]));
    });
  });
}

/** The servers of one scene. */
export interface Cast {
  readonly desk: Desk;
  /** Placeholder → `host:port`. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Stops the decision point, or opens it again on its port. */
  decisionPoint(state: "down" | "up"): Promise<void>;
  close(): void;
}

const listen = (server: Server, host: string, port = 0): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve(`${host}:${(server.address() as AddressInfo).port}`));
  });

const handedOut = new Set<number>();

/** A port that was free a moment ago; each is given once. */
export async function freePort(host: string): Promise<number> {
  const server = net.createServer();
  const address = await listen(server, host);
  await new Promise((resolve) => server.close(resolve));
  const port = Number(address.slice(address.lastIndexOf(":") + 1));
  if (handedOut.has(port)) return freePort(host);
  handedOut.add(port);
  return port;
}

/** Opens every server that a scene may name. */
export async function openServers(
  hosts: { readonly app: string; readonly authz: string },
  pair: { readonly cert: string; readonly key: string },
): Promise<Cast> {
  const desk: Desk = {
    application: [],
    decision: [],
    appProgram: undefined,
    authzProgram: undefined,
    rawProgram: undefined,
  };
  const options = {
    keepAliveTimeout: 60_000,
    maxHeaderSize: 2_000_000,
    requestTimeout: 0,
    joinDuplicateHeaders: false,
  };
  const web = (name: string): Server => {
    const server = http.createServer(options, application(desk, name));
    return server.on("upgrade", (request, socket, head) =>
      upgrade(desk, name, request, socket as Socket, head),
    );
  };
  const decisions = http.createServer(options, decisionPoint(desk));
  const applications: Readonly<Record<string, Server>> = {
    app0: web("app0"),
    app1: web("app1"),
    app2: web("app2"),
    app3: web("app3"),
    tlsapp: https.createServer({ ...options, ...pair }, application(desk, "tlsapp")),
    h2capp: http2.createServer((request, response) => {
      desk.application.push({
        server: "h2capp",
        method: request.method,
        target: request.url,
        version: "2.0",
      });
      response.end("h2capp ok\n");
    }),
    rawapp: rawApplication(desk),
    tcp0: greeter(desk),
  };
  const points = {
    authz: decisions,
    tlsauthz: https.createServer({ ...options, ...pair }, decisionPoint(desk, "tlsauthz")),
  };
  const sockets = new Set<Socket>();
  const all = Object.entries({ ...applications, ...points });
  for (const [, server] of all) {
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    });
  }
  const opened = await Promise.all(
    all.map(
      async ([name, server]) =>
        [name, await listen(server, name in points ? hosts.authz : hosts.app)] as const,
    ),
  );
  const addresses: Record<string, string> = {
    ...Object.fromEntries(opened),
    dead: `${hosts.app}:${await freePort(hosts.app)}`,
  };
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    desk,
    addresses,
    async decisionPoint(state) {
      if (state === "down") {
        decisions.close();
        drop();
      } else await listen(decisions, hosts.authz, Number(/:(\d+)$/.exec(addresses["authz"] ?? "")?.[1]));
    },
    close() {
      for (const [, server] of all) server.close();
      drop();
    },
  };
}
