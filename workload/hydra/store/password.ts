import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number }, Buffer>(scrypt);

/** Cost of one derivation: about 16 MiB and some tens of milliseconds. */
const COST = { N: 16_384, r: 8, p: 1 } as const;

/** Hashes a password or client secret for storage, as `scrypt$SALT$HASH` in base64url. */
export async function hashSecret(secret: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(secret.normalize("NFC"), salt, 32, COST);
  return `scrypt$${salt.toString("base64url")}$${hash.toString("base64url")}`;
}

/** Whether `secret` is what `stored` was made of; takes as long for a wrong one. */
export async function verifySecret(secret: string, stored: string): Promise<boolean> {
  const [kind, salt, expected] = stored.split("$");
  if (kind !== "scrypt" || !salt || !expected) return false;
  const hash = await derive(secret.normalize("NFC"), Buffer.from(salt, "base64url"), 32, COST);
  const wanted = Buffer.from(expected, "base64url");
  return hash.length === wanted.length && timingSafeEqual(hash, wanted);
}
