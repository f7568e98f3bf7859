import type { PebbleResponse } from "./transport.ts";

/** Largest head, line of a chunk or block of trailers, in bytes; Node.js takes as much of a head. */
const MAX_HEAD_BYTES = 16 * 1024;

/** What arrived is no answer of HTTP/1.1. */
export class HttpFault extends Error {
  constructor(detail: string) {
    super(`not an HTTP/1.1 answer: ${detail}`);
    this.name = "HttpFault";
  }
}

/** What is read next. */
type Part = "head" | "length" | "until-end" | "chunk-size" | "chunk" | "chunk-end" | "trailer" | "done";

/**
 * Reads the answer to one request, in whatever pieces it arrives: a body with a length, in chunks, or until the end of
 * the connection. Interim answers (1xx) are passed over. For Pebble's small answers over a Unix socket, where loading
 * and warming up `node:http` costs more than a whole hook's questions.
 *
 * @see RFC 9112
 */
export class AnswerReader {
  #part: Part = "head";
  #held: Buffer = Buffer.alloc(0);
  #left = 0;
  #trailers = 0;
  #status = 0;
  #headers: Readonly<Record<string, string>> = {};
  #persistent = false;
  readonly #body: Buffer[] = [];

  /** Whether any byte has arrived. */
  begun = false;

  /**
   * Takes the next bytes; they are kept, not copied.
   *
   * @returns Whether the answer is whole.
   * @throws {HttpFault} When this is no answer.
   */
  push(bytes: Buffer): boolean {
    this.begun = true;
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    while (this.#part !== "done" && this.#step());
    return this.#part === "done";
  }

  /** The connection has ended in an orderly way. Whether the answer is whole, which it is if only this ends it. */
  end(): boolean {
    if (this.#part === "until-end") this.#part = "done";
    return this.#part === "done";
  }

  /** Whether the connection can carry another request: this answer allows it, and nothing follows it. */
  get reusable(): boolean {
    return this.#persistent && this.#held.length === 0;
  }

  /** The answer, once it is whole. */
  get answer(): PebbleResponse {
    const body = this.#body.length === 1 ? this.#body[0]! : Buffer.concat(this.#body);
    return { status: this.#status, headers: this.#headers, body };
  }

  /** Reads one part; false when that needs more bytes. */
  #step(): boolean {
    switch (this.#part) {
      case "length":
        return this.#content("done");
      case "chunk":
        return this.#content("chunk-end");
      case "until-end":
        this.#left = this.#held.length;
        return this.#left > 0 && this.#content("until-end");
      case "chunk-end":
        return this.#line(2, (line) => {
          if (line !== "") throw new HttpFault("a chunk is longer than it says");
          this.#part = "chunk-size";
        });
      case "chunk-size":
        return this.#line(MAX_HEAD_BYTES, (line) => this.#chunkSize(line));
      case "trailer":
        return this.#line(MAX_HEAD_BYTES - this.#trailers, (line) => {
          this.#trailers += line.length + 2;
          if (line === "") this.#part = "done";
        });
      default:
        return this.#block();
    }
  }

  /** Takes what is there of the content; what follows it is read next. */
  #content(next: Part): boolean {
    const taken = this.#held.subarray(0, this.#left);
    if (taken.length > 0) this.#body.push(taken);
    this.#held = this.#held.subarray(taken.length);
    this.#left -= taken.length;
    if (this.#left > 0) return false;
    this.#part = next;
    return true;
  }

  #line(most: number, read: (line: string) => void): boolean {
    const end = this.#held.indexOf("\r\n");
    if (end > most || (end < 0 && this.#held.length > most)) throw new HttpFault("a line is too long");
    if (end < 0) return false;
    const line = this.#held.toString("latin1", 0, end);
    this.#held = this.#held.subarray(end + 2);
    read(line);
    return true;
  }

  #chunkSize(line: string): void {
    const [size = ""] = line.split(";", 1);
    if (!/^[0-9a-f]{1,12}[ \t]*$/i.test(size)) throw new HttpFault("a chunk says no size");
    this.#left = Number.parseInt(size, 16);
    this.#part = this.#left === 0 ? "trailer" : "chunk";
  }

  #block(): boolean {
    const end = this.#held.indexOf("\r\n\r\n");
    if (end > MAX_HEAD_BYTES || (end < 0 && this.#held.length > MAX_HEAD_BYTES))
      throw new HttpFault("the head is too long");
    if (end < 0) return false;
    const [first = "", ...lines] = this.#held.toString("latin1", 0, end).split("\r\n");
    this.#held = this.#held.subarray(end + 4);
    this.#head(first, readHeaders(lines));
    return true;
  }

  #head(first: string, headers: Readonly<Record<string, string>>): void {
    const [, minor, status] = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: |$)/.exec(first) ?? [];
    if (status === undefined) throw new HttpFault("the first line says no status");
    this.#status = Number(status);
    if (this.#status === 101) throw new HttpFault("another protocol was not asked for");
    if (this.#status < 200) return;
    this.#headers = headers;
    const { connection = "", "content-length": length, "transfer-encoding": coding } = headers;
    this.#persistent =
      minor === "1" &&
      !connection
        .toLowerCase()
        .split(",")
        .some((one) => one.trim() === "close");
    this.#part = this.#framing(length, coding);
  }

  /** How the body's end is known. */
  #framing(length: string | undefined, coding: string | undefined): Part {
    if (coding !== undefined) {
      if (length !== undefined) throw new HttpFault("both a length and a transfer coding");
      if (coding.toLowerCase() !== "chunked") throw new HttpFault("an unknown transfer coding");
      return "chunk-size";
    }
    if (this.#status === 204 || this.#status === 304) return "done";
    if (length === undefined) {
      this.#persistent = false;
      return "until-end";
    }
    if (!/^\d{1,15}$/.test(length)) throw new HttpFault("the length is no number");
    this.#left = Number(length);
    return this.#left === 0 ? "done" : "length";
  }
}

function hasControls(value: string): boolean {
  return ["\0", "\r", "\n"].some((one) => value.includes(one));
}

/** Names in lower case; of a name that is there twice, both values. */
function readHeaders(lines: readonly string[]): Readonly<Record<string, string>> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) || hasControls(value))
      throw new HttpFault("a line of the head is no header");
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return Object.fromEntries(headers);
}
