/**
 * Requests at a constant rate, whether they are answered or not: latency is counted from the moment at which a request should have
 * been sent, so that a stall of the server shows in all requests that it delays (coordinated omission).
 *
 * A program of its own, which prints what it saw as JSON: `node open-loop.ts PORT FILE RATE SECONDS CONNECTIONS`, FILE made by
 * `writeRequests`.
 */
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";

/** What was seen. Latencies in microseconds. */
export interface OpenLoopReport {
  readonly requests: number;
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Requests whose connection broke. */
  readonly broken: number;
  /** Requests without an answer when time was up. */
  readonly unanswered: number;
  /** Answers that take a session cookie away. */
  readonly deletions: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  /** Answers by status in each second. */
  readonly bySecond: readonly Readonly<Record<string, number>>[];
}

/** Whole requests out of a file of `writeRequests`. */
function readRequests(file: string): readonly Buffer[] {
  const bytes = readFileSync(file);
  const [count, order] = [bytes.readUInt32LE(0), bytes.readUInt32LE(4)];
  const data = 4 * (2 + count + 1 + order);
  const offset = (index: number) => data + bytes.readUInt32LE(8 + 4 * index);
  return Array.from({ length: count }, (_, index) => bytes.subarray(offset(index), offset(index + 1)));
}

interface Connection {
  socket: Socket;
  /** When the request under way should have been sent; undefined: free. */
  due: number | undefined;
}

class OpenLoop {
  readonly #port: number;
  readonly #requests: readonly Buffer[];
  readonly #free: Connection[] = [];
  readonly #waiting: number[] = [];
  readonly #latencies: number[] = [];
  readonly #statuses: Record<string, number> = {};
  readonly #bySecond: Record<string, number>[] = [];
  readonly #began = performance.now();
  #sent = 0;
  #broken = 0;
  #deletions = 0;
  #underWay = 0;

  constructor(port: number, requests: readonly Buffer[], connections: number) {
    this.#port = port;
    this.#requests = requests;
    for (let index = 0; index < connections; index++) this.#open();
  }

  /** Asks for some time; settles when all is answered, or ten seconds later. */
  async run(rate: number, seconds: number): Promise<OpenLoopReport> {
    const total = Math.floor(rate * seconds);
    const began = performance.now();
    for (let index = 0; index < total; ) {
      const now = performance.now();
      for (; index < total && began + (index * 1000) / rate <= now; index++)
        this.#ask(began + (index * 1000) / rate);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const patience = performance.now() + 10_000;
    while (this.#underWay + this.#waiting.length > 0 && performance.now() < patience)
      await new Promise((resolve) => setTimeout(resolve, 10));
    return this.#report(total);
  }

  #open(): void {
    const socket = connect({ port: this.#port, host: "127.0.0.1", noDelay: true });
    const connection: Connection = { socket, due: undefined };
    socket.on("connect", () => this.#release(connection));
    socket.on("data", (bytes: Buffer) => this.#answered(connection, bytes.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (connection.due !== undefined) {
        this.#broken++;
        this.#underWay--;
      }
      const at = this.#free.indexOf(connection);
      if (at !== -1) this.#free.splice(at, 1);
      setTimeout(() => this.#open(), 20).unref();
    });
  }

  #ask(due: number): void {
    const connection = this.#free.pop();
    if (connection === undefined) {
      this.#waiting.push(due);
      return;
    }
    connection.due = due;
    this.#underWay++;
    connection.socket.write(this.#requests[this.#sent++ % this.#requests.length] as Buffer);
  }

  #release(connection: Connection): void {
    connection.due = undefined;
    this.#free.push(connection);
    const due = this.#waiting.shift();
    if (due !== undefined) this.#ask(due);
  }

  /** Answers of decisions are small: they come in one piece. */
  #answered(connection: Connection, text: string): void {
    if (connection.due === undefined || !text.startsWith("HTTP/1.1 ")) return;
    const now = performance.now();
    this.#latencies.push(Math.round((now - connection.due) * 1000));
    const status = text.slice(9, 12);
    this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
    const second = Math.floor((now - this.#began) / 1000);
    const counts = this.#bySecond[second] ?? {};
    this.#bySecond[second] = counts;
    counts[status] = (counts[status] ?? 0) + 1;
    if (/^set-cookie: \w+=;/im.test(text)) this.#deletions++;
    this.#underWay--;
    this.#release(connection);
  }

  #report(requests: number): OpenLoopReport {
    const sorted = Float64Array.from(this.#latencies).sort();
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return {
      requests,
      statuses: this.#statuses,
      broken: this.#broken,
      unanswered: this.#underWay + this.#waiting.length,
      deletions: this.#deletions,
      p50: at(0.5),
      p90: at(0.9),
      p99: at(0.99),
      p999: at(0.999),
      max: at(1),
      bySecond: Array.from(this.#bySecond, (counts) => counts ?? {}),
    };
  }
}

if (process.argv[1] === import.meta.filename) {
  const [port = 0, file = "", rate = 0, seconds = 0, connections = 0] = process.argv
    .slice(2)
    .map((text, index) => (index === 1 ? text : Number(text))) as [number, string, number, number, number];
  const loop = new OpenLoop(port, readRequests(file), connections);
  await new Promise((resolve) => setTimeout(resolve, 200));
  console.log(JSON.stringify(await loop.run(rate, seconds)));
  process.exit(0);
}
