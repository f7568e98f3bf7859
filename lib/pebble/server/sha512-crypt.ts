import { createHash, timingSafeEqual } from "node:crypto";

/**
 * The `$6$` hashes of crypt(3), which Pebble keeps passwords of `basic` identities as.
 *
 * @see Ulrich Drepper: Unix crypt using SHA-256 and SHA-512
 *
 * @module
 */

const ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const FORM = /^\$6\$(?:rounds=(\d+)\$)?([^$]*)\$([./0-9A-Za-z]{86})$/;
const MAX_SALT = 16;
const DEFAULT_ROUNDS = 5000;
/** Pebble's own bounds are wider; more than this takes seconds. */
const ROUNDS = { least: 1000, most: 1_000_000 };
const SIZE = 64;

/** Whether a password has the hash; false for a text that is no such hash. */
export function verifySha512Crypt(hash: string, password: string): boolean {
  const [, rounds, salt = "", digest = ""] = FORM.exec(hash) ?? [];
  if (digest === "") return false;
  const count = rounds === undefined ? DEFAULT_ROUNDS : Number(rounds);
  if (count > ROUNDS.most) return false;
  const made = sha512Crypt(password, salt.slice(0, MAX_SALT), Math.max(ROUNDS.least, count));
  return timingSafeEqual(Buffer.from(made), Buffer.from(digest));
}

const sha512 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash("sha512");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** The bytes again and again, up to a length. */
function stretched(bytes: Uint8Array, length: number): Buffer {
  return Buffer.alloc(length, bytes);
}

function sha512Crypt(password: string, saltText: string, rounds: number): string {
  const key = Buffer.from(password);
  const salt = Buffer.from(saltText);
  const twice = sha512(key, salt, key);
  const parts: Uint8Array[] = [key, salt, key.length > 0 ? stretched(twice, key.length) : key];
  for (let bits = key.length; bits > 0; bits >>= 1) parts.push(bits & 1 ? twice : key);
  let digest = sha512(...parts);
  const keyDigest = sha512(...Array.from(key, () => key));
  const keys = key.length > 0 ? stretched(keyDigest, key.length) : key;
  const saltDigest = sha512(...Array.from({ length: 16 + digest[0]! }, () => salt));
  const salts = salt.length > 0 ? stretched(saltDigest, salt.length) : salt;
  for (let round = 0; round < rounds; round++) {
    const round7 = round % 7 ? keys : NONE;
    const round3 = round % 3 ? salts : NONE;
    digest = round & 1 ? sha512(keys, round3, round7, digest) : sha512(digest, round3, round7, keys);
  }
  return encoded(digest);
}

const NONE = new Uint8Array();

/** Three bytes at a time, from thirds of the digest in turning order, lowest six bits first. */
function encoded(digest: Uint8Array): string {
  const third = 21;
  let text = "";
  for (let at = 0; at < third; at++) {
    const turn = [at, at + third, at + 2 * third];
    const [a, b, c] = [0, 1, 2].map((n) => digest[turn[(n + at) % 3]!]!) as [number, number, number];
    text += sixBits((a << 16) | (b << 8) | c, 4);
  }
  return text + sixBits(digest[SIZE - 1]!, 2);
}

function sixBits(value: number, characters: number): string {
  return Array.from({ length: characters }, (_, n) => ALPHABET[(value >> (6 * n)) & 63]).join("");
}
