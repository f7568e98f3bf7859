/**
 * A log file that is set aside when it is full, as oauth2-proxy's is: `name-<time>.ext`, old ones deleted, packed on demand.
 */
import {
  closeSync,
  createReadStream,
  createWriteStream,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

/** How a file is kept. */
export interface RotationOptions {
  readonly path: string;
  /** Megabytes (2^20 bytes) of one file; 0: 100. */
  readonly maxSize: number;
  /** Days that old files are kept; 0: for ever. */
  readonly maxAge: number;
  /** Old files that are kept; 0: all. */
  readonly maxBackups: number;
  readonly compress: boolean;
  readonly localTime: boolean;
  readonly now?: () => number;
}

const MEGABYTE = 1_048_576;
const DAY = 86_400_000;

/** `2026-11-26T15-04-05.000`. */
function stamp(time: number, local: boolean): string {
  const shifted = local ? time - new Date(time).getTimezoneOffset() * 60_000 : time;
  return new Date(shifted).toISOString().slice(0, 23).replaceAll(":", "-");
}

function timeOf(text: string, local: boolean): number {
  const [, date, hour, minute, rest] = /^(\d{4}-\d\d-\d\dT)(\d\d)-(\d\d)-(\d\d\.\d{3})$/.exec(text) ?? [];
  return Date.parse(`${date}${hour}:${minute}:${rest}${local ? "" : "Z"}`);
}

/** A file that rotates. */
export class RotatingFile {
  readonly #options: RotationOptions;
  readonly #most: number;
  #descriptor: number;
  #size: number;
  /** The work on old files that goes on. */
  settled: Promise<void> = Promise.resolve();

  /** @throws When the file cannot be opened. */
  constructor(options: RotationOptions) {
    this.#options = options;
    this.#most = (options.maxSize || 100) * MEGABYTE;
    mkdirSync(dirname(options.path), { recursive: true, mode: 0o755 });
    this.#descriptor = openSync(options.path, "a", 0o600);
    this.#size = fstatSync(this.#descriptor).size;
    this.settled = this.#tidy();
  }

  /** Appends bytes; returns how many. */
  write(bytes: Uint8Array): number {
    if (this.#size > 0 && this.#size + bytes.length > this.#most) this.#rotate();
    const written = writeSync(this.#descriptor, bytes);
    this.#size += written;
    return written;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #rotate(): void {
    const { path, localTime, now = Date.now } = this.#options;
    const { mode } = fstatSync(this.#descriptor);
    const extension = extname(path);
    renameSync(
      path,
      `${path.slice(0, path.length - extension.length)}-${stamp(now(), localTime)}${extension}`,
    );
    const descriptor = openSync(path, "a", mode & 0o777);
    closeSync(this.#descriptor);
    this.#descriptor = descriptor;
    this.#size = 0;
    this.settled = this.settled.then(() => this.#tidy());
  }

  /** Old files, newest first. */
  #backups(): readonly { readonly file: string; readonly time: number }[] {
    const { path, localTime } = this.#options;
    const extension = extname(path);
    const prefix = `${basename(path, extension)}-`;
    const files = readdirSync(dirname(path)).filter((name) => name.startsWith(prefix));
    const dated = files.map((name) => {
      const bare = name.replace(/\.gz$/, "");
      const middle = bare.endsWith(extension)
        ? bare.slice(prefix.length, bare.length - extension.length)
        : "";
      return { file: join(dirname(path), name), time: timeOf(middle, localTime) };
    });
    return dated.filter(({ time }) => !Number.isNaN(time)).sort((a, b) => b.time - a.time);
  }

  /** Deletes and packs old files. What cannot be done now is done after the next rotation. */
  async #tidy(): Promise<void> {
    const { maxAge, maxBackups, compress, now = Date.now } = this.#options;
    try {
      const kept = this.#backups().filter(({ file, time }, index) => {
        const old = (maxAge > 0 && now() - time > maxAge * DAY) || (maxBackups > 0 && index >= maxBackups);
        if (old) rmSync(file, { force: true });
        return !old;
      });
      if (compress) for (const { file } of kept) if (!file.endsWith(".gz")) await pack(file);
    } catch {
      // A file that somebody else moved or a full disk: logging goes on.
    }
  }
}

async function pack(file: string): Promise<void> {
  const { mode } = statSync(file);
  await pipeline(
    createReadStream(file),
    createGzip(),
    createWriteStream(`${file}.part`, { mode: mode & 0o777 }),
  );
  renameSync(`${file}.part`, `${file}.gz`);
  rmSync(file, { force: true });
}
