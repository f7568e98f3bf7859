/**
 * The LZMA decoder that LZMA2 is made of: a range decoder over adaptive bits, literals and matches.
 *
 * @see https://www.7-zip.org/sdk.html, lzma-specification.txt
 */

/** Bits of context: of the literal before (`lc`), of the position for literals (`lp`) and for the rest (`pb`). */
export interface LzmaProperties {
  readonly lc: number;
  readonly lp: number;
  readonly pb: number;
}

const HALF = 1024;
const TOP = 0x100_0000;

/** Probabilities of bits, each an even chance to begin with. */
function bits(count: number): Uint16Array {
  return new Uint16Array(count).fill(HALF);
}

/** How long a match is: short, middle or long, the first two by position. */
class LengthCoder {
  readonly choice = bits(2);
  readonly low = Array.from({ length: 16 }, () => bits(8));
  readonly middle = Array.from({ length: 16 }, () => bits(8));
  readonly high = bits(256);
}

/** Every adaptive bit of the decoder. */
class Model {
  readonly literals: Uint16Array;
  readonly isMatch = bits(12 * 16);
  readonly isRepeat = bits(12);
  readonly isRepeat0 = bits(12);
  readonly isRepeat1 = bits(12);
  readonly isRepeat2 = bits(12);
  readonly isRepeat0Long = bits(12 * 16);
  readonly slots = Array.from({ length: 4 }, () => bits(64));
  readonly special = bits(115);
  readonly align = bits(16);
  readonly matchLength = new LengthCoder();
  readonly repeatLength = new LengthCoder();

  constructor({ lc, lp }: LzmaProperties) {
    this.literals = bits(0x300 << (lc + lp));
  }
}

/** Decodes chunk after chunk; what it has put out is its dictionary. */
export class LzmaDecoder {
  #properties: LzmaProperties = { lc: 3, lp: 0, pb: 2 };
  #model = new Model(this.#properties);
  #state = 0;
  #repeats: [number, number, number, number] = [0, 0, 0, 0];
  #out = Buffer.alloc(4096);
  #size = 0;
  /** Where the dictionary begins. */
  #origin = 0;
  #input: Uint8Array = Buffer.alloc(0);
  #at = 0;
  #range = 0;
  #code = 0;

  /** Bytes put out. */
  get size(): number {
    return this.#size;
  }

  /** Everything put out. */
  output(): Uint8Array {
    return this.#out.subarray(0, this.#size);
  }

  /** Begins with an empty dictionary. */
  forget(): void {
    this.#origin = this.#size;
  }

  /** Begins with even chances. */
  reset(properties: LzmaProperties = this.#properties): void {
    this.#properties = properties;
    this.#model = new Model(properties);
    this.#state = 0;
    this.#repeats = [0, 0, 0, 0];
  }

  /** Puts out bytes as they are. */
  store(data: Uint8Array): void {
    this.#grow(data.length);
    this.#out.set(data, this.#size);
    this.#size += data.length;
    this.#state = 0;
  }

