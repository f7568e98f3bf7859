/** Sessions in Redis: the cookie holds a ticket, Redis holds the record sealed with the ticket's secret. */
import { createCipheriv, randomBytes } from "node:crypto";
import { COOKIE_NAME, record, type SessionTimes, type Shape, signed } from "./cookie.ts";

/** A session in Redis and the cookie that opens it. */
export interface Ticket {
  /** Key in Redis. */
  readonly key: string;
  /** Value in Redis. */
  readonly value: Buffer;
  /** Value of the cookie. */
  readonly cookie: string;
}

/** A ticket for a new session. */
export function ticket(shape: Shape, user: number, times: SessionTimes = {}): Ticket {
  const key = `${COOKIE_NAME}-${randomBytes(16).toString("hex")}`;
  const secret = randomBytes(16);
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-128-gcm", secret, nonce);
  const sealed = [cipher.update(record(shape, user, times)), cipher.final(), cipher.getAuthTag()];
  const text = `v2.${Buffer.from(key).toString("base64url")}.${secret.toString("base64url")}`;
  const seconds = times.createdAt ?? Math.floor(Date.now() / 1000);
  return {
    key,
    value: Buffer.concat([nonce, ...sealed]),
    cookie: signed(Buffer.from(text), COOKIE_NAME, seconds),
  };
}
