/** What a client may cost. */

/** Limits of a listener. Times in milliseconds. */
export interface Limits {
  /** Bytes of request line and headers. */
  readonly headerBytes: number;
  /** Headers of a request. */
  readonly headers: number;
  /** Until the headers are there. */
  readonly headersTimeout: number;
  /** Until a body is there that is not handed on to an upstream. */
  readonly bodyTimeout: number;
  /** An idle connection; longer than gateways keep theirs, which otherwise use one that is being closed. */
  readonly idleTimeout: number;
  /** Between looks for connections that are too slow. */
  readonly checkInterval: number;
  /** Until a TLS handshake is done. */
  readonly handshakeTimeout: number;
  /** Connections of one listener. */
  readonly connections: number;
}

/** Limits of every listener. */
export const LIMITS: Limits = {
  headerBytes: 65_536,
  headers: 1000,
  headersTimeout: 15_000,
  bodyTimeout: 30_000,
  idleTimeout: 120_000,
  checkInterval: 5000,
  handshakeTimeout: 10_000,
  connections: 16_384,
};
