import { Connection, type Exchange } from "./connection.ts";
import { PebbleUnreachableError } from "./errors.ts";
import { requestBytes } from "./http-request.ts";
import type { PebbleRequest, PebbleResponse } from "./transport.ts";

/** Connections at the same time; further requests wait for one. */
const MAX_CONNECTIONS = 16;

/** A request that is under way, or waits for a connection. */
interface Job extends Exchange {
  connection: Connection | undefined;
}

/**
 * Connections to one Unix socket, kept and used again. A request that fails on a used one before any byte of an
 * answer is sent once more on a fresh one if it is a GET.
 */
export class Connections {
  readonly #path: string;
  readonly #open = new Set<Connection>();
  readonly #idle: Connection[] = [];
  readonly #waiting: Job[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Sends a request and gives its whole answer.
   *
   * @throws {PebbleUnreachableError} When nothing answers, or what answers does not speak HTTP.
   */
  request(request: PebbleRequest): Promise<PebbleResponse> {
    const { signal } = request;
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const abort = () => this.#abandon(job, signal?.reason);
      const done = () => signal?.removeEventListener("abort", abort);
      let retried = false;
      const job: Job = {
        request: requestBytes(request),
        connection: undefined,
        answered: (answer) => {
          done();
          resolve(answer);
        },
        failed: (cause, lost) => {
          if (lost && request.method === "GET" && !retried) {
            retried = true;
            this.#send(job, this.#connect());
          } else {
            done();
            reject(signal?.aborted ? signal.reason : new PebbleUnreachableError(this.#path, { cause }));
          }
        },
      };
      signal?.addEventListener("abort", abort);
      this.#start(job);
    });
  }

  /** Ends all of them; what is under way or waits fails. */
  close(): void {
    const reason = new Error("closed by the caller");
    for (const job of this.#waiting.splice(0)) job.failed(reason, false);
    for (const connection of this.#open) connection.destroy(reason);
  }

  #start(job: Job): void {
    let connection = this.#idle.pop();
    while (connection?.open === false) connection = this.#idle.pop();
    if (connection !== undefined) this.#send(job, connection);
    else if (this.#open.size < MAX_CONNECTIONS) this.#send(job, this.#connect());
    else this.#waiting.push(job);
  }

  #send(job: Job, connection: Connection): void {
    job.connection = connection;
    connection.send(job);
  }

  #connect(): Connection {
    const connection = new Connection(this.#path, {
      idle: (one) => {
        this.#idle.push(one);
        this.#next();
      },
      gone: (one) => {
        this.#open.delete(one);
        const index = this.#idle.indexOf(one);
        if (index >= 0) this.#idle.splice(index, 1);
        this.#next();
      },
    });
    this.#open.add(connection);
    return connection;
  }

  #next(): void {
    const job = this.#waiting.shift();
    if (job !== undefined) this.#start(job);
  }

  #abandon(job: Job, reason: unknown): void {
    const index = this.#waiting.indexOf(job);
    if (index >= 0) this.#waiting.splice(index, 1);
    const cause = new Error("given up", { cause: reason });
    if (job.connection === undefined) job.failed(cause, false);
    else job.connection.destroy(cause);
  }
}
