import { OperationError } from "./errors.ts";
import { byteLength, compareText } from "./go/text.ts";
import type { JujuVersion } from "./types.ts";

const maxKey = 256;
const maxValue = 65_536;

/** The unit's own key–value store in the controller. */
export class CharmState {
  readonly #values: Map<string, string>;
  readonly #major: number;
  #dirty = false;

  constructor(values: Readonly<Record<string, string>> | undefined, version: JujuVersion) {
    this.#values = new Map(Object.entries(values ?? {}));
    this.#major = version.major;
  }

  get(key: string): string | undefined {
    return this.#values.get(key);
  }

  all(): ReadonlyMap<string, string> {
    return new Map(this.#values);
  }

  /** @throws {OperationError} For a key over 256 or a value over 65 536 bytes; nothing is changed then. */
  set(key: string, value: string): void {
    this.#checkSize("key", byteLength(key), maxKey);
    this.#checkSize("value", byteLength(value), maxValue);
    if (this.#values.get(key) === value) return;
    this.#values.set(key, value);
    this.#dirty = true;
  }

  delete(key: string): void {
    if (this.#values.delete(key)) this.#dirty = true;
  }

  /** The whole store after the hook, or nothing when it is as before. */
  change(): Readonly<Record<string, string>> | undefined {
    if (!this.#dirty) return undefined;
    return Object.fromEntries([...this.#values].sort(([a], [b]) => compareText(a, b)));
  }

  #checkSize(what: "key" | "value", size: number, limit: number): void {
    if (size <= limit) return;
    const text = `max allowed ${what} length (${limit})`;
    throw new OperationError(this.#major < 4 ? `${text} exceeded` : `${text}: quota limit exceeded`);
  }
}
