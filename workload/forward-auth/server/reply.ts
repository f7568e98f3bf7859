/** An answer as a value, and how it gets onto an HTTP connection. Other carriers, such as gRPC, render the same value their way. */
import type { ServerResponse } from "node:http";
import type { Constraints } from "../decision/constraints.ts";
import { isEnvoyCheck } from "../points/envoy-check.ts";
import type { Head } from "./head.ts";

/** What a request is answered with, whatever carries it. */
export interface Answer {
  readonly status: number;
  /** Name, value, name, value. */
  readonly headers: readonly string[];
  readonly body: Buffer | undefined;
  /** True only for an allow: the request may go on to the application. */
  readonly allow: boolean;
}

/** A request as it reached us, whatever carried it; `IncomingMessage` is one. */
export interface Asked {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** Name, value, name, value, as sent. */
  readonly rawHeaders: readonly string[];
  /** Who is connected to us; one object a connection. */
  readonly socket: {
    readonly remoteAddress?: string | undefined;
    readonly remotePort?: number | undefined;
    /** True for TLS. */
    readonly encrypted?: boolean;
  };
  /** What the enforcement point asks of a session, where it says so beside the request. */
  readonly asks?: Constraints;
  /** Milliseconds until nobody waits for the answer any more, where that is known. */
  readonly timeLeft?: number;
  /** `1.1`. */
  readonly httpVersion?: string | undefined;
  /** The body; undefined for carriers that have none. */
  readonly [Symbol.asyncIterator]?: () => AsyncIterator<Buffer>;
}

/** Takes the one answer of a request. */
export interface Reply {
  /** True once an answer was taken. */
  readonly answered: boolean;
  /** @param head Headers of the request that is answered. */
  send(answer: Answer, head: Head): void;
}

/** Most bytes of a body that nobody wanted and that are read nevertheless, to keep the connection. */
const MOST_UNREAD = 65_536;

/** True when a long body is announced. A connection on which one was not read ends with the answer. */
function announcesBody(head: Head): boolean {
  const length = head["content-length"];
  return head["transfer-encoding"] !== undefined || Number(length ?? 0) > MOST_UNREAD;
}

/** Bytes of a body that is worth a copy. */
const SHORT = 4096;

/** Answers over HTTP. */
export class HttpReply implements Reply {
  readonly response: ServerResponse;

  constructor(response: ServerResponse) {
    this.response = response;
  }

  get answered(): boolean {
    return this.response.headersSent;
  }

  send({ status: meant, headers, body, allow }: Answer, head: Head): void {
    // Envoy would take a page of ours for an allow.
    const status = !allow && meant < 300 && isEnvoyCheck(head) ? 403 : meant;
    const flat = headers.slice();
    flat.push("Content-Length", String(body?.length ?? 0));
    if (announcesBody(head) && !this.response.req.complete) flat.push("Connection", "close");
    this.response.writeHead(status, flat);
    if (body === undefined || this.response.req.method === "HEAD") this.response.end();
    // As text a body goes out with its headers in one write, in the same bytes.
    else if (body.length <= SHORT) this.response.end(body.toString("latin1"), "latin1");
    else this.response.end(body);
  }
}
