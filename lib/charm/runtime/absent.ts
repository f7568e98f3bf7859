import { PebbleApiError, PebblePathError } from "../../pebble/errors.ts";

/** The answer, or `absent` when there is no such file. */
export async function absentAs<T, A>(absent: A, answer: Promise<T>): Promise<T | A> {
  try {
    return await answer;
  } catch (error) {
    if (isNotFound(error)) return absent;
    throw error;
  }
}

function isNotFound(error: unknown): boolean {
  return (error instanceof PebblePathError || error instanceof PebbleApiError) && error.kind === "not-found";
}
