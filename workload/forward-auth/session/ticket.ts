/**
 * Tickets: what a browser holds when its session is kept on a server. The name finds the record, the secret opens it; who can
 * read the records alone can read no session.
 *
 * Text `v2.<name in base64url>.<secret in base64url>`, before that `<name>.<secret>`; in the cookie signed as a session would
 * be. A record is a nonce of 12 bytes, AES-GCM under the ticket's secret, and the tag.
 *
 * @see oauth2-proxy/oauth2-proxy: pkg/sessions/persistence/ticket.go, pkg/encryption/cipher.go
 * @module
 */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { isKeyLength, keyObject } from "./cookie-secret.ts";
import { takeRandom } from "./random.ts";

const NONCE = 12;
const TAG = 16;

/** Where a session is kept, and what opens it. */
export interface Ticket {
  /** `<cookie name>-<32 hexadecimal digits>`. */
  readonly id: string;
  /** 16 bytes; 24 and 32 are read as well. */
  readonly secret: Buffer;
}

/** A ticket that nobody has seen. */
export function newTicket(cookieName: string): Ticket {
  return { id: `${cookieName}-${takeRandom(16).toString("hex")}`, secret: takeRandom(16) };
}

/** The text of a ticket. */
export function formatTicket({ id, secret }: Ticket): string {
  return `v2.${Buffer.from(id).toString("base64url")}.${secret.toString("base64url")}`;
}

/** Reads a ticket's text; undefined when it is none, or of another cookie. */
export function parseTicket(text: string, cookieName: string): Ticket | undefined {
  const [, version, name = "", encoded = ""] =
    /^(v2\.)?([^.]{1,600})\.([\w-]{22,43})$/.exec(text) ?? oldName(text, cookieName);
  const id = version === undefined ? name : Buffer.from(name, "base64url").toString("utf8");
  const secret = Buffer.from(encoded, "base64url");
  if (!id.startsWith(`${cookieName}-`) || !/^[\x21-\x7e]{1,400}$/.test(id)) return undefined;
  return isKeyLength(secret.length) ? { id, secret } : undefined;
}

/** Names of the older form are not encoded, and a cookie's name may have dots. */
function oldName(text: string, cookieName: string): readonly (string | undefined)[] {
  if (!text.startsWith(`${cookieName}-`)) return [];
  const at = text.lastIndexOf(".");
  const encoded = text.slice(at + 1);
  return at > 0 && /^[\w-]{22,43}$/.test(encoded) ? ["", undefined, text.slice(0, at), encoded] : [];
}

const algorithm = (secret: Buffer) => `aes-${secret.length * 8}-gcm` as "aes-128-gcm";

/** Locks a record with a ticket's secret. */
export function sealRecord({ secret }: Ticket, record: Uint8Array): Buffer {
  const nonce = takeRandom(NONCE);
  const cipher = createCipheriv(algorithm(secret), keyObject(secret), nonce);
  return Buffer.concat([nonce, cipher.update(record), cipher.final(), cipher.getAuthTag()]);
}

/** The inverse of {@link sealRecord}; undefined when the ticket does not open it. */
export function openRecord({ secret }: Ticket, value: Buffer): Buffer | undefined {
  if (value.length < NONCE + TAG) return undefined;
  const decipher = createDecipheriv(algorithm(secret), keyObject(secret), value.subarray(0, NONCE), {
    authTagLength: TAG,
  });
  decipher.setAuthTag(value.subarray(value.length - TAG));
  const record = decipher.update(value.subarray(NONCE, value.length - TAG));
  try {
    decipher.final();
    return record;
  } catch {
    return undefined; // The tag does not fit: another ticket's, or changed.
  }
}
