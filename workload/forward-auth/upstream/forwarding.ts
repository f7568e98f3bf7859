/** One request on its way to an HTTP upstream, and the answer on its way back. */
import { createGunzip, type Gunzip } from "node:zlib";
import type { Dispatcher, Pool } from "undici";
import { liftBodyLimit } from "../server/body-limit.ts";
import type { Passed, UpstreamFault } from "./passed.ts";
import type { UpstreamHeaders } from "./request-headers.ts";
import { responseHeaders } from "./response-headers.ts";

/** What is sent. */
export interface Outgoing {
  readonly target: string;
  readonly headers: UpstreamHeaders;
  /** Milliseconds until the answer's headers must be there; 0: no limit. */
  readonly timeout: number;
  /** The whole body where it had to be read; else the request's is streamed. */
  readonly body: Buffer | undefined;
  /** Name that the connection's certificate must have. */
  readonly host: string;
}

/** Milliseconds that a client may pause while it sends a body. */
const BODY_IDLE = 60_000;

/** Methods that may be sent again when a kept connection turns out to be closed. */
const REPEATABLE = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

const NOTHING = Buffer.alloc(0);

/** One link with parameters, as Node.js takes it for an early hint. */
const LINK = /^<[^<>]*>(?:\s*;\s*[^;"=\s]+(?:="[^;"\s]*"|=[^;"\s]*)?)+$/;

const CLOSED = new Set(["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"]);

/** What a client error of undici means. */
function faultOf(error: Error): UpstreamFault {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (/TIMEOUT|ETIMEDOUT/.test(code)) return "timeout";
  if (CLOSED.has(code)) return "closed";
  const malformed =
    error.name === "HTTPParserError" || /^(?:HPE_|ERR_|UND_ERR_(?:HEADERS_OVERFLOW|RES))/.test(code);
  return malformed ? "malformed" : "unreachable";
}

/** A request and its answer; undici calls it back. */
export class Forwarding implements Dispatcher.DispatchHandler {
  readonly #pool: Pool;
  readonly #passed: Passed;
  readonly #outgoing: Outgoing;
  #controller: Dispatcher.DispatchController | undefined;
  #gunzip: Gunzip | undefined;
  /** Bytes of the announced body that did not come yet. */
  #left: number | undefined;
  #bytes = 0;
  #status = 0;
  #begun = false;
  #tries = 0;
  #over = false;
  #drains = false;

  constructor(pool: Pool, passed: Passed, outgoing: Outgoing) {
    this.#pool = pool;
    this.#passed = passed;
    this.#outgoing = outgoing;
  }

  /** Sends the request. */
  start(): void {
    const { request, response } = this.#passed;
    if (response.destroyed) {
      // The client went away while it was decided: nobody would hear of it again.
      this.#clientClosed();
      return;
    }
    response.once("close", () => this.#clientClosed());
    const streams = this.#outgoing.body === undefined && this.#outgoing.headers.body !== "none";
    if (streams) {
      liftBodyLimit(request);
      request.socket.setTimeout(BODY_IDLE);
      request.once("end", () => request.socket.setTimeout(0));
      if (request.headers.expect !== undefined) response.writeContinue();
    }
    this.#dispatch(streams);
  }

  #dispatch(streams: boolean): void {
    const { request } = this.#passed;
    const { target, headers, timeout, body, host } = this.#outgoing;
    this.#tries += 1;
    try {
      this.#pool.dispatch(
        {
          method: request.method as Dispatcher.HttpMethod,
          path: target,
          headers: headers.flat,
          // A stream would be destroyed with the connection to the upstream, and the client's connection with it.
          body: streams ? request.iterator({ destroyOnReturn: false }) : (body ?? null),
          headersTimeout: timeout,
          servername: host,
        } as Dispatcher.DispatchOptions,
        this,
      );
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#over) controller.abort(new Error("the client is gone"));
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, unknown>>,
  ): void {
    if (status === 103) this.#hint(headers["link"]);
    if (status < 200) return;
    const { request, response, answer } = this.#passed;
    const raw = textsOf(controller);
    const trailers = !raw.some((name, index) => index % 2 === 0 && name.toLowerCase() === "content-length");
    const { flat, length, gzip } = responseHeaders(raw, answer, {
      unpack: this.#outgoing.headers.unpack,
      trailers: trailers && request.httpVersion === "1.1" && hasBody(request.method, status),
    });
    // What is left of the request's body is read by nobody: the connection ends with the answer.
    if (!request.complete) flat.push("Connection", "close");
    this.#left = length;
    // Throws for bytes that are no header: then it is a fault of the upstream.
    response.writeHead(status, flat);
    this.#status = status;
    if (gzip && hasBody(request.method, status)) this.#unpack();
    if (length !== 0 && hasBody(request.method, status)) setImmediate(() => this.#flush());
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#gunzip === undefined) {
      this.#write(controller, chunk);
      return;
    }
    if (this.#gunzip.write(chunk)) return;
    controller.pause();
    this.#gunzip.once("drain", () => controller.resume());
  }

  onResponseEnd(
    _controller: Dispatcher.DispatchController,
    trailers: Readonly<Record<string, unknown>>,
  ): void {
    if (this.#gunzip !== undefined) return void this.#gunzip.end();
    this.#end(trailers);
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    this.#fail(error);
  }

  /** Hands early hints on, to clients that know answers in several steps. */
  #hint(link: unknown): void {
    const { request, response } = this.#passed;
    if (request.httpVersion !== "1.1" || response.destroyed) return;
    const links = (Array.isArray(link) ? link : [link]).filter((text) => typeof text === "string");
    // What is no link by Node.js's narrow reading is no hint: the answer itself follows.
    if (links.length > 0 && links.every((text) => LINK.test(text))) response.writeEarlyHints({ link: links });
  }

  /** Headers go out when no body follows them at once: an event stream may be silent for long. */
  #flush(): void {
    const { response } = this.#passed;
    if (this.#begun || this.#over || response.writableEnded) return;
    // Not flushHeaders, which would write latin1 as UTF-8.
    response.write(NOTHING);
  }

  #write(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const { response } = this.#passed;
    this.#begun = true;
    this.#bytes += chunk.length;
    if (this.#left !== undefined) this.#left -= chunk.length;
    if (this.#left === 0) return void response.end(chunk);
    if (response.write(chunk)) return;
    controller.pause();
    if (this.#drains) return;
    this.#drains = true;
    response.on("drain", () => this.#controller?.resume());
  }

  /** Unpacks what only we asked to be packed. */
  #unpack(): void {
    const { response } = this.#passed;
    this.#gunzip = createGunzip();
    this.#gunzip.on("data", (chunk: Buffer) => {
      this.#begun = true;
      this.#bytes += chunk.length;
      if (response.write(chunk)) return;
      this.#gunzip?.pause();
      response.once("drain", () => this.#gunzip?.resume());
    });
    this.#gunzip.once("end", () => this.#end({}));
    this.#gunzip.once("error", (error) => this.#break(error));
  }

  #end(trailers: Readonly<Record<string, unknown>>): void {
    if (this.#over) return;
    const { response } = this.#passed;
    // Throws for trailers that are none: then the answer has not ended well.
    if (!response.writableEnded) addTrailers(response, trailers);
    this.#over = true;
    if (!response.writableEnded) response.end();
    this.#passed.done(this.#status, this.#bytes);
  }

  #fail(error: Error): void {
    if (this.#over) return;
    const { request, response } = this.#passed;
    if (response.headersSent || this.#status !== 0) {
      this.#break(error);
      return;
    }
    if (response.destroyed || (request.destroyed && !request.complete)) {
      this.#clientClosed();
      return;
    }
    const fault = faultOf(error);
    const again =
      fault === "closed" &&
      this.#tries === 1 &&
      this.#outgoing.headers.body === "none" &&
      REPEATABLE.has(request.method ?? "");
    if (again) {
      this.#dispatch(false);
      return;
    }
    this.#over = true;
    this.#passed.fail(502, fault, error.message);
  }

  /** The answer broke off: the client must not take what it has for the whole. */
  #break(error: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#controller?.abort(error);
    this.#gunzip?.destroy();
    this.#passed.response.destroy();
    this.#passed.done(this.#status, this.#bytes);
  }

  #clientClosed(): void {
    if (this.#over || this.#passed.response.writableFinished) return;
    if (this.#passed.response.writableEnded && this.#left === 0) return;
    this.#over = true;
    this.#gunzip?.destroy();
    this.#controller?.abort(new Error("the client is gone"));
    this.#passed.done(this.#status === 0 ? 499 : this.#status, this.#bytes);
  }
}

/** Statuses and methods whose answers have no body. */
function hasBody(method: string | undefined, status: number): boolean {
  return method !== "HEAD" && status !== 204 && status !== 304;
}

/** The answer's headers as they came, latin1. */
function textsOf(controller: Dispatcher.DispatchController): string[] {
  const raw = (controller as { readonly rawHeaders?: readonly (Buffer | string)[] | null }).rawHeaders ?? [];
  return raw.map((text) => (typeof text === "string" ? text : text.toString("latin1")));
}

/** Fields that mean nothing behind a body, or something else than in front of it (RFC 9110, section 6.5.1). */
const NO_TRAILER =
  /^(?:transfer-encoding|content-(?:length|encoding|type|range)|host|connection|keep-alive|trailer|te|upgrade|set-cookie|location|authorization|www-authenticate|cache-control|expires|vary|age|date)$/i;

function addTrailers(response: Passed["response"], trailers: Readonly<Record<string, unknown>>): void {
  const pairs = Object.entries(trailers).flatMap(([name, value]) =>
    (NO_TRAILER.test(name) ? [] : Array.isArray(value) ? value : [value]).map(
      (text) => [name, String(text)] as [string, string],
    ),
  );
  if (pairs.length > 0) response.addTrailers(pairs);
}
