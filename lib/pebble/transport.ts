import type { Part } from "./multipart.ts";

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
  /** What the body says in JSON, from a transport that has it so: nobody need write and read it. */
  readonly json?: unknown;
  /** The parts of a multipart body, from a transport that has them apart: nobody need write and read it. */
  readonly parts?: readonly AnswerPart[];
}

/** A part of an answer. */
export interface AnswerPart extends Part {
  /** What its content says in JSON, where the transport has it so. */
  readonly json?: unknown;
}

/** An answer whose body arrives piece by piece. Leaving the iteration ends the request. */
export interface PebbleStream {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
}

/** One of a task's websockets; text messages are strings, binary ones bytes. */
export interface PebbleWebSocket {
  /** Messages in order; ends when either side closes. */
  readonly messages: AsyncIterable<string | Uint8Array>;
  /** A promise, if any, is fulfilled once the message has left; of a closed websocket too. */
  send(message: string | Uint8Array): Promise<void> | void;
  close(): void;
}

/**
 * Carries requests to a Pebble: over its unix socket, or to an embedded one in this process. Rejects with
 * `PebbleUnreachableError` (code `ERR_PEBBLE_UNREACHABLE`) when nothing answers.
 */
export interface PebbleTransport {
  request(request: PebbleRequest): Promise<PebbleResponse>;
  close(): void;
  /** Folder of this machine that is the container's file system, where one is: paths for programs lead there. */
  readonly root?: string;
  /** Needed to follow logs; a transport without it cannot. */
  stream?(request: PebbleRequest): Promise<PebbleStream>;
  /** Needed for exec; a transport without it cannot. Rejects when the websocket is refused. */
  websocket?(path: string): Promise<PebbleWebSocket>;
}
