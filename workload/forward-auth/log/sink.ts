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
  /** Where lines are put as bytes: a text that grows by lines would keep each of their pieces. */
  #block = Buffer.allocUnsafeSlow(BLOCK);
  #used = 0;
  /** Full blocks, the first of which may be written in part. */
  readonly #full: Uint8Array[] = [];
  #fullLength = 0;
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
    if (this.#used + this.#fullLength + line.length > this.#most && !this.#makesRoom()) {
      this.#dropped++;
      return;
    }
    const waiting = this.#full.length > 0;
    this.#put(line);
    if (this.#full.length > 0 && !waiting) this.#drain();
    else this.#later(DELAY);
  }

  /** Puts a line behind the others, in UTF-8. */
  #put(line: string): void {
    if (line.length * 3 > BLOCK - this.#used) this.#close();
    if (line.length * 3 <= BLOCK) this.#used += this.#block.write(line, this.#used);
    else this.#add(Buffer.from(line));
  }

  /** Ends the block under way. */
  #close(): void {
    if (this.#used === 0) return;
    this.#add(this.#block.subarray(0, this.#used));
    this.#block = Buffer.allocUnsafeSlow(BLOCK);
    this.#used = 0;
  }

  #add(bytes: Uint8Array): void {
    this.#full.push(bytes);
    this.#fullLength += bytes.length;
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
    for (;;) {
      if (this.#full.length === 0) this.#close();
      const first = this.#full[0];
      if (first === undefined) break;
      if (!this.#push(first)) return false;
    }
    this.#tell();
    return true;
  }

  /** One write of the first block; false when the reader is busy. */
  #push(bytes: Uint8Array): boolean {
    try {
      const written = this.#writeBytes(this.#descriptor, bytes);
      this.#fullLength -= written;
      if (written < bytes.length) this.#full[0] = bytes.subarray(written);
      else this.#full.shift();
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EAGAIN" || code === "EBUSY") {
        this.#later(RETRY);
        return false;
      }
      // The reader is gone, or the disk is full: there is nobody to tell.
      this.#dropped += Buffer.from(bytes).toString("latin1").split("\n").length - 1;
      this.#full.shift();
      this.#fullLength -= bytes.length;
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
