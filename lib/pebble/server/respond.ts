import { STATUS_CODES } from "node:http";
import type { Caller } from "./access.ts";

/** A request as handlers see it. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Fires when the client is gone. */
  readonly signal: AbortSignal;
  /** What `{name}` in the route matched. */
  readonly params: Readonly<Record<string, string>>;
  /** How it came: over the unix socket or in process, or over TCP. */
  readonly transport: "socket" | "tcp";
  /** Undefined only for endpoints that are open to all. */
  readonly caller: Caller | undefined;
}

/** An answer; the body may go on for as long as it likes. */
export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
}

/** A refusal with Pebble's message and, for some, a kind. */
export class Refusal extends Error {
  readonly status: number;
  readonly kind: string | undefined;
  constructor(status: number, message: string, kind?: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.kind = kind;
  }
}

const decoder = new TextDecoder();

/** An answer with a result. */
export function sync(result: unknown, status = 200): ApiResponse {
  return envelope({ type: "sync", ...code(status), ...(result != null && { result }) }, status);
}

/** An answer that names a change. */
export function async(change: string, result?: unknown): ApiResponse {
  return envelope({ type: "async", ...code(202), change, ...(result != null && { result }) }, 202);
}

/** A refusal as an answer. */
export function refusal({ status, message, kind }: Refusal): ApiResponse {
  return envelope({ type: "error", ...code(status), result: { message, ...(kind && { kind }) } }, status);
}

function code(status: number): object {
  return { "status-code": status, status: STATUS_CODES[status] };
}

function envelope(value: object, status: number): ApiResponse {
  return {
    status,
    headers: { "content-type": "application/json" },
    body: Buffer.from(JSON.stringify(value)),
  };
}

/**
 * The JSON object of a body.
 *
 * @throws {Refusal} 400 when it is none.
 */
export function readJson(request: ApiRequest, what: string): Record<string, unknown> {
  const text = decoder.decode(request.body);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Refusal(400, `cannot decode ${what}: ${text.trim() === "" ? "EOF" : (cause as Error).message}`);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new Refusal(400, `cannot decode ${what}: json: cannot unmarshal into an object`);
}

/** Text under a key; anything else is empty. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Texts under a key; anything else is an empty list. */
export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

/** A query parameter that may be repeated and hold commas. */
export function listParameter(query: URLSearchParams, name: string): readonly string[] {
  return query
    .getAll(name)
    .flatMap((value) => value.split(","))
    .map((value) => value.trim())
    .filter((value) => value !== "");
}
