/**
 * LZ4 frames, as oauth2-proxy packs its cookie sessions. No library on npm both reads frames with a limit on what they
 * unpack to and is kept up; the format is small.
 *
 * @see lz4/lz4: doc/lz4_Frame_format.md, doc/lz4_Block_format.md
 * @module
 */
import { xxHash32 } from "./xxhash.ts";

const MAGIC = 0x184d2204;

/** Most bytes that a frame may unpack to. */
export const MOST_UNPACKED = 1024 * 1024;

/** Version 1, independent blocks, content checksum; blocks of 64 KiB; checksum of these two bytes. */
const HEADER = Uint8Array.of(0x04, 0x22, 0x4d, 0x18, 0x64, 0x40, 0xa7);

const STORED = 0x80000000;
const BLOCK = 65_536;

const word = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)) >>>
  0;

/** What a frame says about itself. */
interface FrameHeader {
  /** Where its blocks begin. */
  readonly at: number;
  readonly mostInBlock: number;
  readonly blockChecksums: boolean;
  readonly contentChecksum: boolean;
  /** Bytes unpacked, if told. */
  readonly size: number | undefined;
}

const USUAL: FrameHeader = {
  at: HEADER.length,
  mostInBlock: BLOCK,
  blockChecksums: false,
  contentChecksum: true,
  size: undefined,
};

function readHeader(frame: Uint8Array): FrameHeader | undefined {
  if (frame.length < 11 || word(frame, 0) !== MAGIC) return undefined;
  const flags = frame[4] as number;
  const sizes = frame[5] as number;
  if (flags === 0x64 && sizes === 0x40) return frame[6] === 0xa7 ? USUAL : undefined;
  const code = (sizes >> 4) & 7;
  if (flags >> 6 !== 1 || (flags & 0x02) !== 0 || (sizes & 0x8f) !== 0 || code < 4) return undefined;
  const end = 6 + (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0);
  if (frame.length <= end || ((xxHash32(frame, 4, end) >>> 8) & 0xff) !== frame[end]) return undefined;
  // A dictionary that we do not have makes what follows unreadable.
  if ((flags & 0x01) !== 0) return undefined;
  const size = flags & 0x08 ? word(frame, 6) + word(frame, 10) * 2 ** 32 : undefined;
  return {
    at: end + 1,
    mostInBlock: 1 << (8 + 2 * code),
    blockChecksums: (flags & 0x10) !== 0,
    contentChecksum: (flags & 0x04) !== 0,
    size,
  };
}

/** What was unpacked so far; grows up to the limit and is used again for the next frame. */
const scratch = { bytes: Buffer.alloc(BLOCK) };

function room(length: number, kept: number): boolean {
  if (length > MOST_UNPACKED) return false;
  if (length <= scratch.bytes.length) return true;
  const larger = Buffer.alloc(Math.min(MOST_UNPACKED, Math.max(length, scratch.bytes.length * 2)));
  larger.set(scratch.bytes.subarray(0, kept));
  scratch.bytes = larger;
  return true;
}

/** Literals that are worth a call that copies them; tokens are that long, names are not. */
const MANY = 64;

/** Unpacks one block behind what is in the scratch already; returns where it ends there, or -1. */
function unpackBlock(block: Uint8Array, from: number, to: number, start: number, first: number): number {
  let at = from;
  let out = start;
  while (at < to) {
    const token = block[at++] as number;
    let literals = token >> 4;
    if (literals === 15) {
      let more = 255;
      while (more === 255 && at < to) literals += more = block[at++] as number;
      if (more === 255) return -1;
    }
    if (at + literals > to || !room(out + literals, out)) return -1;
    const { bytes } = scratch;
    if (literals > MANY) bytes.set(block.subarray(at, at + literals), out);
    else for (let index = 0; index < literals; index++) bytes[out + index] = block[at + index] as number;
    at += literals;
    out += literals;
    if (at === to) return out;
    if (at + 2 > to) return -1;
    const offset = (block[at] as number) | ((block[at + 1] as number) << 8);
    at += 2;
    let length = (token & 15) + 4;
    if (length === 19) {
      let more = 255;
      while (more === 255 && at < to) length += more = block[at++] as number;
      if (more === 255) return -1;
    }
    if (offset === 0 || offset > out - first || !room(out + length, out)) return -1;
    const target = scratch.bytes;
    for (const end = out + length; out < end; out++) target[out] = target[out - offset] as number;
  }
  return -1; // A block ends with literals.
}

