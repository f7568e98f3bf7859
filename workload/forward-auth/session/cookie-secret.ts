import { createCipheriv, createSecretKey, type KeyObject } from "node:crypto";
import { takeRandom } from "./random.ts";
import { createSigning, type Signing } from "./signing.ts";

/** What oauth2-proxy makes of a cookie secret. */
export interface CookieSecret {
  /** The undecoded text; what our own keys are derived from. */
  readonly text: string;
  /** Signs values. */
  readonly signing: Signing;
  readonly encrypt: CfbEncryption;
  readonly decrypt: CfbDecryption;
}

/** Bytes that a secret stands for: decoded if it is URL-safe base64 of 16, 24 or 32 bytes, else as it is. */
export function secretBytes(text: string): Buffer {
  const bare = text.replace(/[\r\n]/g, "").replace(/=+$/, "");
  const decoded = /^[\w-]*$/.test(bare) && bare.length % 4 !== 1 ? Buffer.from(bare, "base64url") : undefined;
  return decoded !== undefined && isKeyLength(decoded.length) ? decoded : Buffer.from(text);
}

/** True for the lengths of AES keys, in bytes. */
export function isKeyLength(length: number): boolean {
  return length === 16 || length === 24 || length === 32;
}

/**
 * The secrets of an option or a file: the first signs, each verifies, so that a secret can be replaced without signing anybody
 * out. A text that is a secret as a whole is one, as in oauth2-proxy; else secrets are separated by commas, in a file by line
 * ends. What a line end behind a single secret in a file makes of it depends on the program that signed: cookies of both
 * readings are good.
 *
 * @returns The text itself when it is neither a secret nor several.
 */
export function secretTexts(text: string, fromFile: boolean): readonly [string, ...string[]] {
  const bare = text.replace(/[\r\n]+$/, "");
  const isSecret = (each: string) => isKeyLength(secretBytes(each).length);
  if (isSecret(text)) return fromFile && bare !== text ? [text, bare] : [text];
  const parts = fromFile ? bare.split(/[\r\n]+/) : bare.split(",").map((each) => each.trim());
  const [first, ...others] = parts.filter((each) => each !== "");
  return first !== undefined && [first, ...others].every(isSecret) ? [first, ...others] : [text];
}

/**
 * The keys of a cookie secret: one secret signs and encrypts, as in oauth2-proxy.
 *
 * @throws {RangeError} When it stands for another number of bytes than 16, 24 or 32.
 * @see oauth2-proxy/oauth2-proxy: pkg/encryption/utils.go, SecretBytes
 */
export function cookieSecret(text: string): CookieSecret {
  const key = secretBytes(text);
  if (!isKeyLength(key.length)) {
    throw new RangeError(
      `cookie_secret must be 16, 24, or 32 bytes to create an AES cipher, but is ${key.length} bytes`,
    );
  }
  return { text, signing: createSigning(text), encrypt: cfbEncryption(key), decrypt: cfbDecryption(key) };
}

const IV = 16;

const algorithm = (key: Uint8Array, mode: "cfb" | "ecb"): string => `aes-${key.length * 8}-${mode}`;

const objects = new WeakMap<Uint8Array, KeyObject>();

/** The key as Node.js wants it: handed over as bytes, it costs 17 µs at each use to find out that they are no object. */
export function keyObject(key: Uint8Array): KeyObject {
  const known = objects.get(key);
  if (known !== undefined) return known;
  const made = createSecretKey(key);
  objects.set(key, made);
  return made;
}

/** AES-CFB with a random IV in front. It hides and does not protect: what it makes has to be signed. */
export type CfbEncryption = (plain: Uint8Array) => Buffer;

/**
 * Encrypts with one key, and one cipher object for good, which goes on where the last text ended.
 *
 * A ciphertext block is the text block, exclusive-or the encryption of the ciphertext block before it. So a block of random bytes
 * in front of the text becomes a block that is as random, and an IV is nothing else. The texts are filled up to whole blocks, that
 * the next one begins at one.
 *
 * @see NIST SP 800-38A, section 6.3
 */
export function cfbEncryption(key: Uint8Array): CfbEncryption {
  const cipher = createCipheriv(algorithm(key, "cfb"), key, takeRandom(IV));
  return (plain) => {
    const text = Buffer.allocUnsafe(IV + Math.ceil(plain.length / IV) * IV);
    text.set(takeRandom(IV));
    text.set(plain, IV);
    text.fill(0, IV + plain.length);
    return cipher.update(text).subarray(0, IV + plain.length);
  };
}

/** The inverse of {@link CfbEncryption}; undefined when there is no whole IV. */
export type CfbDecryption = (bytes: Uint8Array) => Uint8Array | undefined;

/**
 * Decrypts AES-CFB with one key.
 *
 * A text block is the ciphertext block, exclusive-or the encryption of the one before it, so that one pass of the bare
 * block cipher over the ciphertext makes the whole key stream. That pass uses one cipher object for good, which takes half the
 * time of one for each cookie.
 *
 * @see NIST SP 800-38A, section 6.3
 */
export function cfbDecryption(key: Uint8Array): CfbDecryption {
  const cipher = createCipheriv(algorithm(key, "ecb"), key, null).setAutoPadding(false);
  return (bytes) => {
    const length = bytes.length - IV;
    if (length < 0) return undefined;
    const stream = cipher.update(bytes.subarray(0, Math.ceil(length / IV) * IV));
    mix(stream, bytes, length);
    return stream.subarray(0, length);
  };
}

/** Exclusive-or of the key stream and the ciphertext behind the IV, by words where both begin at one. */
function mix(stream: Uint8Array, bytes: Uint8Array, length: number): void {
  const words = ((stream.byteOffset | bytes.byteOffset) & 3) === 0 ? length >> 2 : 0;
  if (words > 0) {
    const to = new Int32Array(stream.buffer, stream.byteOffset, words);
    const from = new Int32Array(bytes.buffer, bytes.byteOffset + IV, words);
    for (let at = 0; at < words; at++) to[at] = (to[at] as number) ^ (from[at] as number);
  }
  for (let at = words * 4; at < length; at++)
    stream[at] = (stream[at] as number) ^ (bytes[IV + at] as number);
}
