import { parseDuration } from "../duration.ts";
import type { Faults } from "../faults.ts";
import { nearest } from "../nearest.ts";

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * A mapping of a YAML file, read key by key. Keys match in any case; those that nobody asked for are unknown. Values are not
 * converted: what is no text is no text. A null is as good as nothing.
 */
export class Mapping {
  readonly path: string;
  readonly faults: Faults;
  readonly #values = new Map<string, unknown>();
  readonly #asked = new Set<string>();

  constructor(value: unknown, path: string, faults: Faults) {
    this.path = path;
    this.faults = faults;
    if (value === undefined || value === null) return;
    if (!isMapping(value)) {
      this.#refuse("", "must be a mapping");
      return;
    }
    for (const [key, each] of Object.entries(value)) {
      const lower = key.toLowerCase();
      if (this.#values.has(lower)) this.#refuse(key, "is given twice");
      if (each !== null) this.#values.set(lower, each);
      else this.#asked.add(lower);
    }
  }

  /** The place of a key, for messages: `server.tls`. */
  at(key: string): string {
    return this.path === "" ? key : key === "" ? this.path : `${this.path}.${key}`;
  }

  #refuse(key: string, must: string): void {
    const place = this.at(key);
    this.faults.say(place, `${place || "the alpha configuration"} ${must}`);
  }

  #take(key: string): unknown {
    this.#asked.add(key);
    return this.#values.get(key.toLowerCase());
  }

  /** A value that `read` makes of what is there; `otherwise` when nothing is there or it is none. */
  #value<T>(key: string, otherwise: T, must: string, read: (value: unknown) => T | undefined): T {
    const value = this.#take(key);
    if (value === undefined) return otherwise;
    const found = read(value);
    if (found === undefined) this.#refuse(key, must);
    return found ?? otherwise;
  }

  text(key: string, otherwise = ""): string {
    return this.#value(key, otherwise, "must be text", (value) =>
      typeof value === "string" ? value : undefined,
    );
  }

  boolean(key: string, otherwise: boolean): boolean {
    return this.#value(key, otherwise, "must be true or false", (value) =>
      typeof value === "boolean" ? value : undefined,
    );
  }

  integer(key: string, otherwise: number): number {
    return this.#value(key, otherwise, "must be a whole number", (value) =>
      Number.isSafeInteger(value) ? Number(value) : undefined,
    );
  }

  /** A Go duration, a whole number of nanoseconds or a fraction of seconds; milliseconds. */
  duration(key: string, otherwise: number): number {
    return this.#value(key, otherwise, 'must be a duration such as "30s"', (value) => {
      if (typeof value === "string") return parseDuration(value);
      if (typeof value !== "number" || !Number.isFinite(value)) return undefined;
      return Number.isInteger(value) ? value / 1e6 : value * 1000;
    });
  }

  texts(key: string, otherwise: readonly string[] = []): readonly string[] {
    return this.#value(key, otherwise, "must be a list of texts", (value) =>
      Array.isArray(value) && value.every((each) => typeof each === "string")
        ? (value as readonly string[])
        : undefined,
    );
  }

  /** Text, or the bytes of one as numbers. */
  bytes(key: string): string {
    return this.#value(key, "", "must be text", (value) => {
      if (typeof value === "string") return value;
      const numbers =
        Array.isArray(value) && value.every((byte) => Number.isInteger(byte) && byte >= 0 && byte < 256);
      return numbers ? Buffer.from(value as number[]).toString("utf8") : undefined;
    });
  }

  /** True when something is there. */
  has(key: string): boolean {
    return this.#values.has(key.toLowerCase());
  }

  /** What `read` makes of the mapping under a key; of an empty one when nothing is there. */
  mapping<T>(key: string, read: (mapping: Mapping) => T): T {
    const inner = new Mapping(this.#take(key), this.at(key), this.faults);
    const found = read(inner);
    inner.end();
    return found;
  }

  /** What `read` makes of each mapping of a list. */
  list<T>(key: string, read: (mapping: Mapping) => T): readonly T[] {
    const values = this.#value<readonly unknown[]>(key, [], "must be a list", (value) =>
      Array.isArray(value) ? value : undefined,
    );
    return values.map((value, index) => {
      const inner = new Mapping(value, `${this.at(key)}[${index}]`, this.faults);
      const found = read(inner);
      inner.end();
      return found;
    });
  }

  /** Refuses every key that nobody asked for. */
  end(): void {
    const known = new Map([...this.#asked].map((key) => [key.toLowerCase(), key]));
    for (const key of this.#values.keys()) {
      if (known.has(key)) continue;
      this.#refuse(key.slice(0, 80), `is an unknown key, the nearest is ${nearest(key, known.values())}`);
    }
  }
}