/** Unpacks the blocks; returns the end in the scratch and the end in the frame. */
function unpackBlocks(frame: Uint8Array, header: FrameHeader): { out: number; at: number } | undefined {
  let { at } = header;
  let out = 0;
  while (at + 4 <= frame.length) {
    const mark = word(frame, at);
    at += 4;
    if (mark === 0) return { out, at };
    const length = mark & ~STORED;
    if (length > header.mostInBlock || at + length > frame.length) return undefined;
    const before = out;
    if (mark >>> 31 === 1) {
      if (!room(out + length, out)) return undefined;
      scratch.bytes.set(frame.subarray(at, at + length), out);
      out += length;
    } else {
      out = unpackBlock(frame, at, at + length, out, Math.max(0, out - BLOCK));
      if (out === -1 || out - before > header.mostInBlock) return undefined;
    }
    if (header.blockChecksums) {
      if (at + length + 4 > frame.length || word(frame, at + length) !== xxHash32(frame, at, at + length))
        return undefined;
      at += 4;
    }
    at += length;
  }
  return undefined;
}

/**
 * Unpacks a frame of at most {@link MOST_UNPACKED} bytes.
 *
 * @returns Undefined when it is no whole frame or its checksums are wrong. The bytes are valid until the next call.
 */
export function unpackLz4(frame: Uint8Array): Uint8Array | undefined {
  const header = readHeader(frame);
  if (header === undefined || (header.size ?? 0) > MOST_UNPACKED) return undefined;
  const end = unpackBlocks(frame, header);
  if (end === undefined) return undefined;
  const { out, at } = end;
  if (header.size !== undefined && header.size !== out) return undefined;
  if (frame.length !== at + (header.contentChecksum ? 4 : 0)) return undefined;
  if (header.contentChecksum && word(frame, at) !== xxHash32(scratch.bytes, 0, out)) return undefined;
  return scratch.bytes.subarray(0, out);
}

/** Where each of the last four-byte sequences was seen, by a hash of it. */
const seen = new Int32Array(4096);

/** A length of 15 or more in a token goes on in bytes behind it. */
function pushLength(out: number[], length: number): void {
  let rest = length - 15;
  for (; rest >= 255; rest -= 255) out.push(255);
  out.push(rest);
}

function pushSequence(out: number[], block: Uint8Array, from: number, to: number, match: number): void {
  const literals = to - from;
  out.push((Math.min(literals, 15) << 4) | (match < 4 ? 0 : Math.min(match - 4, 15)));
  if (literals >= 15) pushLength(out, literals);
  for (let at = from; at < to; at++) out.push(block[at] as number);
}

/** Packs one block greedily; undefined when that makes it no smaller. */
function packBlock(block: Uint8Array): Uint8Array | undefined {
  seen.fill(-1);
  const out: number[] = [];
  let anchor = 0;
  // The last match begins 12 bytes before the end at the latest, and the last 5 bytes are literals.
  for (let at = 0; at < block.length - 12; ) {
    const value = word(block, at);
    const slot = Math.imul(value, 0x9e3779b1) >>> 20;
    const found = seen[slot] as number;
    seen[slot] = at;
    if (found < 0 || word(block, found) !== value) {
      at++;
      continue;
    }
    let length = 4;
    while (at + length < block.length - 5 && block[found + length] === block[at + length]) length++;
    pushSequence(out, block, anchor, at, length);
    out.push((at - found) & 0xff, (at - found) >> 8);
    if (length >= 19) pushLength(out, length - 4);
    at += length;
    anchor = at;
  }
  pushSequence(out, block, anchor, block.length, 0);
  return out.length < block.length ? Uint8Array.from(out) : undefined;
}

function write32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

/** Packs bytes into a frame as oauth2-proxy writes it: blocks that would not get smaller are stored as they are. */
export function packLz4(content: Uint8Array): Uint8Array {
  const blocks: { readonly bytes: Uint8Array; readonly mark: number }[] = [];
  for (let at = 0; at < content.length; at += BLOCK) {
    const block = content.subarray(at, at + BLOCK);
    const packed = packBlock(block);
    blocks.push(
      packed === undefined
        ? { bytes: block, mark: (block.length | STORED) >>> 0 }
        : { bytes: packed, mark: packed.length },
    );
  }
  const frame = new Uint8Array(HEADER.length + blocks.reduce((sum, { bytes }) => sum + 4 + bytes.length, 8));
  frame.set(HEADER);
  let at = HEADER.length;
  for (const { bytes, mark } of blocks) {
    write32(frame, at, mark);
    frame.set(bytes, at + 4);
    at += 4 + bytes.length;
  }
  write32(frame, at + 4, xxHash32(content));
  return frame;
}
