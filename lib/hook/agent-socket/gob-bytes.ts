import { GobFault } from "./gob-types.ts";

/** Writes gob's numbers and byte strings, one after the other. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafe(256);
  #length = 0;

  /** What has been written, and will be changed by what is written next. */
  get written(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Below 128 one byte; else 256 minus the count of bytes, then these, big endian. */
  uint(value: number | bigint): void {
    this.#need(9);
    if (value < 128) {
      this.#bytes[this.#length++] = Number(value);
      return;
    }
    let rest = BigInt(value);
    let size = 0;
    for (let left = rest; left > 0n; left >>= 8n) size += 1;
    this.#bytes[this.#length] = 256 - size;
    for (let at = this.#length + size; at > this.#length; at -= 1, rest >>= 8n)
      this.#bytes[at] = Number(rest & 0xffn);
    this.#length += 1 + size;
  }

  /** The sign goes into the lowest bit: 2 becomes 4, -1 becomes 1. */
  int(value: number): void {
    if (Math.abs(value) < 2 ** 51) {
      this.uint(value < 0 ? -2 * value - 1 : 2 * value);
    } else {
      const wide = BigInt(value);
      this.uint(wide < 0n ? ((-wide - 1n) << 1n) | 1n : wide << 1n);
    }
  }

  text(text: string): void {
    const size = Buffer.byteLength(text);
    this.uint(size);
    this.#need(size);
    this.#bytes.write(text, this.#length);
    this.#length += size;
  }

  /** Their count, and they. */
  bytes(bytes: Uint8Array): void {
    this.uint(bytes.length);
    this.#need(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #need(more: number): void {
    const size = this.#length + more;
    if (size <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * size);
    larger.set(this.written);
    this.#bytes = larger;
  }
}

/** Reads gob's numbers and byte strings out of one message. */
export class ByteReader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  /** A number when it is exact as one, else a bigint. */
  uint(): number | bigint {
    const first = this.#bytes[this.#offset];
    if (first === undefined) throw ended();
    this.#offset += 1;
    if (first < 128) return first;
    const size = 256 - first;
    if (size > 8) throw new GobFault("encoded unsigned integer out of range");
    const bytes = this.take(size);
    if (size <= 6) return bytes.readUIntBE(0, size);
    const wide = BigInt(`0x${bytes.toString("hex")}`);
    return wide <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(wide) : wide;
  }

  int(): number | bigint {
    const coded = this.uint();
    if (typeof coded === "number") return coded % 2 === 1 ? -(coded - 1) / 2 - 1 : coded / 2;
    const value = (coded & 1n) === 1n ? -(coded >> 1n) - 1n : coded >> 1n;
    const narrow = Number(value);
    return Number.isSafeInteger(narrow) ? narrow : value;
  }

  /** A count of things that take at least one byte each. */
  count(): number {
    const count = this.uint();
    if (count > this.remaining) throw new GobFault("length exceeds input size");
    return Number(count);
  }

  take(size: number): Buffer {
    if (size > this.remaining) throw ended();
    const start = this.#offset;
    this.#offset += size;
    return this.#bytes.subarray(start, this.#offset);
  }

  text(): string {
    const size = this.count();
    const end = this.#offset + size;
    const text = this.#bytes.toString("utf8", this.#offset, end);
    this.#offset = end;
    return text;
  }
}

function ended(): GobFault {
  return new GobFault("unexpected end of message");
}

/** Cuts a byte stream into messages: a length, then that many bytes. */
export class MessageSplitter {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #held = 0;
  #wanted = 1;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether bytes of an unfinished message are held. */
  get partial(): boolean {
    return this.#held > 0;
  }

  /** Payloads that are complete now; throws `GobFault` for a length over the limit. */
  *push(chunk: Uint8Array): Generator<Buffer> {
    this.#chunks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    this.#held += chunk.byteLength;
    while (this.#held >= this.#wanted) {
      const bytes = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
      const end = this.#end(bytes);
      const rest = end.complete ? bytes.subarray(end.at) : bytes;
      this.#chunks = rest.length > 0 ? [rest] : [];
      this.#held = rest.length;
      this.#wanted = end.complete ? 1 : end.at;
      if (end.complete && end.at > end.from) yield bytes.subarray(end.from, end.at);
    }
  }

  /** Where the first message ends, or how many bytes are needed to know. */
  #end(bytes: Buffer): { readonly complete: boolean; readonly from: number; readonly at: number } {
    const first = bytes[0]!;
    const from = first < 128 ? 1 : 1 + 256 - first;
    if (from > 9) throw new GobFault("bad length of a message");
    if (bytes.length < from) return { complete: false, from, at: from };
    const length = new ByteReader(bytes.subarray(0, from)).uint();
    if (length > this.#maxBytes) throw new GobFault("message too big");
    const at = from + Number(length);
    return { complete: bytes.length >= at, from, at };
  }
}
