import { StringDecoder } from "node:string_decoder";
import type { LogEntry } from "../types.ts";
import { formatTimestamp, type Timestamp } from "./timestamp.ts";

/** Bytes of output kept per service, times and names included. */
const MAX_BYTES = 100 * 1024;
/** A line longer than this is cut in pieces. */
const MAX_LINE = 16 * 1024;

interface Line {
  readonly time: Timestamp;
  readonly message: string;
  readonly bytes: number;
}

/** The last lines a service wrote. */
export class LogBuffer {
  readonly #service: string;
  readonly #now: () => Timestamp;
  readonly #lines: Line[] = [];
  #bytes = 0;
  /** Number of the oldest line that is kept; the first ever is 0. */
  #first = 0;
  readonly #followers = new Set<(entry: TimedEntry) => void>();

  constructor(service: string, now: () => Timestamp) {
    this.#service = service;
    this.#now = now;
  }

  /** A sink for one stream; lines of different streams do not mix. */
  sink(): { write(chunk: Uint8Array): void; end(): void } {
    const decoder = new StringDecoder("utf8");
    let rest = "";
    const take = (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.#addCut(line);
      while (rest.length > MAX_LINE) {
        this.#add(rest.slice(0, MAX_LINE));
        rest = rest.slice(MAX_LINE);
      }
    };
    return {
      write: (chunk) => take(decoder.write(Buffer.from(chunk))),
      end: () => {
        take(decoder.end());
        if (rest !== "") this.#add(rest);
        rest = "";
      },
    };
  }

  #addCut(line: string): void {
    for (let at = 0; at === 0 || at < line.length; at += MAX_LINE) this.#add(line.slice(at, at + MAX_LINE));
  }

  #add(message: string): void {
    const bytes = Buffer.byteLength(message) + this.#service.length + 28;
    const line = { time: millisecond(this.#now()), message, bytes };
    this.#lines.push(line);
    this.#bytes += bytes;
    while (this.#bytes > MAX_BYTES) {
      this.#bytes -= this.#lines.shift()!.bytes;
      this.#first += 1;
    }
    for (const follow of this.#followers) follow(this.#entry(line));
  }

  #entry(line: Line): TimedEntry {
    return {
      at: line.time,
      entry: { time: formatTimestamp(line.time), service: this.#service, message: line.message },
    };
  }

  entries(): readonly TimedEntry[] {
    return this.#lines.map((line) => this.#entry(line));
  }

  /** The oldest kept line whose number is at least this one. */
  from(number: number): NumberedLine | undefined {
    const at = Math.max(number, this.#first);
    const line = this.#lines[at - this.#first];
    return line && { number: at, time: line.time, message: line.message };
  }

  /** The last lines as text, for a task's log. */
  tail(lines: number, indent: string): string {
    const last = this.#lines.slice(-lines).map((line) => `${indent}${line.message}`);
    if (this.#lines.length > lines) last.unshift(`${indent}(...)`);
    return last.join("\n");
  }

  /** Calls back for each new line until the result is called. */
  follow(listener: (entry: TimedEntry) => void): () => void {
    this.#followers.add(listener);
    return () => this.#followers.delete(listener);
  }
}

/** A line and its place among all lines of its service. */
export interface NumberedLine {
  readonly number: number;
  readonly time: Timestamp;
  readonly message: string;
}

/** A line and its time, to merge the lines of several services by. */
export interface TimedEntry {
  readonly at: Timestamp;
  readonly entry: LogEntry;
}

function millisecond(time: Timestamp): Timestamp {
  return (time / 1_000_000n) * 1_000_000n;
}
