/**
 * MessagePack, as far as oauth2-proxy's records need it. Written by hand because a session is read from it for every browser
 * seen: reading into the fields at once takes a quarter of the time that @msgpack/msgpack takes, and that library takes
 * records that should be refused, with a name twice, strings that are no UTF-8, or a map for a string.
 *
 * @see msgpack/msgpack: spec.md
 * @module
 */
import { isUtf8 } from "node:buffer";

/** Deepest nesting that is read. */
const DEEPEST = 16;

/** What was read is no MessagePack, or not what was expected there. */
export class MsgpackError extends Error {
  constructor(what: string) {
    super(`Cannot read a record: ${what}`);
    this.name = "MsgpackError";
  }
}

/** Short names that are expected, found by their bytes: no text is made of one that is. */
export class Names {
  readonly #names = new Map<number, string>();

  /** @param names At most four ASCII characters each. */
  constructor(names: Iterable<string>) {
    for (const name of names) {
      const code = codeOf(Buffer.from(name), 0, name.length);
      if (name.length > LONGEST_NAME || this.#names.has(code)) throw new RangeError(`Cannot expect ${name}`);
      this.#names.set(code, name);
    }
  }

  /** The name in a place; undefined when it is not expected. */
  find(bytes: Uint8Array, from: number, length: number): string | undefined {
    if (length > LONGEST_NAME) return undefined;
    const name = this.#names.get(codeOf(bytes, from, length));
    return name?.length === length ? name : undefined;
  }
}

const LONGEST_NAME = 4;

function codeOf(bytes: Uint8Array, from: number, length: number): number {
  let code = 0;
  for (let at = from; at < from + length; at++) code = (code << 8) | (bytes[at] as number);
  return code;
}

/** Reads values one after the other. Each method throws {@link MsgpackError} when another kind of value is there. */
export class MsgpackReader {
  readonly #bytes: Buffer;
  #at = 0;

