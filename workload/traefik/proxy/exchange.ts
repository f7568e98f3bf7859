import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { HeaderList } from "./headers.ts";
import type { Target } from "./target.ts";

/** One request on its way through, and how to answer it. Middlewares replace `target` and `headers`. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly responder: Responder;
  readonly method: string;
  /** As the client sent it, with its port. */
  readonly host: string;
  readonly scheme: "http" | "https";
  /** Port of the entry point, as clients see it. */
  readonly port: string;
  readonly clientIp: string;
  /** What servers get for a `;` in the query. */
  readonly semicolon: "&" | "%3B";
  target: Target;
  headers: HeaderList;
  /** Middlewares that change the answer's fields. */
  readonly answerHeaders: ((headers: HeaderList) => HeaderList)[];
}

/** An answer's head. */
export interface AnswerHead {
  readonly status: number;
  readonly statusText?: string;
  readonly headers: HeaderList;
}

/** Where the answer goes: to an HTTP response, or onto the socket of an upgrade. */
export interface Responder {
  /** Hands over the socket, once, when the protocol changes; not there for ordinary requests. */
  readonly upgrade?: { take(): Duplex; readonly head: Buffer };
  readonly response: ServerResponse;
  /** Tells a client that waits for it to send its body. */
  readonly proceed?: () => void;
}

/** Does something with an exchange, and passes it on or not. */
export type Handler = (exchange: Exchange) => Promise<void>;
export type Middleware = (next: Handler) => Handler;

/**
 * Writes the head of an answer, without the fields of the connection that Node adds on its own; a connection that
 * will end says so.
 */
export function writeAnswerHead(
  { responder: { response } }: Exchange,
  status: number,
  headers: HeaderList,
  statusText?: string,
): void {
  response.removeHeader("connection");
  const ends = response.shouldKeepAlive ? [] : ["Connection", "close"];
  const flat = [...headers.flat(), ...ends] as never;
  if (statusText) response.writeHead(status, statusText, flat);
  else response.writeHead(status, flat);
}

const PLAIN: HeaderList = [
  ["Content-Type", "text/plain; charset=utf-8"],
  ["X-Content-Type-Options", "nosniff"],
];

/** Answers with a short text. One that ends with a line feed says what it is, as Go's own error pages do. */
export function answerText(exchange: Exchange, status: number, body: string, headers: HeaderList = []): void {
  const { response } = exchange.responder;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const all = [
    ...headers,
    ...(body.endsWith("\n") && !headers.some(([name]) => name === "Content-Type") ? PLAIN : []),
    ["Content-Length", String(Buffer.byteLength(body))] as const,
  ];
  writeAnswerHead(exchange, status, all);
  response.end(response.req.method === "HEAD" ? undefined : body);
}
