import type { PebbleClock } from "./clock.ts";
import type { LogBuffer } from "./log-buffer.ts";
import type { LogLine, LogSender } from "./log-sender.ts";

/** Lines that are kept for a target, and sent together. */
const MAX_LINES = 100;
/** How long a request that is under way may take once Pebble ends. */
const CURRENT_FLUSH_MS = 1000;
/** How long the last one may take. */
const FINAL_FLUSH_MS = 2000;

/** What gatherers work with. */
export interface GathererHost {
  readonly clock: PebbleClock;
  /** Milliseconds from the first line that waits until it is sent. */
  readonly logFlushMs: number;
}

/** A service whose lines go to the target: its labels and, once it was started, what it writes. */
export interface LogSource {
  readonly labels: Readonly<Record<string, string>>;
  readonly logs: LogBuffer | undefined;
}

interface Pulled {
  readonly logs: LogBuffer;
  /** Number of the next line. */
  next: number;
  stop(): void;
}

/**
 * Takes the lines of services and sends them to one target, in batches of a while or a hundred lines, whichever comes first.
 * One thing is done at a time; lines that come meanwhile stay with their service. What cannot be sent is sent again with
 * the next batch, and only then; of more than a hundred the oldest are lost.
 */
export class LogGatherer {
  readonly #sender: LogSender;
  readonly #host: GathererHost;
  readonly #pulled = new Map<string, Pulled>();
  readonly #labels = new Map<string, Readonly<Record<string, string>>>();
  readonly #relabel: (() => void)[] = [];
  readonly #ending = new AbortController();
  #lines: LogLine[] = [];
  #sinceFlush = 0;
  #cancelTimer: (() => void) | undefined;
  #due = false;
  #running: Promise<void> | undefined;

  constructor(sender: LogSender, host: GathererHost) {
    this.#sender = sender;
    this.#host = host;
  }

  /** From now on these services, by name; what each has written is sent from the oldest kept line on. */
  setSources(sources: ReadonlyMap<string, LogSource>): void {
    for (const name of [...this.#pulled.keys()].filter((one) => !sources.has(one))) {
      this.#forget(name);
      this.#relabel.push(() => this.#labels.delete(name));
    }
    for (const [name, { labels, logs }] of sources) {
      this.#relabel.push(() => this.#labels.set(name, labels));
      if (logs) this.started(name, logs);
    }
    this.#wake();
  }

  /** A service writes here now. */
  started(name: string, logs: LogBuffer): void {
    this.#forget(name);
    this.#pulled.set(name, { logs, next: 0, stop: logs.follow(() => this.#wake()) });
    this.#wake();
  }

  #forget(name: string): void {
    this.#pulled.get(name)?.stop();
    this.#pulled.delete(name);
  }

  #wake(): void {
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // What wakes it is in the middle of something.
    for (let work = this.#next(); work !== undefined; work = this.#next()) await work();
    this.#running = undefined;
  }

  /** What to do now. */
  #next(): (() => Promise<void>) | undefined {
    const relabel = this.#relabel.shift();
    if (relabel) {
      // What is there goes with the labels it had.
      return async () => {
        await this.#flush(this.#ending.signal);
        relabel();
      };
    }
    const full = this.#sinceFlush >= MAX_LINES;
    if (full || this.#due || this.#take() === "full") return () => this.#flush(this.#ending.signal);
    return undefined;
  }

  /** Takes lines, the oldest first, until there are enough for a batch. */
  #take(): "full" | "all" {
    for (let line = this.#oldest(); line !== undefined; line = this.#oldest()) {
      if (this.#lines.length >= MAX_LINES) this.#lines.shift();
      this.#lines.push(line);
      this.#sinceFlush += 1;
      if (this.#sinceFlush >= MAX_LINES) return "full";
      this.#cancelTimer ??= this.#host.clock.after(this.#host.logFlushMs, () => {
        this.#due = true;
        this.#wake();
      });
    }
    return "all";
  }

  #oldest(): LogLine | undefined {
    const waiting = [...this.#pulled].flatMap(([service, pulled]) => {
      const line = pulled.logs.from(pulled.next);
      return line === undefined ? [] : [{ service, pulled, ...line }];
    });
    const first = waiting.reduce((a, b) => (b.time < a.time ? b : a), waiting[0]!);
    if (first === undefined) return undefined;
    first.pulled.next = first.number + 1;
    return { service: first.service, time: first.time, message: first.message };
  }

  async #flush(signal: AbortSignal): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#due = false;
    this.#sinceFlush = 0;
    if (this.#lines.length === 0) return;
    // The real one notes a failure in a log of its own, which the embedded one has not.
    const done = await this.#send(signal).catch(() => 0);
    this.#lines = this.#lines.slice(done);
  }

  /** Gives up at the signal, also on a server that takes bytes no more. */
  async #send(signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    const { promise, reject } = Promise.withResolvers<never>();
    const giveUp = () => reject(signal.reason);
    signal.addEventListener("abort", giveUp);
    try {
      return await Promise.race([this.#sender.send(this.#lines, this.#labels, signal), promise]);
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  /** Sends what there is and ends, within seconds. */
  async stop(): Promise<void> {
    const cancel = this.#host.clock.after(CURRENT_FLUSH_MS, () => this.#ending.abort());
    await this.#running;
    cancel();
    for (const name of [...this.#pulled.keys()]) this.#forget(name);
    const over = new AbortController();
    const cancelLast = this.#host.clock.after(FINAL_FLUSH_MS, () => over.abort());
    await this.#flush(over.signal);
    cancelLast();
    this.#sender.close();
  }
}
