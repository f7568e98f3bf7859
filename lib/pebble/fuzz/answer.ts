/**
 * Fuzz target: bytes of any kind, in any pieces, are an answer, a part of one or an `HttpFault`, and the pieces make no
 * difference.
 *
 * `node --conditions=charmed-iap:source lib/pebble/fuzz/answer.ts [--runs N | --seconds N] [--seed N]`
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import { AnswerReader, HttpFault } from "../http-answer.ts";
import { fuzz, type Random } from "./run.ts";

const PIECES = [
  "HTTP/1.1 200 OK\r\n",
  "HTTP/1.1 100 Continue\r\n\r\n",
  "HTTP/1.0 404 \r\n",
  "\r\n",
  "\r",
  "\n",
].concat(
  ["Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "Connection: close\r\n", "a: b\r\n"],
  ["3\r\nabc\r\n", "0\r\n", "0", "abc", ":", " ", ";", "\0", "é"],
);

/** What becomes of the bytes; a fault by its text. */
function read(bytes: Buffer, pieceSize: () => number): unknown {
  const reader = new AnswerReader();
  try {
    for (let at = 0; at < bytes.length; ) {
      const size = pieceSize();
      if (reader.push(bytes.subarray(at, at + size))) return reader.answer;
      at += size;
    }
    return reader.end() ? reader.answer : "a part";
  } catch (error) {
    if (error instanceof HttpFault) return error.message;
    throw error;
  }
}

await fuzz("answer", (random: Random) => {
  const bytes = Buffer.from(random.pick(["", PIECES[0]!]) + random.text(PIECES, 14), "latin1");
  const [whole, cut] = [read(bytes, () => bytes.length), read(bytes, () => 1 + random.below(5))];
  if (!isDeepStrictEqual(whole, cut)) throw new Error(`not the same: ${JSON.stringify({ whole, cut })}`);
});
