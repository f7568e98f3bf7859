/** Where lines go: in blocks, never waiting for whoever reads them unless told to. */
import { fstatSync, writeSync } from "node:fs";
import { Socket } from "node:net";

/** Bytes that are written at once. */
const BLOCK = 65_536;

/** Milliseconds until a smaller block is written. */
const DELAY = 50;

/** Milliseconds until a full pipe is tried again. */
const RETRY = 10;

/** Milliseconds that the last lines get when the process ends. */
const LAST = 500;

/** Takes whole lines. */
export interface LogSink {
  write(line: string): void;
  /** Writes what is held back, at most for half a second. */
  flush?(): void;
  /** Lines that were lost so far. */
  readonly dropped?: number;
}

/** How a sink behaves. */
export interface StreamOptions {
  /** What happens to lines that a full buffer has no room for: they are lost and counted, or everybody waits. */
  readonly whenFull: "drop" | "block";
  /** Most characters held back. */
  readonly most?: number;
  /** Told once the reader is back, with the lines lost in between. */
  readonly recovered?: (dropped: number) => void;
  /** Writes bytes; returns how many went out. For tests. */
  readonly writeBytes?: (descriptor: number, bytes: Uint8Array) => number;
}

/** Makes a pipe or socket answer "try again" instead of waiting for its reader. */
function neverWait(descriptor: number): void {
  const kind = fstatSync(descriptor);
  if (!kind.isFIFO() && !kind.isSocket()) return;
  if (descriptor === 1) void process.stdout;
  else if (descriptor === 2) void process.stderr;
  else new Socket({ fd: descriptor, readable: false, writable: true });
}

const pause = (milliseconds: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
};

/** A file descriptor as a sink. */
export class StreamSink implements LogSink {
  readonly #descriptor: number;
  readonly #options: StreamOptions;
  readonly #most: number;
  readonly #writeBytes: (descriptor: number, bytes: Uint8Array) => number;
  #text = "";
  /** What a full pipe has not taken. */
  #rest: Uint8Array = new Uint8Array();
  #timer: NodeJS.Timeout | undefined;
  #dropped = 0;
  #told = 0;

  constructor(descriptor: number, options: StreamOptions) {
    this.#descriptor = descriptor;
    this.#options = options;
    this.#most = options.most ?? 4_194_304;
    this.#writeBytes = options.writeBytes ?? writeSync;
    if (options.writeBytes === undefined) neverWait(descriptor);
  }

  get dropped(): number {
    return this.#dropped;
  }

  write(line: string): void {
    if (this.#text.length + this.#rest.length + line.length > this.#most && !this.#makesRoom()) {
      this.#dropped++;
      return;
    }
    this.#text += line;
    if (this.#text.length >= BLOCK && this.#rest.length === 0) this.#drain();
    else this.#later(DELAY);
  }

  flush(): void {
    const end = Date.now() + LAST;
    while (!this.#drain() && Date.now() < end) pause(RETRY);
  }

  #makesRoom(): boolean {
    if (this.#options.whenFull === "drop") return false;
    while (!this.#drain()) pause(RETRY);
    return true;
  }

  #later(milliseconds: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#drain();
    }, milliseconds).unref();
  }

  /** Writes all that the reader takes; true when nothing is left. */
  #drain(): boolean {
    while (this.#rest.length > 0 || this.#text !== "") {
      if (this.#rest.length === 0) {
        this.#rest = Buffer.from(this.#text);
        this.#text = "";
      }
      if (!this.#push()) return false;
    }
    this.#tell();
    return true;
  }

  /** One write; false when the reader is busy. */
  #push(): boolean {
    try {
      this.#rest = this.#rest.subarray(this.#writeBytes(this.#descriptor, this.#rest));
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EAGAIN" || code === "EBUSY") {
        this.#later(RETRY);
        return false;
      }
      // The reader is gone, or the disk is full: there is nobody to tell.
      this.#dropped += Buffer.from(this.#rest).toString("latin1").split("\n").length - 1;
      this.#rest = new Uint8Array();
      return true;
    }
  }

  #tell(): void {
    if (this.#dropped === this.#told) return;
    const lost = this.#dropped - this.#told;
    this.#told = this.#dropped;
    this.#options.recovered?.(lost);
  }
}
