import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareConfig } from "../config/dynamic.ts";
import { answerText, type Middleware } from "../proxy/exchange.ts";
import { valuesOf, withHeader, without } from "../proxy/headers.ts";

/** APR1-MD5 of Apache's htpasswd. */
export function apr1(password: string, salt: string): string {
  const md5 = (...parts: (string | Buffer)[]): Buffer => {
    const hash = createHash("md5");
    for (const part of parts) hash.update(part);
    return hash.digest();
  };
  const bytes = Buffer.from(password);
  const alternate = md5(bytes, salt, bytes);
  const parts: (string | Buffer)[] = [bytes, "$apr1$", salt];
  for (let left = bytes.length; left > 0; left -= 16) parts.push(alternate.subarray(0, Math.min(16, left)));
  for (let bits = bytes.length; bits > 0; bits >>= 1)
    parts.push(bits & 1 ? Buffer.from([0]) : bytes.subarray(0, 1));
  let final = md5(...parts);
  for (let round = 0; round < 1000; round++) {
    const mix: (string | Buffer)[] = [round & 1 ? bytes : final];
    if (round % 3) mix.push(salt);
    if (round % 7) mix.push(bytes);
    mix.push(round & 1 ? final : bytes);
    final = md5(...mix);
  }
  const alphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const encode = (value: number, length: number) =>
    Array.from({ length }, (_, index) => alphabet[(value >> (6 * index)) & 63]).join("");
  const at = (index: number) => final[index] ?? 0;
  const groups = [
    [0, 6, 12],
    [1, 7, 13],
    [2, 8, 14],
    [3, 9, 15],
    [4, 10, 5],
  ] as const;
  return (
    groups.map(([a, b, c]) => encode((at(a) << 16) | (at(b) << 8) | at(c), 4)).join("") + encode(at(11), 2)
  );
}

/** Whether a password fits an entry of htpasswd: MD5 or SHA-1. Others fit nobody; bcrypt is not here. */
export function fits(password: string, stored: string): boolean {
  const equal = (a: string, b: string) =>
    a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
  const [, salt, hash] = /^\$apr1\$([^$]*)\$(.*)$/.exec(stored) ?? [];
  if (salt !== undefined && hash !== undefined) return equal(apr1(password, salt), hash);
  if (stored.startsWith("{SHA}")) {
    return equal(createHash("sha1").update(password).digest("base64"), stored.slice(5));
  }
  return false;
}

/** Asks for a name and a password. An entry that is none lets nobody in. */
export function basicAuth(settings: NonNullable<MiddlewareConfig["basicAuth"]>): Middleware {
  const users = new Map(settings.users.map((entry) => entry.split(/:(.*)/s) as [string, string]));
  return (next) => async (exchange) => {
    const [given = ""] = valuesOf(exchange.headers, "authorization");
    const decoded = /^Basic\s+(\S+)$/i.exec(given)?.[1];
    const [name = "", password = ""] = Buffer.from(decoded ?? "", "base64")
      .toString("utf8")
      .split(/:(.*)/s);
    const stored = users.get(name);
    if (decoded === undefined || stored === undefined || !fits(password, stored)) {
      return answerText(exchange, 401, "401 Unauthorized\n", [
        ["Content-Type", "text/plain"],
        ["Www-Authenticate", `Basic realm="${settings.realm}"`],
      ]);
    }
    if (settings.headerField) exchange.headers = withHeader(exchange.headers, settings.headerField, name);
    if (settings.removeHeader) exchange.headers = without(exchange.headers, "authorization");
    return next(exchange);
  };
}
