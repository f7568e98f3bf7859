/**
 * The writing half of MessagePack, see `msgpack.ts`.
 *
 * @module
 */

/** Bytes that most records have room in. */
const ROOM = 512;

/** Writes values in the shortest form, times and strings as oauth2-proxy's library does. */
export class MsgpackWriter {
  #bytes = Buffer.allocUnsafe(ROOM);
  #used = 0;

  map(count: number): this {
    return count < 16 ? this.#number(0x80 | count, 1) : this.#head(0xde, 2, count);
  }

  list(count: number): this {
    if (count < 16) return this.#number(0x90 | count, 1);
    return count < 0x10000 ? this.#head(0xdc, 2, count) : this.#head(0xdd, 4, count);
  }

  string(text: string): this {
    if (text.length < 32 && this.#ascii(text)) return this;
    const length = Buffer.byteLength(text);
    if (length < 32) this.#number(0xa0 | length, 1);
    else if (length < 0x100) this.#head(0xd9, 1, length);
    else if (length < 0x10000) this.#head(0xda, 2, length);
    else this.#head(0xdb, 4, length);
    this.#room(length);
    this.#used += this.#bytes.write(text, this.#used);
    return this;
  }

  bytes(value: Uint8Array): this {
    const { length } = value;
    if (length < 0x100) this.#head(0xc4, 1, length);
    else if (length < 0x10000) this.#head(0xc5, 2, length);
    else this.#head(0xc6, 4, length);
    this.#room(length);
    this.#bytes.set(value, this.#used);
    this.#used += length;
    return this;
  }

  /** @param milliseconds Since the epoch. */
  time(milliseconds: number): this {
    const seconds = Math.floor(milliseconds / 1000);
    const nanoseconds = Math.floor(milliseconds - seconds * 1000) * 1e6;
    if (seconds >= 0 && seconds < 2 ** 32 && nanoseconds === 0)
      return this.#number(0xd6ff, 2).#number(seconds, 4);
    if (seconds >= 0 && seconds < 2 ** 34) {
      const high = (nanoseconds * 4 + Math.floor(seconds / 2 ** 32)) >>> 0;
      return this.#number(0xd7ff, 2)
        .#number(high, 4)
        .#number(seconds % 2 ** 32, 4);
    }
    this.#number(0xc70cff, 3).#number(nanoseconds, 4).#room(8);
    this.#used = this.#bytes.writeBigInt64BE(BigInt(seconds), this.#used);
    return this;
  }

  /** A whole number that is not negative. */
  integer(value: number): this {
    if (value < 0x80) return this.#number(value, 1);
    if (value < 0x100) return this.#head(0xcc, 1, value);
    if (value < 0x10000) return this.#head(0xcd, 2, value);
    if (value < 2 ** 32) return this.#head(0xce, 4, value);
    this.#number(0xcf, 1).#room(8);
    this.#used = this.#bytes.writeBigUInt64BE(BigInt(value), this.#used);
    return this;
  }

  /** Any value that JSON has. Numbers that are not whole become doubles. */
  value(value: unknown): this {
    if (value === null || value === undefined) return this.#number(0xc0, 1);
    if (typeof value === "boolean") return this.#number(value ? 0xc3 : 0xc2, 1);
    if (typeof value === "string") return this.string(value);
    if (typeof value === "number") return this.#any(value);
    if (value instanceof Uint8Array) return this.bytes(value);
    if (Array.isArray(value)) {
      this.list(value.length);
      for (const each of value) this.value(each);
      return this;
    }
    const entries = Object.entries(value);
    this.map(entries.length);
    for (const [name, each] of entries) this.string(name).value(each);
    return this;
  }

  /** All that was written; the writer is then used up. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#used);
  }

  /** Writes a short text of ASCII characters; false, and nothing is written, when it has another. */
  #ascii(text: string): boolean {
    this.#room(1 + text.length);
    const from = this.#used + 1;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code > 0x7f) return false;
      this.#bytes[from + at] = code;
    }
    this.#bytes[this.#used] = 0xa0 | text.length;
    this.#used = from + text.length;
    return true;
  }

  #any(value: number): this {
    if (Number.isSafeInteger(value) && value >= 0) return this.integer(value);
    this.#number(0xcb, 1).#room(8);
    this.#used = this.#bytes.writeDoubleBE(value, this.#used);
    return this;
  }

  /** A code and a number behind it. */
  #head(code: number, size: number, value: number): this {
    return this.#number(code, 1).#number(value, size);
  }

  /** @param value Below 2^32. */
  #number(value: number, size: number): this {
    this.#room(size);
    for (let shift = size * 8 - 8; shift >= 0; shift -= 8) this.#bytes[this.#used++] = value >>> shift;
    return this;
  }

  #room(length: number): void {
    if (this.#used + length <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe((this.#used + length) * 2);
    this.#bytes.copy(larger, 0, 0, this.#used);
    this.#bytes = larger;
  }
}
