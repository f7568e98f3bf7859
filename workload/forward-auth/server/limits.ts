/** Limits of every listener. Times in milliseconds. */
export const LIMITS = {
  /** Bytes of request line and headers. */
  headerBytes: 65_536,
  /** Headers of a request. */
  headers: 1000,
  /** Until the headers are there. */
  headersTimeout: 15_000,
  /** Until a body is there that is not handed on to an upstream. */
  bodyTimeout: 30_000,
  /** An idle connection; longer than gateways keep theirs, which otherwise use one that is being closed. */
  idleTimeout: 120_000,
  /** Between looks for connections that are too slow. */
  checkInterval: 5000,
  /** Until a TLS handshake is done. */
  handshakeTimeout: 10_000,
  /** Connections of one listener. */
  connections: 16_384,
} as const;
