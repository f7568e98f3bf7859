import { hash } from "node:crypto";

/** Bytes of a block of SHA-256. */
const BLOCK = 64;

/** Bytes that are hashed without a buffer of their own. */
const ROOM = 80 * 1024;

/** Signs text: HMAC-SHA-256, as base64url without padding. */
export type Signing = (text: string) => string;

/** The key, exclusive-or a byte, in front of room for what follows. */
function padded(key: Uint8Array, pad: number, room: number): Buffer {
  const bytes = Buffer.alloc(BLOCK + room, 0);
  bytes.fill(pad, 0, BLOCK);
  for (let at = 0; at < key.length; at++) bytes[at] = (key[at] as number) ^ pad;
  return bytes;
}

/**
 * HMAC-SHA-256 under one key, from two hashes in one call each.
 *
 * `createHmac` makes an object and sets the key anew for every text, which takes longer than the hashes of a session cookie do.
 *
 * @see RFC 2104, section 2
 */
export function createSigning(key: string): Signing {
  const bytes = Buffer.from(key, "utf8");
  const short = bytes.length > BLOCK ? hash("sha256", bytes, "buffer") : bytes;
  const inner = padded(short, 0x36, ROOM);
  const outer = padded(short, 0x5c, 32);
  return (text) => {
    const length = Buffer.byteLength(text, "utf8");
    if (length > ROOM) return finish(outer, Buffer.concat([inner.subarray(0, BLOCK), Buffer.from(text)]));
    inner.write(text, BLOCK, "utf8");
    return finish(outer, inner.subarray(0, BLOCK + length));
  };
}

function finish(outer: Buffer, inner: Uint8Array): string {
  outer.write(hash("sha256", inner, "binary"), BLOCK, "latin1");
  return hash("sha256", outer, "base64url");
}
