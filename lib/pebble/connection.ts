import type { Socket } from "node:net";
import { AnswerReader, HttpFault } from "./http-answer.ts";
import type { PebbleResponse } from "./transport.ts";

/** One request and who waits for its answer. */
export interface Exchange {
  readonly request: Buffer;
  answered(answer: PebbleResponse): void;
  /** @param lost Whether a connection that had carried others ended by itself, before any byte of an answer. */
  failed(cause: Error, lost: boolean): void;
}

/** Who is told what becomes of a connection. */
export interface ConnectionOwner {
  /** It can carry another request. */
  idle(connection: Connection): void;
  /** It has ended. */
  gone(connection: Connection): void;
}

/** One connection to a Unix socket, for one request at a time. It keeps no process alive while it is idle. */
export class Connection {
  readonly #socket: Socket;
  readonly #owner: ConnectionOwner;
  #exchange: Exchange | undefined;
  #reader = new AnswerReader();
  #error: Error | undefined;
  #used = false;
  #unwanted = false;

  /** Starts to connect; a failure is that of the first exchange. */
  constructor(path: string, owner: ConnectionOwner) {
    const { connect } = process.getBuiltinModule("node:net");
    this.#owner = owner;
    this.#socket = connect({ path });
    this.#socket.on("data", (bytes: Buffer) => this.#read(bytes));
    this.#socket.on("error", (error) => {
      this.#error = error;
    });
    this.#socket.on("close", () => this.#ended());
  }

  /** Whether the other side has not ended it yet, as far as is known. */
  get open(): boolean {
    return this.#socket.writable && this.#socket.readable;
  }

  /** Sends a request. Only one at a time. */
  send(exchange: Exchange): void {
    this.#exchange = exchange;
    this.#reader = new AnswerReader();
    if (this.#used) this.#socket.ref();
    this.#socket.write(exchange.request);
  }

  /** Ends it at once; an exchange that goes on has failed, for this reason. */
  destroy(reason?: Error): void {
    this.#unwanted = true;
    this.#socket.destroy(reason);
  }

  #read(bytes: Buffer): void {
    try {
      if (this.#exchange === undefined) throw new HttpFault("nothing was asked");
      if (this.#reader.push(bytes)) this.#answered(this.#exchange);
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  #answered(exchange: Exchange): void {
    this.#exchange = undefined;
    const { reusable, answer } = this.#reader;
    exchange.answered(answer);
    if (reusable) {
      this.#used = true;
      this.#socket.unref();
      this.#owner.idle(this);
    } else {
      this.destroy();
    }
  }

  #ended(): void {
    this.#owner.gone(this);
    const exchange = this.#exchange;
    this.#exchange = undefined;
    if (exchange === undefined) return;
    const lost = this.#used && !this.#unwanted && !this.#reader.begun;
    if (this.#error === undefined && this.#reader.end()) exchange.answered(this.#reader.answer);
    else exchange.failed(this.#error ?? new Error("the connection ended"), lost);
  }
}
