import { recordedBytes } from "./body.ts";
import type { Notes } from "./recorder.ts";
import { isTelling } from "./secret-book.ts";

/**
 * Learns what a request keeps secret: its authorization, and parameters whose names tell.
 *
 * @returns The URL, without a user.
 */
export function learnFromRequest({ url: address, headers }: Request, learn: (value: string) => void): string {
  const authorization = headers.get("authorization")?.split(" ").at(-1);
  if (authorization) learn(authorization);
  const url = new URL(address);
  for (const [name, value] of url.searchParams) if (isTelling(name) && value !== "") learn(value);
  url.username = "";
  url.password = "";
  return url.href;
}

/**
 * Writes down what goes through `fetch`, without headers but the types of bodies.
 *
 * @returns Puts the old `fetch` back.
 */
export function recordFetch(notes: Notes): () => void {
  const original = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const body = request.body === null ? undefined : new Uint8Array(await request.clone().arrayBuffer());
    const hear = (answer?: { status: number; headers: Record<string, string>; bytes: Uint8Array }) =>
      notes.quietly(() => {
        notes.hear({
          kind: "http",
          method: request.method,
          url: learnFromRequest(request, notes.learn),
          ...(body === undefined ? {} : { body: recordedBytes(body) }),
          ...(answer && {
            answer: { status: answer.status, headers: answer.headers, body: recordedBytes(answer.bytes) },
          }),
        });
      });
    try {
      const response = await original(request);
      const bytes = new Uint8Array(await response.clone().arrayBuffer());
      const type = response.headers.get("content-type");
      hear({ status: response.status, headers: type === null ? {} : { "content-type": type }, bytes });
      return response;
    } catch (error) {
      hear();
      throw error;
    }
  };
  return () => {
    globalThis.fetch = original;
  };
}
