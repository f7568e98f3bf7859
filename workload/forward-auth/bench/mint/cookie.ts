/** Session cookies, in oauth2-proxy's format. */
import { createCipheriv, createHmac, randomBytes } from "node:crypto";
import { frame } from "./lz4.ts";
import { bin, list, map, str, time } from "./msgpack.ts";

/** The cookie secret of all benchmarks: 32 bytes in base64url, as oauth2-proxy's documentation advises. */
export const COOKIE_SECRET = Buffer.from("charmed-iap benchmark cookie key").toString("base64url");

/** Name of the session cookie. */
export const COOKIE_NAME = "_oauth2_proxy";

const KEY = Buffer.from(COOKIE_SECRET, "base64url");

/** What a session is made of; the tokens are random text of these lengths. */
export interface Shape {
  readonly accessToken: number;
  readonly idToken: number;
  readonly refreshToken: number;
  readonly groups: readonly string[];
}

/** As Hydra's: opaque access and refresh tokens; 1.7 kB of cookie. */
export const HYDRA: Shape = { accessToken: 94, idToken: 850, refreshToken: 94, groups: ["dev", "ops"] };

/** As Entra ID's: signed access token; two cookies, 7.7 kB. */
export const ENTRA: Shape = { accessToken: 2200, idToken: 1800, refreshToken: 1400, groups: ["dev", "ops"] };

/** What may differ from an ordinary session. */
export interface SessionTimes {
  /** Seconds since the epoch. */
  readonly createdAt?: number;
  /** Seconds since the epoch; an hour after `createdAt` otherwise. */
  readonly expiresOn?: number;
  readonly refreshToken?: string;
  /** One that the provider signed; random text otherwise, which is good until somebody verifies it. */
  readonly idToken?: string;
}

const token = (length: number): string =>
  randomBytes(Math.ceil((length * 3) / 4))
    .toString("base64url")
    .slice(0, length);

/** The record of a user's session, a MessagePack map. @param user Number of the user. */
export function record(shape: Shape, user: number, times: SessionTimes = {}): Buffer {
  const name = String(user).padStart(7, "0");
  const createdAt = times.createdAt ?? Math.floor(Date.now() / 1000);
  return map([
    ["ca", time(createdAt)],
    ["eo", time(times.expiresOn ?? createdAt + 360_000)],
    ["at", str(token(shape.accessToken))],
    ["it", str(times.idToken ?? token(shape.idToken))],
    ["rt", str(times.refreshToken ?? token(shape.refreshToken))],
    ["n", bin(randomBytes(32))],
    ["e", str(`user-${name}@example.com`)],
    ["u", str(`0190c0de-0000-7000-8000-00000${name}`)],
    ["g", list(shape.groups)],
    ["pu", str(`user-${name}`)],
  ]);
}

/** `V|T|S`: a value under its time and signature. */
export function signed(value: Buffer, name: string, seconds: number): string {
  const text = padded(value);
  const mac = createHmac("sha256", COOKIE_SECRET).update(`${name}${text}${seconds}`).digest();
  return `${text}|${seconds}|${padded(mac)}`;
}

const padded = (bytes: Buffer): string => bytes.toString("base64").replace(/\+/g, "-").replace(/\//g, "_");

/** A session's cookie value. */
export function sessionValue(shape: Shape, user: number, times: SessionTimes = {}): string {
  const iv = randomBytes(16);
  const cipher = createCipheriv("aes-256-cfb", KEY, iv);
  const sealed = Buffer.concat([iv, cipher.update(frame(record(shape, user, times)))]);
  return signed(sealed, COOKIE_NAME, times.createdAt ?? Math.floor(Date.now() / 1000));
}

/** Longest value of one cookie; oauth2-proxy cuts so that `Set-Cookie` stays below 4000 bytes. */
const PART = 3940;

/** The `Cookie` header for a value. */
export function cookieHeader(value: string): string {
  if (value.length <= PART) return `${COOKIE_NAME}=${value}`;
  const parts = Array.from({ length: Math.ceil(value.length / PART) }, (_, index) =>
    value.slice(index * PART, (index + 1) * PART),
  );
  return parts.map((part, index) => `${COOKIE_NAME}_${index}=${part}`).join("; ");
}
