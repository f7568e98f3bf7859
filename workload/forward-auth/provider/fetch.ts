/** Most bytes taken of a provider's answer. */
const MOST = 1024 * 1024;

/** The provider's answer is larger than 1 MiB. */
class AnswerTooLargeError extends Error {
  readonly code = "ERR_ANSWER_TOO_LARGE";
}

async function readBounded(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MOST)
      throw new AnswerTooLargeError(`Cannot read the provider's answer: more than ${MOST} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/**
 * `fetch` for talking to the provider: follows no redirect and takes no more than 1 MiB. The time limit is the caller's
 * signal.
 */
export async function boundedFetch(url: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, { ...init, redirect: "manual" });
  const body = await readBounded(response);
  const empty = body.length === 0 || [204, 205, 304].includes(response.status);
  return new Response(empty ? null : body, { status: response.status, headers: response.headers });
}
