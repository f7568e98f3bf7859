/**
 * A gateway for tests that does what Traefik's ForwardAuth does: asks the decision point about each request to the protected
 * prefix, sends what is refused to the browser as it is, and replaces the identity headers of what is allowed.
 *
 * @see Traefik: ForwardAuth; entry points, forwardedHeaders
 */
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a prefix leads to. */
export interface GatewayRoute {
  readonly prefix: string;
  /** `http://127.0.0.1:1234`. */
  readonly target: string;
  readonly protected: boolean;
}

/** What a test chooses. */
export interface GatewayOptions {
  /** The decision point, once its port is known. */
  readonly decisions: () => string;
  readonly routes: () => readonly GatewayRoute[];
  readonly authResponseHeaders: readonly string[];
  /** True: cookies of an allow reach the browser. */
  readonly addAuthCookies: boolean;
}

/** A running gateway. */
export interface Gateway {
  readonly origin: string;
  readonly host: string;
  close(): Promise<void>;
}

/** What an entry point takes from a client that is no trusted proxy. */
const REMOVED = /^x-(?:forwarded-(?:for|host|method|port|prefix|proto|server|uri)|real-ip)$/;
const HOP = /^(?:connection|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade)$/;

type Headers = [string, string][];

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

function pairs(raw: readonly string[]): Headers {
  return Array.from({ length: raw.length / 2 }, (_, index) => [
    raw[index * 2] ?? "",
    raw[index * 2 + 1] ?? "",
  ]);
}

function ask(target: string, path: string, method: string, headers: Headers, body?: Buffer): Promise<Answer> {
  const url = new URL(target);
  return new Promise((resolve, reject) => {
    const raw = headers.filter(
      ([name]) => !HOP.test(name.toLowerCase()) && !/^(?:host|content-length)$/i.test(name),
    );
    raw.push(["Host", url.host], ["Connection", "close"]);
    if (body !== undefined) raw.push(["Content-Length", String(body.length)]);
    const outgoing = httpRequest({
      host: url.hostname,
      port: url.port,
      path,
      method,
      agent: false,
      setHost: false,
      headers: raw.flat() as never,
    });
    outgoing.on("error", reject);
    outgoing.on("response", (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: pairs(incoming.rawHeaders),
          body: Buffer.concat(chunks),
        }),
      );
    });
    outgoing.end(body);
  });
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, headers.filter(([name]) => !HOP.test(name.toLowerCase())).flat());
  response.end(body);
}

async function handle(
  options: GatewayOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { url = "/", method = "GET" } = request;
  const route = options
    .routes()
    .find(({ prefix }) => url === prefix || url.startsWith(`${prefix}/`) || url.startsWith(`${prefix}?`));
  if (route === undefined) return void response.writeHead(404).end();
  const body = await read(request);
  const host = request.headers.host ?? "";
  const client = pairs(request.rawHeaders).filter(([name]) => !REMOVED.test(name.toLowerCase()));
  const told: Headers = [
    ["X-Forwarded-Host", host],
    ["X-Forwarded-Proto", "http"],
    ["X-Forwarded-For", request.socket.remoteAddress ?? ""],
  ];
  let headers: Headers = [...client, ...told];
  let cookies: Headers = [];
  if (route.protected) {
    const question: Headers = [...headers, ["X-Forwarded-Method", method], ["X-Forwarded-Uri", url]];
    const answer = await ask(options.decisions(), "/", "GET", question);
    if (answer.status < 200 || answer.status > 299) return send(response, answer);
    const owned = new Set(options.authResponseHeaders.map((name) => name.toLowerCase()));
    headers = [
      ...headers.filter(([name]) => !owned.has(name.toLowerCase())),
      ...answer.headers.filter(([name]) => owned.has(name.toLowerCase())),
    ];
    if (options.addAuthCookies)
      cookies = answer.headers.filter(([name]) => name.toLowerCase() === "set-cookie");
  }
  const path = url.slice(route.prefix.length) || "/";
  const answer = await ask(route.target, path.startsWith("/") ? path : `/${path}`, method, headers, body);
  send(response, { ...answer, headers: [...answer.headers, ...cookies] });
}

/** Starts a gateway on a free port. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const server = createServer((request, response) => {
    handle(options, request, response).catch(() => response.headersSent || response.writeHead(500).end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin: `http://${host}`,
    host,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
