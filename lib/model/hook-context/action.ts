import type { WorldAction } from "../world.ts";
import { OperationError } from "./errors.ts";
import type { ActionResult } from "./types.ts";

type Node = Map<string, Node | string>;

/** What `action-set` and `action-fail` collect; sent when the action ends, even a failed one. */
export class ActionRun {
  readonly #action: WorldAction | undefined;
  readonly #results: Node = new Map();
  #message: string | undefined;

  constructor(action: WorldAction | null | undefined) {
    this.#action = action ?? undefined;
  }

  get running(): boolean {
    return this.#action !== undefined;
  }

  /** @throws {OperationError} Outside an action. */
  params(): Readonly<Record<string, unknown>> {
    this.check();
    return this.#action?.params ?? {};
  }

  check(): void {
    if (this.#action === undefined) throw new OperationError("not running an action");
  }

  /** A text in the way of a path is replaced by a map, a map in the way of a text by the text. */
  set(path: readonly string[], value: string): void {
    this.check();
    let node = this.#results;
    for (const part of path.slice(0, -1)) {
      const next = node.get(part);
      const child: Node = next instanceof Map ? next : new Map();
      node.set(part, child);
      node = child;
    }
    node.set(path.at(-1) ?? "", value);
  }

  fail(message: string): void {
    this.check();
    this.#message = message;
  }

  result(): ActionResult {
    const results = plain(this.#results);
    return this.#message === undefined ? { results } : { results, failed: { message: this.#message } };
  }
}

function plain(node: Node): Record<string, unknown> {
  return Object.fromEntries(
    [...node].map(([key, value]) => [key, value instanceof Map ? plain(value) : value]),
  );
}
