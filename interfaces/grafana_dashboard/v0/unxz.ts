/**
 * Opens XZ containers, for dashboards that other charms have compressed. Hostile input ends in {@link XzFault}.
 *
 * Only what `xz` and Python's `lzma` write by default: one filter, LZMA2, in any number of blocks and streams.
 *
 * @see https://tukaani.org/xz/xz-file-format.txt
 */

import { LzmaDecoder } from "./lzma.ts";

/** Data is no XZ container, or one that is damaged, too large or of a kind that is not read. */
export class XzFault extends Error {
  override readonly name = "XzFault";
  readonly code = "ERR_XZ";
}

/** How many bytes may still be opened; several containers may share it. */
export interface Room {
  left: number;
}

/** Bytes of a stream's check, by its type. */
const CHECK_BYTES: Readonly<Record<number, number>> = { 0: 0, 1: 4, 4: 8, 10: 32 };

/**
 * The data of a container. Its check is compared if it is CRC32; Python's default, CRC64, is passed over: what is damaged
 * is no JSON, or fails in the decoder.
 *
 * @throws {XzFault}
 */
export function unxz(data: Uint8Array, room: Room): Uint8Array {
  const input = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const reader = new Reader(input);
  const parts: Uint8Array[] = [];
  do {
    parts.push(...stream(reader, room));
    while (reader.left >= 4 && reader.peek(4).equals(Buffer.alloc(4))) reader.take(4);
  } while (reader.left > 0);
  return Buffer.concat(parts);
}

function stream(reader: Reader, room: Room): Uint8Array[] {
  if (!reader.take(6).equals(Buffer.from("fd377a585a00", "hex")))
    throw new XzFault("must be an XZ container");
  const flags = reader.take(2);
  reader.crc(flags);
  const check = CHECK_BYTES[flags[1] ?? 255];
  if (flags[0] !== 0 || check === undefined) throw new XzFault("has an integrity check that is not known");
  const parts: Uint8Array[] = [];
  while (reader.peek(1)[0] !== 0) {
    const part = block(reader, room);
    const sum = reader.take(check);
    if (check === 4 && sum.readUInt32LE() !== crc32(part)) throw new XzFault("is damaged: checksums differ");
    parts.push(part);
  }
  skipIndex(reader);
  return parts;
}

function block(reader: Reader, room: Room): Uint8Array {
  const start = reader.at;
  const length = ((reader.peek(1)[0] ?? 0) + 1) * 4;
  const header = reader.take(length - 4);
  reader.crc(header);
  const flags = header[1] ?? 0;
  const fields = new Reader(header.subarray(2));
  if ((flags & 0x3f) !== 0) throw new XzFault("has filters that are not read, only LZMA2 is");
  if ((flags & 0x40) !== 0) fields.number();
  if ((flags & 0x80) !== 0) fields.number();
  if (fields.number() !== 0x21 || fields.number() !== 1)
    throw new XzFault("has filters that are not read, only LZMA2 is");
  const part = chunks(reader, room);
  reader.take((4 - ((reader.at - start) % 4)) % 4);
  return part;
}

/** LZMA2: chunks that are stored or compressed, each saying what of the decoder's state it keeps. */
function chunks(reader: Reader, room: Room): Uint8Array {
  const decoder = new LzmaDecoder();
  for (;;) {
    const control = reader.take(1)[0] ?? 0;
    if (control === 0) return decoder.output();
    if (control > 2 && control < 0x80) throw new XzFault("is damaged: no chunk begins so");
    const high = control >= 0x80 ? control & 0x1f : 0;
    const size = high * 0x1_0000 + reader.take(2).readUInt16BE() + 1;
    if (size > room.left) throw new XzFault("opens to more bytes than are read");
    room.left -= size;
    if (control === 1 || control >= 0xe0) decoder.forget();
    if (control < 0x80) {
      decoder.store(reader.take(size));
      continue;
    }
    const packed = reader.take(2).readUInt16BE() + 1;
    const reset = (control >> 5) & 3;
    if (reset >= 2) setProperties(decoder, reader.take(1)[0] ?? 255);
    else if (reset === 1) decoder.reset();
    if (!decoder.decode(reader.take(packed), size))
      throw new XzFault("is damaged: it cannot be decompressed");
  }
}

function setProperties(decoder: LzmaDecoder, byte: number): void {
  const [lc, lp, pb] = [byte % 9, Math.floor(byte / 9) % 5, Math.floor(byte / 45)];
  if (pb > 4 || lc + lp > 4) throw new XzFault("is damaged: no such properties");
  decoder.reset({ lc, lp, pb });
}

/** What the index says follows from the blocks; only its own length and sum matter here. */
function skipIndex(reader: Reader): void {
  const start = reader.at;
  reader.take(1);
  for (let records = reader.number(); records > 0; records--) {
    reader.number();
    reader.number();
  }
  reader.take((4 - ((reader.at - start) % 4)) % 4);
  reader.crc(reader.since(start));
  reader.take(4);
  if (!reader.take(8).subarray(6).equals(Buffer.from("YZ")))
    throw new XzFault("is damaged: its end is missing");
}

function crc32(data: Uint8Array): number {
  return process.getBuiltinModule("node:zlib").crc32(data);
}

/** Takes bytes from the front; too few of them are a fault. */
class Reader {
  at = 0;
  readonly #data: Buffer;

  constructor(data: Buffer) {
    this.#data = data;
  }

  get left(): number {
    return this.#data.length - this.at;
  }

  peek(bytes: number): Buffer {
    if (bytes > this.left) throw new XzFault("is cut off");
    return this.#data.subarray(this.at, this.at + bytes);
  }

  take(bytes: number): Buffer {
    const taken = this.peek(bytes);
    this.at += bytes;
    return taken;
  }

  since(start: number): Buffer {
    return this.#data.subarray(start, this.at);
  }

  /** Takes the CRC32 of the bytes and compares it. */
  crc(data: Buffer): void {
    if (this.take(4).readUInt32LE() !== crc32(data)) throw new XzFault("is damaged: checksums differ");
  }

  /** Seven bits a byte, the lowest first; at most nine bytes. */
  number(): number {
    let value = 0;
    for (let index = 0; index < 9; index++) {
      const byte = this.take(1)[0] ?? 0;
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return value;
    }
    throw new XzFault("is damaged: no such number");
  }
}