  /** @param bytes Not copied; strings and byte values that are read are copies. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** True, and read, when there is nil. */
  nil(): boolean {
    if (this.#bytes[this.#at] !== 0xc0) return false;
    this.#at++;
    return true;
  }

  /** Number of entries of the map that begins here. */
  map(): number {
    const code = this.#byte();
    if (code >> 4 === 8) return this.#count(code & 15, 2);
    if (code === 0xde) return this.#count(this.#number(2), 2);
    if (code === 0xdf) return this.#count(this.#number(4), 2);
    throw new MsgpackError("a map was expected");
  }

  /** Number of elements of the list that begins here. */
  list(): number {
    const code = this.#byte();
    if (code >> 4 === 9) return this.#count(code & 15, 1);
    if (code === 0xdc) return this.#count(this.#number(2), 1);
    if (code === 0xdd) return this.#count(this.#number(4), 1);
    throw new MsgpackError("a list was expected");
  }

  /** A string; nil is empty, and bytes count as their text, as in oauth2-proxy. */
  string(): string {
    const length = this.#lengthOf();
    return this.#text(this.#take(length), length);
  }

  /** The same, where it is mostly one of some names. */
  name(expected: Names): string {
    const length = this.#lengthOf();
    const from = this.#take(length);
    return expected.find(this.#bytes, from, length) ?? this.#text(from, length);
  }

  #text(from: number, length: number): string {
    const text = this.#bytes.toString("utf8", from, from + length);
    if (text.includes("\ufffd") && !isUtf8(this.#bytes.subarray(from, from + length)))
      throw new MsgpackError("a string is not UTF-8");
    return text;
  }

  /** Bytes; nil is empty. */
  bytes(): Uint8Array {
    const length = this.#lengthOf();
    const from = this.#take(length);
    const copy = new Uint8Array(length);
    for (let at = 0; at < length; at++) copy[at] = this.#bytes[from + at] as number;
    return copy;
  }

  /** A time, in milliseconds since the epoch; undefined for nil. */
  time(): number | undefined {
    if (this.nil()) return undefined;
    const code = this.#byte();
    const length = code === 0xd6 ? 4 : code === 0xd7 ? 8 : code === 0xc7 ? this.#byte() : 0;
    const known = length === 4 || length === 8 || length === 12;
    if (!known || this.#byte() !== 0xff) throw new MsgpackError("a time was expected");
    return this.#timestamp(length);
  }

  /** A whole number. */
  integer(): number {
    const value = this.value();
    if (typeof value !== "number" || !Number.isSafeInteger(value))
      throw new MsgpackError("a number was expected");
    return value;
  }

  /** Any value: maps as objects without a prototype, times as Unix milliseconds. */
  value(depth = 0): unknown {
    if (depth > DEEPEST) throw new MsgpackError("it is nested too deeply");
    const code = this.#bytes[this.#at] ?? this.#byte();
    if (code < 0x80 || code >= 0xe0) return (this.#byte() << 24) >> 24;
    if (code < 0x90 || code === 0xde || code === 0xdf) return this.#object(depth);
    if (code < 0xa0 || code === 0xdc || code === 0xdd)
      return Array.from({ length: this.list() }, () => this.value(depth + 1));
    if (code < 0xc0 || (code >= 0xd9 && code <= 0xdb)) return this.string();
    if (code >= 0xc4 && code <= 0xc6) return this.bytes();
    if (code === 0xd6 || code === 0xd7 || code === 0xc7) return this.time();
    return this.#scalar();
  }

  #scalar(): unknown {
    const code = this.#byte();
    switch (code) {
      case 0xc0:
        return null;
      case 0xc2:
      case 0xc3:
        return code === 0xc3;
      case 0xca:
        return this.#bytes.readFloatBE(this.#take(4));
      case 0xcb:
        return this.#bytes.readDoubleBE(this.#take(8));
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.#number(1 << (code - 0xcc));
      case 0xcf:
        return Number(this.#bytes.readBigUInt64BE(this.#take(8)));
      case 0xd0:
      case 0xd1:
      case 0xd2:
        return this.#bytes.readIntBE(this.#take(1 << (code - 0xd0)), 1 << (code - 0xd0));
      case 0xd3:
        return Number(this.#bytes.readBigInt64BE(this.#take(8)));
      default:
        throw new MsgpackError("of an unknown type");
    }
  }

  #object(depth: number): unknown {
    const count = this.map();
    const object = Object.create(null) as Record<string, unknown>;
    for (let index = 0; index < count; index++) {
      const name = this.string();
      if (Object.hasOwn(object, name)) throw new MsgpackError("a name is there twice");
      object[name] = this.value(depth + 1);
    }
    return object;
  }

  #timestamp(length: number): number {
    const at = this.#take(length);
    const bytes = this.#bytes;
    const high = bytes.readUInt32BE(at);
    if (length === 4) return high * 1000;
    const nanoseconds = length === 8 ? high >>> 2 : high;
    const seconds =
      length === 8 ? (high & 3) * 2 ** 32 + bytes.readUInt32BE(at + 4) : Number(bytes.readBigInt64BE(at + 4));
    if (nanoseconds > 999_999_999 || Math.abs(seconds) > 8.64e12) throw new MsgpackError("a time is none");
    return seconds * 1000 + Math.floor(nanoseconds / 1e6);
  }

  #lengthOf(): number {
    const code = this.#byte();
    if (code >> 5 === 5) return code & 31;
    if (code === 0xc0) return 0;
    if (code === 0xd9 || code === 0xc4) return this.#number(1);
    if (code === 0xda || code === 0xc5) return this.#number(2);
    if (code === 0xdb || code === 0xc6) return this.#number(4);
    throw new MsgpackError("a string was expected");
  }

  /** Refuses a count that cannot be true, before anything is made for it. */
  #count(count: number, least: number): number {
    if (count * least > this.#bytes.length - this.#at) throw new MsgpackError("it ends too soon");
    return count;
  }

  #number(bytes: number): number {
    return this.#bytes.readUIntBE(this.#take(bytes), bytes);
  }

  #byte(): number {
    return this.#bytes[this.#take(1)] as number;
  }

  #take(length: number): number {
    const from = this.#at;
    if (from + length > this.#bytes.length) throw new MsgpackError("it ends too soon");
    this.#at = from + length;
    return from;
  }
}
