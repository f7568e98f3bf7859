import type { IncomingMessage } from "node:http";

/** The body is longer than its reader takes. */
export class BodyTooLargeError extends Error {
  readonly code = "ERR_BODY_TOO_LARGE";
  override readonly name = "BodyTooLargeError";
}

/**
 * Reads a request body.
 *
 * @param maxBytes Longer bodies are refused before they are kept.
 * @throws {BodyTooLargeError} `ERR_BODY_TOO_LARGE`.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new BodyTooLargeError(`Cannot read body: it exceeds ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
