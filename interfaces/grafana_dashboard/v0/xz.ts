/**
 * XZ containers without compression: what Python's `lzma` opens, written without an encoder.
 *
 * @see https://tukaani.org/xz/xz-file-format.txt
 */

/** Data of one chunk of LZMA2; its size travels as 16 bits less one. */
const CHUNK = 0x1_0000;
/** Check of the blocks' data: CRC32. */
const FLAGS = Buffer.from([0x00, 0x01]);
/** LZMA2 (0x21) with a dictionary of 8 MiB (22), in 12 bytes. */
const BLOCK = Buffer.from([0x02, 0x00, 0x21, 0x01, 0x16, 0x00, 0x00, 0x00]);

/** One stream with one block of chunks that are stored as they are: 3 bytes more for every 64 KiB. */
export function xz(text: string): Buffer {
  const data = Buffer.from(text);
  const block = withCrc(BLOCK);
  const chunks: Buffer[] = [];
  for (let at = 0; at < data.length; at += CHUNK) {
    const part = data.subarray(at, at + CHUNK);
    // 1: the first chunk, which empties the dictionary; 2: one more.
    chunks.push(Buffer.from([at === 0 ? 1 : 2, (part.length - 1) >> 8, (part.length - 1) & 0xff]), part);
  }
  const body = Buffer.concat([...chunks, Buffer.of(0)]);
  const index = withCrc(
    padded(
      Buffer.concat([Buffer.of(0), number(1), number(block.length + body.length + 4), number(data.length)]),
    ),
  );
  const footer = Buffer.concat([uint32(index.length / 4 - 1), FLAGS]);
  return Buffer.concat([
    Buffer.from("fd377a585a00", "hex"),
    withCrc(FLAGS),
    block,
    padded(body),
    uint32(crc32(data)),
    index,
    uint32(crc32(footer)),
    footer,
    Buffer.from("YZ"),
  ]);
}

function crc32(data: Buffer): number {
  return process.getBuiltinModule("node:zlib").crc32(data);
}

function withCrc(data: Buffer): Buffer {
  return Buffer.concat([data, uint32(crc32(data))]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** To a multiple of four bytes. */
function padded(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
}

/** Seven bits a byte, the lowest first, the highest bit says that more follow. */
function number(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}
