/**
 * The little of MessagePack that a session record needs, written from the specification: benchmarks mint cookies with the code of
 * neither subject.
 *
 * @see MessagePack specification: str, bin, array, fixmap, timestamp extension
 */

const utf8 = (text: string): Buffer => Buffer.from(text, "utf8");

/** A string. */
export function str(text: string): Buffer {
  const bytes = utf8(text);
  const { length } = bytes;
  if (length < 32) return Buffer.concat([Buffer.of(0xa0 | length), bytes]);
  if (length < 256) return Buffer.concat([Buffer.of(0xd9, length), bytes]);
  return Buffer.concat([Buffer.of(0xda, length >> 8, length & 255), bytes]);
}

/** Bytes, fewer than 256. */
export const bin = (bytes: Buffer): Buffer => Buffer.concat([Buffer.of(0xc4, bytes.length), bytes]);

/** A list of strings. */
export function list(items: readonly string[]): Buffer {
  const { length } = items;
  const head = length < 16 ? Buffer.of(0x90 | length) : Buffer.of(0xdc, length >> 8, length & 255);
  return Buffer.concat([head, ...items.map(str)]);
}

/** A time with whole seconds. */
export function time(seconds: number): Buffer {
  const bytes = Buffer.from([0xd6, 0xff, 0, 0, 0, 0]);
  bytes.writeUInt32BE(seconds, 2);
  return bytes;
}

/** A map of fewer than 16 members; values are encoded already. */
export function map(members: readonly (readonly [key: string, value: Buffer])[]): Buffer {
  return Buffer.concat([
    Buffer.of(0x80 | members.length),
    ...members.flatMap(([key, value]) => [str(key), value]),
  ]);
}
