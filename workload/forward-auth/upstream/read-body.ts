/** The whole body of a request, where it has to be known before it is sent. */
import type { Passed } from "./passed.ts";

/**
 * Reads the body.
 *
 * @param most Bytes; a longer one is answered 413.
 * @returns Undefined when the request was answered, or its client is gone.
 */
export async function readBody(passed: Passed, most: number): Promise<Buffer | undefined> {
  const { request, response } = passed;
  if (request.headers.expect !== undefined) response.writeContinue();
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      length += (chunk as Buffer).length;
      if (length > most) {
        passed.fail(413, "too-large", `a signed body has at most ${most} bytes`);
        return undefined;
      }
      chunks.push(chunk as Buffer);
    }
  } catch {
    // The connection broke: there is nobody to answer.
    passed.done(499, 0);
    return undefined;
  }
  return Buffer.concat(chunks);
}
