/**
 * The least of a Redis server: the commands and scripts that sessions use, over RESP2, in memory. It knows the scripts by their
 * text and runs none, has one database, no users and no TLS; the suites against the real Redis cover those.
 *
 * @see https://redis.io/docs/latest/develop/reference/protocol-spec/
 * @module
 */
import { createServer, type Server, type Socket } from "node:net";
import { EXTEND, RELEASE, SWAP } from "../session/redis/keeper.ts";

interface Kept {
  readonly value: Buffer;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** A running server. */
export interface TestRedis {
  /** `redis://127.0.0.1:<port>`. */
  readonly url: string;
  readonly port: number;
  get(key: string): Buffer | undefined;
  set(key: string, value: Buffer, life: number): void;
  /** Milliseconds that a key has left; undefined: there is none. */
  left(key: string): number | undefined;
  /** Names of all keys. */
  keys(): readonly string[];
  /** Leaves the connections of now without answers, as a network does that lost them. New ones are answered. */
  mute(): void;
  /** Closes connections and takes no new ones, until told otherwise. */
  down(yes: boolean): void;
  close(): Promise<void>;
}

const NIL = "$-1\r\n";
const OK = "+OK\r\n";
const bulk = (value: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`$${value.length}\r\n`), value, Buffer.from("\r\n")]);
const number = (value: number): string => `:${value}\r\n`;

/** One command of a buffer: its arguments, and where the next one begins; undefined while it is not complete. */
function readCommand(
  bytes: Buffer,
  from: number,
): { readonly args: Buffer[]; readonly next: number } | undefined {
  let at = from;
  const header = (mark: string): number | undefined => {
    const end = bytes.indexOf("\r\n", at);
    if (end === -1) return undefined;
    if (bytes.toString("latin1", at, at + 1) !== mark) throw new Error("Cannot read a Redis command");
    const value = Number(bytes.toString("latin1", at + 1, end));
    at = end + 2;
    return value;
  };
  const count = header("*");
  if (count === undefined) return undefined;
  const args: Buffer[] = [];
  for (let index = 0; index < count; index++) {
    const length = header("$");
    if (length === undefined || at + length + 2 > bytes.length) return undefined;
    args.push(Buffer.from(bytes.subarray(at, at + length)));
    at += length + 2;
  }
  return { args, next: at };
}

/** The records, and what commands do to them. */
class Memory {
  readonly #now: () => number;
  readonly #kept = new Map<string, Kept>();

  constructor(now: () => number) {
    this.#now = now;
  }

  get(key: string): Kept | undefined {
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.until <= this.#now()) this.#kept.delete(key);
    return this.#kept.get(key);
  }

  set(key: string, value: Buffer, life: number): void {
    this.#kept.set(key, { value, until: this.#now() + life });
  }

  keys(): readonly string[] {
    return [...this.#kept.keys()].filter((key) => this.get(key) !== undefined);
  }

  left(key: string): number | undefined {
    const kept = this.get(key);
    return kept === undefined ? undefined : kept.until - this.#now();
  }

  answer([name = Buffer.alloc(0), ...args]: readonly Buffer[]): Buffer | string {
    const [key = "", second = "", third = "", ...rest] = args.map((arg) => arg.toString("latin1"));
    switch (name.toString().toUpperCase()) {
      case "CLIENT":
      case "SELECT":
        return OK;
      case "PING":
        return "+PONG\r\n";
      case "GET": {
        const kept = this.get(key);
        return kept === undefined ? NIL : bulk(kept.value);
      }
      case "SET": {
        const options = [third, ...rest];
        if (options.includes("NX") && this.get(key) !== undefined) return NIL;
        this.set(key, args[1] ?? Buffer.alloc(0), Number(options[options.indexOf("PX") + 1]));
        return OK;
      }
      case "DEL":
        return number(this.#delete(key));
      case "EVAL":
        return second === "1" ? this.#script(key, third, args.slice(3)) : "-ERR wrong number of keys\r\n";
      default:
        return `-ERR unknown command '${name.toString("latin1")}'\r\n`;
    }
  }

  #delete(key: string): number {
    const there = this.get(key) !== undefined;
    this.#kept.delete(key);
    return there ? 1 : 0;
  }

  #script(
    script: string,
    key: string,
    [first = Buffer.alloc(0), second = Buffer.alloc(0), third]: readonly Buffer[],
  ): string {
    const same = this.get(key)?.value.equals(first) === true;
    if (![SWAP, RELEASE, EXTEND].includes(script)) return "-ERR unknown script\r\n";
    if (!same) return number(0);
    if (script === RELEASE) return number(this.#delete(key));
    if (script === SWAP) this.set(key, second, Number(third));
    else this.set(key, first, Number(second));
    return number(1);
  }
}

/** Starts a server on a free port of 127.0.0.1. */
export async function startTestRedis(now: () => number = Date.now): Promise<TestRedis> {
  const memory = new Memory(now);
  const sockets = new Set<Socket>();
  let away = false;
  const server: Server = createServer((socket) => {
    if (away) return socket.destroy();
    sockets.add(socket);
    let waiting = Buffer.alloc(0);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk: Buffer) => {
      waiting = Buffer.concat([waiting, chunk]);
      let at = 0;
      for (
        let command = readCommand(waiting, at);
        command !== undefined;
        command = readCommand(waiting, at)
      ) {
        at = command.next;
        socket.write(memory.answer(command.args));
      }
      waiting = waiting.subarray(at);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const hangUp = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get: (key) => memory.get(key)?.value,
    set: (key, value, life) => memory.set(key, value, life),
    left: (key) => memory.left(key),
    keys: () => memory.keys(),
    mute() {
      for (const socket of sockets) socket.removeAllListeners("data");
    },
    down(yes) {
      away = yes;
      if (yes) hangUp();
    },
    async close() {
      hangUp();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
