/** One request to the Pebble API. */
export interface PebbleRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** Path with query, beginning with `/v1/` or `/metrics`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal;
}

/** The answer, whole; log following and exec streams have their own calls. */
export interface PebbleResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/**
 * Carries requests to a Pebble: over its unix socket, or to an embedded one in this process. Rejects with
 * `PebbleUnreachableError` (code `ERR_PEBBLE_UNREACHABLE`) when nothing answers.
 */
export interface PebbleTransport {
  request(request: PebbleRequest): Promise<PebbleResponse>;
  close(): void;
}
