import type { Random } from "./run.ts";

const below = (random: Random, limit: number): number => Math.floor(random() * limit);

/** Text whose characters are bytes, made of a valid one: bytes changed, cut, doubled or put in, or none of it valid at all. */
export function mutated(random: Random, valid: Buffer): string {
  if (random() < 0.1)
    return Buffer.from(Array.from({ length: below(random, 60) }, () => below(random, 256))).toString(
      "latin1",
    );
  let bytes = Buffer.from(valid);
  for (let left = 1 + below(random, 4); left > 0; left--) {
    const at = below(random, bytes.length + 1);
    const kind = below(random, 4);
    if (kind === 0 && at < bytes.length) bytes[at] = below(random, 256);
    else if (kind === 1) bytes = bytes.subarray(0, at);
    else if (kind === 2)
      bytes = Buffer.concat([bytes.subarray(0, at), Buffer.of(below(random, 256)), bytes.subarray(at)]);
    else bytes = Buffer.concat([bytes, bytes.subarray(at)]);
  }
  return bytes.subarray(0, 20_000).toString("latin1");
}
