import { StoreUnavailableError } from "../store.ts";
import { Breaker } from "./breaker.ts";
import { createRedisClient, type RedisClient, type RedisCommands } from "./client.ts";
import type { RedisPlan } from "./plan.ts";

/** Usual milliseconds that a command may take. */
const PATIENCE = 2000;

/** Commands without an answer, in a row, after which the connection counts as dead: the network tells that only after minutes. */
const MOST_LATE = 5;

/** Pause between attempts to connect for the first time, in milliseconds. */
const PAUSE = 500;

/** Told when Redis comes and goes; never with secrets. */
export interface RedisListener {
  connected(): void;
  lost(reason: string): void;
  /** A command ended: how long it took, and whether there was an answer. */
  asked?(seconds: number, answered: boolean): void;
}

/** A word for the log: the code of an answer such as `LOADING`, or of a fault of the network; never an error's text. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const [code = ""] = /^[A-Z]{3,20}(?= )/.exec(error.message) ?? [];
  return (code || String((error as { code?: unknown }).code ?? error.name)).slice(0, 60);
}

/** Answers of a server that is none any more, or not yet: another connection may lead to its successor. */
const ELSEWHERE = new Set(["READONLY", "MASTERDOWN", "CLUSTERDOWN"]);

/** A connection to Redis that heals itself. Every failure is a {@link StoreUnavailableError}. */
export class RedisConnection {
  readonly #plan: RedisPlan;
  readonly #listener: RedisListener;
  readonly #patience: number;
  readonly #breaker = new Breaker();
  #client: RedisClient;
  /** Settles when the present client is connected. */
  #connected: Promise<unknown>;
  #up = false;
  /** When the client was made, on a clock that is never put back. */
  #madeAt = 0;
  /** Commands without an answer since the last one that had one. */
  #late = 0;
  #closed = false;

  /** @param patience Milliseconds that a command may take, a first connection included. */
  constructor(plan: RedisPlan, listener: RedisListener, patience = PATIENCE) {
    this.#plan = plan;
    this.#listener = listener;
    this.#patience = patience;
    this.#client = this.#create();
    this.#connected = this.#connect();
  }

  /** Runs a command. */
  async run<T>(command: (commands: RedisCommands) => Promise<T>): Promise<T> {
    if (!this.#breaker.open) throw new StoreUnavailableError("it did not answer lately");
    const from = performance.now();
    let answered = false;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#late++;
        reject(new StoreUnavailableError("no answer in time"));
      }, this.#patience);
    });
    try {
      const answer = await Promise.race([this.#ask(command), late]);
      this.#succeeded();
      answered = true;
      return answer;
    } catch (error) {
      throw this.#failed(error);
    } finally {
      clearTimeout(timer);
      this.#listener.asked?.((performance.now() - from) / 1000, answered);
    }
  }

  close(): void {
    this.#closed = true;
    this.#destroy();
  }

  async #ask<T>(command: (commands: RedisCommands) => Promise<T>): Promise<T> {
    if (!this.#up) await this.#connected;
    return await command(this.#client.commands);
  }

  #succeeded(): void {
    this.#breaker.succeeded();
    this.#late = 0;
    if (this.#up) return;
    this.#up = true;
    this.#listener.connected();
  }

  #failed(error: unknown): StoreUnavailableError {
    this.#breaker.failed();
    const known = error instanceof StoreUnavailableError;
    const reason = known ? error.message : reasonOf(error);
    if (this.#up) this.#listener.lost(reason);
    this.#up = false;
    const old = performance.now() - this.#madeAt > Math.max(PAUSE, this.#patience);
    const useless = this.#late >= MOST_LATE || (!known && ELSEWHERE.has(reason));
    if (useless && old && !this.#closed) this.#restart();
    return known ? error : new StoreUnavailableError(reason);
  }

  #create(): RedisClient {
    this.#madeAt = performance.now();
    // What happens between commands shows when the next one fails; an `error` nobody listens to would end the process.
    return createRedisClient(this.#plan, () => {});
  }

  #restart(): void {
    this.#late = 0;
    this.#destroy();
    this.#client = this.#create();
    this.#connected = this.#connect();
  }

  /** Connects, however long it takes. A client that gave up is replaced. */
  async #connect(): Promise<void> {
    const client = this.#client;
    while (!this.#closed && client === this.#client) {
      try {
        await client.connect();
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, PAUSE).unref());
        if (!this.#closed && client === this.#client) return this.#restart();
      }
    }
  }

  #destroy(): void {
    try {
      this.#client.destroy();
    } catch {
      // It was never connected, or is closed already.
    }
  }
}
