import { randomFillSync } from "node:crypto";

/** Bytes fetched at once. */
const POOL = 16_384;

let pool = Buffer.alloc(POOL);
let used = POOL;

/** Sees to it that there are as many unused bytes. */
function refill(length: number): void {
  if (length > 256) throw new RangeError(`Cannot take ${length} random bytes: should be 256 at most`);
  if (used + length <= POOL) return;
  pool = randomFillSync(Buffer.alloc(POOL));
  used = 0;
}

/**
 * Random bytes for secrets, in a buffer of their own. They come from a stock that is filled by one call for many: a call costs 3 µs
 * whatever its size, and a login needs four.
 *
 * @param length At most 256.
 */
export function takeRandom(length: number): Buffer {
  refill(length);
  const taken = Buffer.alloc(length);
  for (let at = 0; at < length; at++, used++) {
    taken[at] = pool[used] as number;
    pool[used] = 0;
  }
  return taken;
}

/** The same as text, in base64url. */
export function takeRandomText(length: number): string {
  refill(length);
  const text = pool.toString("base64url", used, used + length);
  pool.fill(0, used, used + length);
  used += length;
  return text;
}
