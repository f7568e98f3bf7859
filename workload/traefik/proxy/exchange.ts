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
  /** The socket to take over when the protocol changes; `undefined` for ordinary requests. */
  readonly upgrade: { readonly socket: Duplex; readonly head: Buffer } | undefined;
  readonly response: ServerResponse;
}

/** Does something with an exchange, and passes it on or not. */
export type Handler = (exchange: Exchange) => Promise<void>;
export type Middleware = (next: Handler) => Handler;

/** Answers with a short text, and nothing of anybody else's. */
export function answerText(
  { responder: { response } }: Exchange,
  status: number,
  body: string,
  headers: HeaderList = [],
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  for (const [name, value] of headers) response.appendHeader(name, value);
  if (body !== "") {
    response.setHeader("Content-Type", "text/plain; charset=utf-8");
    response.setHeader("X-Content-Type-Options", "nosniff");
  }
  response.writeHead(status, { "Content-Length": Buffer.byteLength(body) });
  response.end(response.req.method === "HEAD" ? undefined : body);
}
