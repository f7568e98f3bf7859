import { PebbleApiError, PebbleProtocolError } from "./errors.ts";
import type { PebbleRequest, PebbleResponse, PebbleTransport } from "./transport.ts";

/** The `result` of an answer and, for asynchronous ones, the id of its change. */
export interface ApiAnswer {
  readonly result: unknown;
  readonly change: string;
}

/** A request and what it is for, in words that follow "Cannot". */
export interface ApiCall extends PebbleRequest {
  readonly what: string;
}

const decoder = new TextDecoder();

/**
 * Sends one request and opens the envelope of its answer.
 *
 * @throws {PebbleApiError} When Pebble refuses. @throws {PebbleUnreachableError} When nothing answers.
 */
export async function call(transport: PebbleTransport, request: ApiCall): Promise<ApiAnswer> {
  const response = await transport.request(request);
  return open(response, request.what);
}

/**
 * As {@link call}, or nothing where Pebble says that what was asked for is not there: an ordinary answer, for which no
 * error need be made.
 */
export async function callIfFound(
  transport: PebbleTransport,
  request: ApiCall,
): Promise<ApiAnswer | undefined> {
  const answer = read(await transport.request(request), request.what);
  if (!(answer instanceof Refusal)) return answer;
  if (answer.kind === "not-found") return undefined;
  throw new PebbleApiError(answer, request.what);
}

/** A JSON body ready to post. */
export function json(value: unknown): { headers: Record<string, string>; body: Uint8Array } {
  return { headers: { "content-type": "application/json" }, body: Buffer.from(JSON.stringify(value)) };
}

/** What an envelope is read from. */
export type Enveloped = Pick<PebbleResponse, "status" | "body" | "json">;

/** Reads an envelope, throwing when it carries an error. */
export function open(response: Enveloped, what: string): ApiAnswer {
  const answer = read(response, what);
  if (answer instanceof Refusal) throw new PebbleApiError(answer, what);
  return answer;
}

/** An envelope that carries an error. */
class Refusal {
  readonly status: number;
  readonly kind: string;
  readonly message: string;

  constructor(status: number, error: Readonly<Record<string, unknown>>) {
    this.status = status;
    this.kind = String(error["kind"] ?? "");
    this.message = String(error["message"] ?? "no reason given");
  }
}

function read(response: Enveloped, what: string): ApiAnswer | Refusal {
  const envelope = parse(response, what);
  if (envelope.type === "error" || response.status >= 400)
    return new Refusal(response.status, record(envelope.result));
  return { result: envelope.result, change: String(envelope.change ?? "") };
}

interface Envelope {
  readonly type?: unknown;
  readonly result?: unknown;
  readonly change?: unknown;
}

function parse(response: Enveloped, what: string): Envelope {
  try {
    return record(response.json ?? JSON.parse(decoder.decode(response.body)));
  } catch (cause) {
    throw new PebbleProtocolError(`Cannot ${what}: the answer with status ${response.status} must be JSON`, {
      cause,
    });
  }
}

/** The value as an object; anything else is an empty one. */
export function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

/** The value as a list; anything else is an empty one. */
export function list<T>(value: unknown): readonly T[] {
  return Array.isArray(value) ? (value as T[]) : [];
}

/** Path and query; undefined and empty values are left out, lists repeat their key. */
export function withQuery(
  path: string,
  query: Record<string, string | readonly string[] | undefined>,
): string {
  let text = path;
  const add = (key: string, value: string) => {
    text += `${text === path ? "?" : "&"}${encoded(key)}=${encoded(value)}`;
  };
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === "") continue;
    if (typeof value === "string") add(key, value);
    else for (const one of value) add(key, one);
  }
  return text;
}

/** As `URLSearchParams` writes it. */
function encoded(text: string): string {
  if (/^[\w.*/-]*$/.test(text)) return text.replaceAll("/", "%2F");
  const found = encodeURIComponent(text.toWellFormed());
  return found.replace(/%20|[!'()~]/g, (one) =>
    one === "%20" ? "+" : `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
