/** Secrets of headers: from the configuration, a variable, or a file that may change. */
import { readFileSync, unwatchFile, watchFile } from "node:fs";
import type { SecretSource } from "../options/structure.ts";

/** Reads a secret's current text; bytes that are no ASCII are latin1. */
export type SecretReader = () => string;

/** A file that can be read but not found out why is no secret. */
function readText(path: string): string {
  try {
    return readFileSync(path).toString("latin1");
  } catch (error) {
    throw new RangeError(
      `Cannot read secret "${path}": ${(error as NodeJS.ErrnoException).code ?? "unknown"}`,
    );
  }
}

/** The secrets of one configuration. */
export class Secrets {
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #files = new Map<string, string>();
  readonly #changed: (() => void)[] = [];
  #version = 0;
  #later: NodeJS.Timeout | undefined;

  constructor(environment: Readonly<Record<string, string | undefined>>) {
    this.#environment = environment;
  }

  /** Counts changes: what was made with an older version is stale. */
  get version(): number {
    return this.#version;
  }

  /**
   * Makes the reader of a secret. Files are read now, as they are, without cutting line breaks.
   *
   * @throws {RangeError} When the variable is not set or the file cannot be read.
   */
  reader(source: SecretSource): SecretReader {
    if ("value" in source) {
      const text = Buffer.from(source.value, "utf8").toString("latin1");
      return () => text;
    }
    if ("fromEnv" in source) return this.#variable(source.fromEnv);
    const path = source.fromFile;
    this.#files.set(path, readText(path));
    return () => this.#files.get(path) ?? "";
  }

  #variable(name: string): SecretReader {
    const value = this.#environment[name];
    if (value === undefined) throw new RangeError(`Cannot read secret: variable "${name}" is not set`);
    const text = Buffer.from(value, "utf8").toString("latin1");
    return () => text;
  }

  /** Calls back after a file changed. */
  onChange(listener: () => void): void {
    this.#changed.push(listener);
  }

  /** Looks at the files now. A file that cannot be read keeps its last secret. */
  check(): void {
    let changed = false;
    for (const [path, before] of this.#files) {
      const text = readOr(path, before);
      if (text === before) continue;
      this.#files.set(path, text);
      changed = true;
    }
    if (!changed) return;
    this.#version += 1;
    for (const listener of this.#changed) listener();
  }

  /** @param interval Milliseconds between looks at the files. */
  watch(interval: number): void {
    for (const path of this.#files.keys())
      watchFile(path, { interval, persistent: false }, () => this.check());
    // A change before the first look of the watcher would not be one for it.
    if (this.#files.size > 0) this.#later = setTimeout(() => this.check(), 2 * interval).unref();
  }

  close(): void {
    clearTimeout(this.#later);
    for (const path of this.#files.keys()) unwatchFile(path);
  }
}

function readOr(path: string, before: string): string {
  try {
    return readText(path);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return before;
  }
}
