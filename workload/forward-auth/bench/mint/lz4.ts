/**
 * LZ4 frames that hold their content in stored blocks, which is what tokens become: they do not compress.
 *
 * @see LZ4 frame format 1.6; xxHash32
 */

const P1 = 0x9e3779b1;
const P2 = 0x85ebca77;
const P3 = 0xc2b2ae3d;
const P4 = 0x27d4eb2f;
const P5 = 0x165667b1;
const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by));
const round = (lane: number, input: number): number =>
  Math.imul(rotate((lane + Math.imul(input, P2)) | 0, 13), P1);

/** Four lanes over whole stripes of 16 bytes; the hash so far and where it stopped. */
function stripes(bytes: Buffer): readonly [hash: number, at: number] {
  let [a, b, c, d] = [(P1 + P2) | 0, P2 | 0, 0, -P1 | 0];
  let at = 0;
  for (; at + 16 <= bytes.length; at += 16) {
    a = round(a, bytes.readInt32LE(at));
    b = round(b, bytes.readInt32LE(at + 4));
    c = round(c, bytes.readInt32LE(at + 8));
    d = round(d, bytes.readInt32LE(at + 12));
  }
  return [(rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0, at];
}

/** xxHash32 with seed 0. */
export function xxHash32(bytes: Buffer): number {
  let [hash, at] = bytes.length >= 16 ? stripes(bytes) : [P5 | 0, 0];
  hash = (hash + bytes.length) | 0;
  for (; at + 4 <= bytes.length; at += 4)
    hash = Math.imul(rotate((hash + Math.imul(bytes.readInt32LE(at), P3)) | 0, 17), P4);
  for (; at < bytes.length; at++)
    hash = Math.imul(rotate((hash + Math.imul(bytes[at] ?? 0, P5)) | 0, 11), P1);
  hash = Math.imul(hash ^ (hash >>> 15), P2);
  hash = Math.imul(hash ^ (hash >>> 13), P3);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** One frame: 64 KiB blocks, independent, with the content's checksum. */
export function frame(content: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from("04224d186440a7", "hex")];
  for (let at = 0; at < content.length; at += 65_536) {
    const block = content.subarray(at, at + 65_536);
    const size = Buffer.alloc(4);
    size.writeUInt32LE((block.length | 0x80000000) >>> 0);
    parts.push(size, block);
  }
  const end = Buffer.alloc(8);
  end.writeUInt32LE(xxHash32(content), 4);
  return Buffer.concat([...parts, end]);
}
