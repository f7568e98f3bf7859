/**
 * A file of whole HTTP requests that wrk sends byte for byte. Little-endian 32-bit words: number of requests, length of the order
 * (0: as they come), one offset for each request and one behind the last, the order; then the bytes.
 */
import { closeSync, openSync, writeSync } from "node:fs";

/** What to ask. */
export interface Question {
  /** Path and query. */
  readonly target: string;
  /** `Name: value` lines beside Host. */
  readonly lines?: readonly string[];
  readonly method?: string;
}

/** The bytes of a question. */
export function requestText({ target, lines = [], method = "GET" }: Question): string {
  return `${[`${method} ${target} HTTP/1.1`, "Host: app.example.com", ...lines].join("\r\n")}\r\n\r\n`;
}

/** How requests follow one another: each once, then again; or drawn at random, evenly or by Zipf's law. */
export type Order = "in turn" | "uniform" | "zipf";

const PICKS = 1_000_000;

/** Numbers between 0 and 1, the same each time. @see G. Marsaglia: Xorshift RNGs (2003) */
function randomNumbers(seed = 0x1234567): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Indices below `count`. @param exponent Zipf's exponent, 0 for even draws. */
function picks(count: number, exponent: number): Uint32Array {
  const weights = Float64Array.from({ length: count }, (_, index) => (index + 1) ** -exponent);
  for (let index = 1; index < count; index++)
    weights[index] = (weights[index] ?? 0) + (weights[index - 1] ?? 0);
  const total = weights[count - 1] ?? 1;
  const random = randomNumbers();
  return Uint32Array.from({ length: PICKS }, () => lowest(weights, random() * total));
}

/** The first index whose value is at least the wanted one. */
function lowest(values: Float64Array, wanted: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

const ORDERS: Readonly<Record<Order, (count: number) => Uint32Array>> = {
  "in turn": () => new Uint32Array(0),
  uniform: (count) => picks(count, 0),
  zipf: (count) => picks(count, 1.1),
};

/** Bytes written at once. */
const CHUNK = 8 << 20;

/** Writes the file. @param request Text of the request with that index, latin1; asked once each, in order. */
export function writeRequests(
  file: string,
  count: number,
  request: (index: number) => string,
  order: Order = "in turn",
): void {
  const picked = ORDERS[order](count);
  const offsets = new Uint32Array(count + 1);
  const handle = openSync(file, "w");
  let place = 4 * (2 + count + 1 + picked.length);
  let held = "";
  const flush = () => {
    place += writeSync(handle, Buffer.from(held, "latin1"), 0, held.length, place);
    held = "";
  };
  for (let index = 0; index < count; index++) {
    const text = request(index);
    offsets[index + 1] = (offsets[index] ?? 0) + text.length;
    held += text;
    if (held.length > CHUNK) flush();
  }
  flush();
  const words = Uint32Array.from([count, picked.length]);
  const head = Buffer.concat([words, offsets, picked].map(({ buffer }) => Buffer.from(buffer)));
  writeSync(handle, head, 0, head.length, 0);
  closeSync(handle);
}
