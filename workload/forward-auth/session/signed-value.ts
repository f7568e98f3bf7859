/**
 * oauth2-proxy's signed cookie values: `V|T|S`, V = base64url with padding, T = Unix seconds in decimal, S = HMAC-SHA-256 of
 * cookie name, V and T under the undecoded cookie secret.
 *
 * @see oauth2-proxy/oauth2-proxy: pkg/encryption/utils.go
 * @module
 */
import { SIGNATURE, type Signing } from "./signing.ts";

/** Longest value tried, in characters. */
const MOST = 64 * 1024;

/** A value whose signature is right. */
export interface SignedValue {
  /** Valid until the next value is read. */
  readonly payload: Buffer;
  /** Unix time in seconds. */
  readonly time: number;
  /** Index of the key that signed it. */
  readonly key: number;
}

/** Padded base64url, as Go's URLEncoding writes it. */
function paddedBase64(bytes: Uint8Array): string {
  const buffer = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const text = buffer.toString("base64url");
  const rest = text.length % 4;
  return rest === 0 ? text : text + (rest === 2 ? "==" : "=");
}

/** Where texts are decoded, one after the other. */
const decoded = Buffer.allocUnsafeSlow((MOST / 4) * 3);

/**
 * Reads padded base64url, of at most {@link MOST} characters; undefined for another alphabet, missing padding, or bits that no encoder writes. So no two texts
 * read as the same bytes.
 *
 * @returns Bytes that are valid until the next call.
 */
export function readPaddedBase64(text: string): Buffer | undefined {
  if (text.length % 4 !== 0 || text.length > MOST) return undefined;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = decoded.subarray(0, decoded.write(text, "base64url"));
  // Node.js skips what it cannot read, so that then bytes are missing; it takes both alphabets.
  if (bytes.length !== (text.length / 4) * 3 - padding || text.includes("+") || text.includes("/"))
    return undefined;
  if (padding === 0) return bytes;
  const last = bytes.toString("base64url", bytes.length - (3 - padding));
  return text.startsWith(last, text.length - 4) ? bytes : undefined;
}

/** The signed form of bytes under a cookie's name. */
export function signValue(key: Signing, name: string, payload: Uint8Array, time: number): string {
  const text = paddedBase64(payload);
  return `${text}|${time}|${key.sign(`${name}${text}${time}`)}`;
}

/** True for one to fifteen digits, which are an exact number. */
function isDecimal(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x30 || code > 0x39) return false;
  }
  return text.length > 0 && text.length <= 15;
}

/** Seconds of a signed decimal, as Go reads it; undefined for anything else, and for what is no exact number here. */
function readTime(text: string): number | undefined {
  if (isDecimal(text)) return Number(text);
  if (!/^[+-]?\d{1,19}$/.test(text)) return undefined;
  const time = Number(text);
  return Number.isSafeInteger(time) ? time : undefined;
}

/**
 * Reads a signed value. The signature is checked before anything else is looked at, in constant time; one that is spelt in
 * another way is wrong.
 *
 * @param keys Any of them may have signed.
 */
export function readSigned(keys: readonly Signing[], name: string, value: string): SignedValue | undefined {
  if (value.length > MOST) return undefined;
  const first = value.indexOf("|");
  const second = value.length - SIGNATURE - 1;
  if (first < 1 || first >= second || value[second] !== "|") return undefined;
  const text = value.slice(0, first);
  const timeText = value.slice(first + 1, second);
  const sent = value.slice(second + 1);
  const signed = [name, text, timeText];
  const key = keys.findIndex((each) => each.verify(signed, sent));
  if (key === -1) return undefined;
  const time = readTime(timeText);
  const payload = readPaddedBase64(text);
  return time === undefined || payload === undefined ? undefined : { payload, time, key };
}
