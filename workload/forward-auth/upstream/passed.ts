/** A request that may pass, on its way to an upstream. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Identified } from "../identity/claims.ts";

/** Why an upstream did not answer: words for the log, never for the client. */
export type UpstreamFault = "unreachable" | "timeout" | "closed" | "malformed";

/** A connection that is to speak another protocol. */
export interface Upgrading {
  readonly socket: Socket;
  /** What the client sent behind its request. */
  readonly head: Buffer;
}

/** A request that was decided, and how to end it. */
export interface Passed {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Present when the client asked for another protocol and gets it if the upstream agrees. */
  readonly upgrade: Upgrading | undefined;
  /** Who it is; undefined for a request that is allowed without login. */
  readonly session: Identified | undefined;
  /** Our headers of the answer, name, value, name, value: identity and cookies. */
  readonly answer: readonly string[];
  /** Headers that applications ask for, name, value, name, value. */
  readonly wanted: readonly string[];
  /** Names that are never taken from the client, as {@link foldedName} makes them. */
  readonly foreign: ReadonlySet<string> | undefined;
  /** The request's host, from its target or its header. */
  readonly host: string | undefined;
  /** Address of the peer; empty for a Unix socket. */
  readonly peer: string;
  /** Milliseconds from now for which an upgraded connection may last; asked again when they are over. 0 or less: it ends. */
  life(): Promise<number>;
  /** Answers with the error page: 400, 413 or 502. */
  fail(status: 400 | 413 | 502, fault: UpstreamFault | "bad-target" | "too-large", detail: string): void;
  /** Answers without an upstream. */
  reply(status: number, headers: readonly string[], body?: Buffer): void;
  /** The answer of the upstream was sent, or broke off. */
  done(status: number, bytes: number): void;
}