  /** Decodes one chunk into exactly `size` bytes; false when it is damaged. */
  decode(input: Uint8Array, size: number): boolean {
    this.#input = input;
    this.#at = 5;
    this.#range = 0xffff_ffff;
    if (input.length < 5 || input[0] !== 0) return false;
    this.#code = Buffer.from(input.buffer, input.byteOffset, 5).readUInt32BE(1);
    this.#grow(size);
    const end = this.#size + size;
    while (this.#size < end) if (!this.#symbol(end)) return false;
    return this.#at <= input.length;
  }

  #grow(bytes: number): void {
    const needed = this.#size + bytes;
    if (needed <= this.#out.length) return;
    const larger = Buffer.alloc(Math.max(needed, this.#out.length * 2));
    this.#out.copy(larger, 0, 0, this.#size);
    this.#out = larger;
  }

  /** One literal or match; false when it reaches before the dictionary or beyond the chunk. */
  #symbol(end: number): boolean {
    const model = this.#model;
    const position = (this.#size - this.#origin) & ((1 << this.#properties.pb) - 1);
    if (this.#bit(model.isMatch, this.#state * 16 + position) === 0) {
      this.#literal();
      return true;
    }
    const length = this.#match(position);
    const from = this.#size - this.#repeats[0] - 1;
    if (from < this.#origin || this.#size + length > end) return false;
    for (let index = 0; index < length; index++) this.#out[this.#size + index] = this.#out[from + index] ?? 0;
    this.#size += length;
    return true;
  }

  #literal(): void {
    const { lc, lp } = this.#properties;
    const before = this.#size > this.#origin ? (this.#out[this.#size - 1] ?? 0) : 0;
    const position = (this.#size - this.#origin) & ((1 << lp) - 1);
    const context = (position << lc) + (before >> (8 - lc));
    const base = 0x300 * context;
    let symbol = 1;
    if (this.#state >= 7) {
      let matched = this.#out[this.#size - this.#repeats[0] - 1] ?? 0;
      while (symbol < 0x100) {
        const expected = (matched >> 7) & 1;
        matched <<= 1;
        const bit = this.#bit(this.#model.literals, base + ((1 + expected) << 8) + symbol);
        symbol = (symbol << 1) | bit;
        if (expected !== bit) break;
      }
    }
    while (symbol < 0x100) symbol = (symbol << 1) | this.#bit(this.#model.literals, base + symbol);
    this.#out[this.#size] = symbol & 0xff;
    this.#size += 1;
    this.#state = this.#state < 4 ? 0 : this.#state < 10 ? this.#state - 3 : this.#state - 6;
  }

  /** Sets the distance of a match as the first repeat, and gives its length. */
  #match(position: number): number {
    const model = this.#model;
    const state = this.#state;
    const [first, second, third, fourth] = this.#repeats;
    if (this.#bit(model.isRepeat, state) === 0) {
      const length = this.#length(model.matchLength, position);
      this.#repeats = [this.#distance(length), first, second, third];
      this.#state = state < 7 ? 7 : 10;
      return length;
    }
    if (this.#bit(model.isRepeat0, state) === 0) {
      if (this.#bit(model.isRepeat0Long, state * 16 + position) === 0) {
        this.#state = state < 7 ? 9 : 11;
        return 1;
      }
    } else if (this.#bit(model.isRepeat1, state) === 0) this.#repeats = [second, first, third, fourth];
    else if (this.#bit(model.isRepeat2, state) === 0) this.#repeats = [third, first, second, fourth];
    else this.#repeats = [fourth, first, second, third];
    this.#state = state < 7 ? 8 : 11;
    return this.#length(model.repeatLength, position);
  }

  #length(coder: LengthCoder, position: number): number {
    if (this.#bit(coder.choice, 0) === 0) return 2 + this.#tree(coder.low[position] as Uint16Array, 3);
    if (this.#bit(coder.choice, 1) === 0) return 10 + this.#tree(coder.middle[position] as Uint16Array, 3);
    return 18 + this.#tree(coder.high, 8);
  }

  /** Distance less one. */
  #distance(length: number): number {
    const slot = this.#tree(this.#model.slots[Math.min(length - 2, 3)] as Uint16Array, 6);
    if (slot < 4) return slot;
    const count = (slot >> 1) - 1;
    const high = (2 | (slot & 1)) * 2 ** count;
    if (slot < 14) return high + this.#reverseTree(this.#model.special, high - slot, count);
    let middle = 0;
    for (let index = 0; index < count - 4; index++) middle = middle * 2 + this.#direct();
    return high + middle * 16 + this.#reverseTree(this.#model.align, 0, 4);
  }

  #tree(model: Uint16Array, count: number): number {
    let symbol = 1;
    for (let index = 0; index < count; index++) symbol = (symbol << 1) | this.#bit(model, symbol);
    return symbol - (1 << count);
  }

  /** Lowest bit first. */
  #reverseTree(model: Uint16Array, base: number, count: number): number {
    let node = 1;
    let value = 0;
    for (let index = 0; index < count; index++) {
      const bit = this.#bit(model, base + node);
      node = (node << 1) | bit;
      value |= bit << index;
    }
    return value;
  }

  #bit(model: Uint16Array, index: number): number {
    const chance = model[index] ?? HALF;
    const bound = (this.#range >>> 11) * chance;
    const bit = this.#code >>> 0 < bound ? 0 : 1;
    if (bit === 0) {
      this.#range = bound;
      model[index] = chance + ((2048 - chance) >> 5);
    } else {
      this.#range -= bound;
      this.#code -= bound;
      model[index] = chance - (chance >> 5);
    }
    this.#normalize();
    return bit;
  }

  #direct(): number {
    this.#range = this.#range >>> 1;
    const bit = this.#code >= this.#range ? 1 : 0;
    if (bit === 1) this.#code -= this.#range;
    this.#normalize();
    return bit;
  }

  #normalize(): void {
    if (this.#range >= TOP) return;
    this.#range = (this.#range << 8) >>> 0;
    this.#code = ((this.#code << 8) | (this.#input[this.#at] ?? 0)) >>> 0;
    this.#at += 1;
  }
}
