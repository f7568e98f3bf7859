/**
 * Answers as bytes in blocks outside of the heap, the oldest block of which is dropped when there are too many. A hundred thousand of
 * them as objects would take four times the memory, and the garbage between them as much again.
 *
 * A record is its key's hash (4 bytes), length of the text (4), digest (32), text (UTF-8).
 */
import { keyHash } from "../session/key-hash.ts";

const BLOCK = 1 << 20;
const HEAD = 40;
const DIGEST = 32;

/** What was kept under a key. */
export interface PackedAnswer {
  /** SHA-256 of the whole cookies, as latin1. */
  readonly digest: string;
  readonly text: string;
}

interface Block {
  readonly bytes: Buffer;
  /** Position of its first byte, counted from the first block ever. */
  readonly from: number;
  used: number;
}

/** Keeps texts under keys; two keys of one hash displace each other. */
export class PackedAnswers {
  readonly #most: number;
  /** Positions of records by the hash of their key. */
  readonly #index = new Map<number, number>();
  readonly #blocks: Block[] = [];

  /** @param most Bytes kept, in whole blocks of 1 MiB. */
  constructor(most: number) {
    this.#most = Math.max(1, Math.floor(most / BLOCK));
  }

  get size(): number {
    return this.#index.size;
  }

  /** What is kept under a key, or under another of its hash: the digest tells. */
  get(key: string): PackedAnswer | undefined {
    const position = this.#index.get(keyHash(key));
    const first = this.#blocks[0];
    if (position === undefined || first === undefined) return undefined;
    const block = this.#blocks[Math.floor((position - first.from) / BLOCK)];
    if (block === undefined) return undefined;
    const { bytes } = block;
    const at = position - block.from;
    const length = bytes.readInt32LE(at + 4);
    return {
      digest: bytes.toString("latin1", at + 8, at + 8 + DIGEST),
      text: bytes.toString("utf8", at + HEAD, at + HEAD + length),
    };
  }

  /** Keeps a text; one that fills a quarter of a block is not kept. */
  set(key: string, digest: string, text: string): void {
    const room = HEAD + text.length * 3;
    if (room > BLOCK / 4) return;
    const block = this.#blockWith(room);
    const { bytes, used } = block;
    const hash = keyHash(key);
    const length = bytes.write(text, used + HEAD, "utf8");
    bytes.writeInt32LE(hash, used);
    bytes.writeInt32LE(length, used + 4);
    bytes.write(digest, used + 8, DIGEST, "latin1");
    block.used = used + HEAD + length;
    this.#index.set(hash, block.from + used);
  }

  has(key: string): boolean {
    return this.#index.has(keyHash(key));
  }

  delete(key: string): void {
    this.#index.delete(keyHash(key));
  }

  clear(): void {
    this.#index.clear();
    this.#blocks.length = 0;
  }

  #blockWith(room: number): Block {
    const last = this.#blocks.at(-1);
    if (last !== undefined && last.used + room <= BLOCK) return last;
    const dropped = this.#blocks.length === this.#most ? this.#blocks.shift() : undefined;
    if (dropped !== undefined) this.#forget(dropped);
    const from = last === undefined ? 0 : last.from + BLOCK;
    const block = { bytes: dropped?.bytes ?? Buffer.allocUnsafeSlow(BLOCK), from, used: 0 };
    this.#blocks.push(block);
    return block;
  }

  /** Takes the records of a block out of the index. */
  #forget({ bytes, from, used }: Block): void {
    for (let at = 0; at < used; at += HEAD + bytes.readInt32LE(at + 4)) {
      const hash = bytes.readInt32LE(at);
      if (this.#index.get(hash) === from + at) this.#index.delete(hash);
    }
  }
}
