import { endianness } from "node:os";

const P1 = 0x9e3779b1;
const P2 = 0x85ebca77;
const P3 = 0xc2b2ae3d;
const P4 = 0x27d4eb2f;
const P5 = 0x165667b1;

const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by));
const word = (bytes: Uint8Array, at: number): number =>
  (bytes[at] as number) |
  ((bytes[at + 1] as number) << 8) |
  ((bytes[at + 2] as number) << 16) |
  ((bytes[at + 3] as number) << 24);
const round = (sum: number, value: number): number =>
  Math.imul(rotate((sum + Math.imul(value, P2)) | 0, 13), P1);

const LITTLE = endianness() === "LE";

/** The whole words of a range, in the order of their bytes. */
function wordsOf(bytes: Uint8Array, start: number, count: number): Int32Array {
  const from = bytes.byteOffset + start;
  if (LITTLE && (from & 3) === 0) return new Int32Array(bytes.buffer, from, count);
  return Int32Array.from({ length: count }, (_, index) => word(bytes, start + index * 4));
}

/** The sum of whole stripes of four words. */
function stripes(words: Int32Array): number {
  let one = (P1 + P2) | 0;
  let two = P2 | 0;
  let three = 0;
  let four = -P1 | 0;
  for (let at = 0; at + 4 <= words.length; at += 4) {
    one = round(one, words[at] as number);
    two = round(two, words[at + 1] as number);
    three = round(three, words[at + 2] as number);
    four = round(four, words[at + 3] as number);
  }
  return (rotate(one, 1) + rotate(two, 7) + rotate(three, 12) + rotate(four, 18)) | 0;
}

/**
 * xxHash, 32 bits, seed 0, of a range of bytes: the checksum of LZ4 frames.
 *
 * @returns An unsigned 32-bit number.
 * @see Cyan4973/xxHash: doc/xxhash_spec.md
 */
export function xxHash32(bytes: Uint8Array, start = 0, end = bytes.length): number {
  const length = end - start;
  let sum = length >= 16 ? stripes(wordsOf(bytes, start, length >> 2)) : P5;
  sum = (sum + length) | 0;
  let at = length >= 16 ? end - (length % 16) : start;
  for (; at + 4 <= end; at += 4) sum = Math.imul(rotate((sum + Math.imul(word(bytes, at), P3)) | 0, 17), P4);
  for (; at < end; at++) sum = Math.imul(rotate((sum + Math.imul(bytes[at] as number, P5)) | 0, 11), P1);
  sum = Math.imul(sum ^ (sum >>> 15), P2);
  sum = Math.imul(sum ^ (sum >>> 13), P3);
  return (sum ^ (sum >>> 16)) >>> 0;
}
