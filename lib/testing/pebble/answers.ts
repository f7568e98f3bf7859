import { formatMultipart } from "../../pebble/multipart.ts";
import type { AnswerPart, PebbleRequest, PebbleResponse } from "../../pebble/transport.ts";
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

const JSON_HEADERS = { "content-type": "application/json" } as const;

/** JSON; bytes of it are made for whoever wants bytes. */
class JsonResponse implements PebbleResponse {
  readonly status: number;
  /** Made for this answer: nobody else has it. */
  readonly json: object;
  readonly headers = JSON_HEADERS;

  constructor(status: number, json: object) {
    this.status = status;
    this.json = json;
  }

  get body(): Uint8Array {
    return Buffer.from(JSON.stringify(this.json));
  }
}

const BOUNDARY = "fake-pebble";
const MULTIPART_HEADERS = { "content-type": `multipart/form-data; boundary=${BOUNDARY}` } as const;

/** Several parts, apart; one body is made of them for whoever wants it. */
export class MultipartResponse implements PebbleResponse {
  readonly status = 200;
  readonly parts: readonly AnswerPart[];
  readonly headers = MULTIPART_HEADERS;

  constructor(parts: readonly AnswerPart[]) {
    this.parts = parts;
  }

  get body(): Uint8Array {
    return formatMultipart(this.parts, BOUNDARY);
  }
}

/** The last part of such an answer: what became of each path. */
export class OutcomePart implements AnswerPart {
  readonly name = "response";
  /** Made for this answer: nobody else has it. */
  readonly json: object;

  constructor(json: object) {
    this.json = json;
  }

  get content(): Uint8Array {
    return Buffer.from(JSON.stringify(this.json));
  }
}

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
  return new JsonResponse(status, value);
}
