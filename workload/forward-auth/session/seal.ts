/**
 * Authenticated encryption of what we hand to a browser: AES-256-GCM, one key for each purpose derived from the cookie
 * secret by HKDF-SHA-256, the cookie's name as associated data. A value sealed for one purpose or name never opens for another.
 *
 * Text form: base64url without padding of version (1 byte) ‖ nonce (12) ‖ ciphertext ‖ tag (16).
 *
 * @see NIST SP 800-38D; RFC 5869
 */
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync } from "node:crypto";
import { takeRandom } from "./random.ts";

const VERSION = 1;
const NONCE = 12;
const TAG = 16;

/** Longest text tried, in characters. */
const MOST = 64 * 1024;

/** Seals and opens text for one purpose. */
export interface Seal {
  seal(plain: string, name: string): string;
  /** Undefined when the text was not sealed with this key, purpose and name, or is not in canonical form. */
  open(sealed: string, name: string): string | undefined;
}

/** @param purpose `session` or `login`: different purposes have unrelated keys. */
export function createSeal(secret: string, purpose: string): Seal {
  const bytes = Buffer.from(hkdfSync("sha256", secret, "charmed-iap forward-auth", purpose, 32));
  const key = createSecretKey(bytes);
  return {
    seal(plain, name) {
      const nonce = takeRandom(NONCE);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      cipher.setAAD(Buffer.from(name));
      const body = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
      return Buffer.concat([Buffer.of(VERSION), nonce, body, cipher.getAuthTag()]).toString("base64url");
    },
    open(sealed, name) {
      if (sealed.length > MOST || !/^[\w-]+$/.test(sealed)) return undefined;
      const bytes = Buffer.from(sealed, "base64url");
      if (bytes.length < 1 + NONCE + TAG || bytes[0] !== VERSION) return undefined;
      if (bytes.toString("base64url") !== sealed) return undefined;
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(1, 1 + NONCE), {
        authTagLength: TAG,
      });
      decipher.setAAD(Buffer.from(name));
      decipher.setAuthTag(bytes.subarray(bytes.length - TAG));
      const text = decipher.update(bytes.subarray(1 + NONCE, bytes.length - TAG));
      try {
        return Buffer.concat([text, decipher.final()]).toString("utf8");
      } catch {
        return undefined; // The tag does not fit: forged, cut, or another secret's.
      }
    },
  };
}
