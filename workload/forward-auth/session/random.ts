import { randomFillSync } from "node:crypto";

/** Bytes fetched at once. */
const POOL = 4096;

let pool = Buffer.alloc(POOL);
let used = POOL;

/**
 * Random bytes for secrets, in a buffer of their own. They come from a stock that is filled by one call for many: a call costs 3 µs
 * whatever its size, and a login needs four.
 *
 * @param length At most 256.
 */
export function takeRandom(length: number): Buffer {
  if (length > 256) throw new RangeError(`Cannot take ${length} random bytes: should be 256 at most`);
  if (used + length > POOL) {
    pool = randomFillSync(Buffer.alloc(POOL));
    used = 0;
  }
  const taken = Buffer.alloc(length, pool.subarray(used, used + length));
  pool.fill(0, used, used + length);
  used += length;
  return taken;
}
