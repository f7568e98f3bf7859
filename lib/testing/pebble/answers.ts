import type { PebbleRequest, PebbleResponse } from "../../pebble/transport.ts";
import type { FakePebble } from "./fake-pebble.ts";

/** A request, opened. */
export interface Asked {
  readonly pebble: FakePebble;
  readonly query: URLSearchParams;
  readonly body: Record<string, unknown>;
  readonly request: PebbleRequest;
  /** The last part of the path that has an id. */
  readonly id: string;
}

/** Every time there is. */
export const EPOCH = "1970-01-01T00:00:00Z";

const encoder = new TextEncoder();

export function sync(result: unknown, status = 200): PebbleResponse {
  return envelope({ type: "sync", "status-code": status, status: "OK", result }, status);
}

export function failure(status: number, message: string, kind?: string): PebbleResponse {
  return envelope(
    { type: "error", "status-code": status, result: { message, ...(kind ? { kind } : {}) } },
    status,
  );
}

export function envelope(value: object, status: number): PebbleResponse {
  return {
    status,
    headers: { "content-type": "application/json" },
    body: encoder.encode(JSON.stringify(value)),
  };
}
