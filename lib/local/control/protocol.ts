/**
 * The wire between clients and controller: one JSON object a line, over a unix socket.
 *
 * A client sends `{ id, method, params }`; the controller answers any number of `{ id, progress }`, then one
 * `{ id, result }` or `{ id, error }`. Ids are the client's. A client that closes its connection cancels.
 *
 * @module
 */

/** What a client asks. */
export interface WireRequest {
  readonly id: number;
  readonly method: string;
  readonly params: unknown;
}

/** A refused request. */
export interface WireError {
  readonly message: string;
  readonly code: string;
  readonly exitCode: number;
}

/** What the controller says. */
export interface WireReply {
  readonly id: number;
  readonly progress?: unknown;
  readonly result?: unknown;
  readonly error?: WireError;
}

/** Longest line, in characters; a longer one ends the connection. */
export const MAX_LINE = 64 * 1024 * 1024;

/** Splits a stream of text into lines; the caller gets each whole one. */
export class LineReader {
  #rest = "";
  readonly #each: (line: string) => void;
  constructor(each: (line: string) => void) {
    this.#each = each;
  }

  /** @throws {RangeError} When a line grows beyond {@link MAX_LINE}. */
  push(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > MAX_LINE) throw new RangeError("Cannot read the line: it is longer than 64 MiB");
    for (const line of lines) if (line !== "") this.#each(line);
  }
}

/**
 * Reads one request.
 *
 * @returns `undefined` when the line is no request.
 */
export function parseRequest(line: string): WireRequest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { id, method, params = {} } = value as Record<string, unknown>;
  if (!Number.isSafeInteger(id) || typeof method !== "string") return undefined;
  if (typeof params !== "object" || params === null || Array.isArray(params)) return undefined;
  return { id: id as number, method, params };
}
