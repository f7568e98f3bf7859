import { generateKeyPair, type JsonWebKey, randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";

const generate = promisify(generateKeyPair);

/** A signing key with its id, as in a JWK set (RFC 7517). */
export type SigningKey = JsonWebKey & { readonly kid: string };

/** Adds an RS256 key that signs from the next start on; older ones stay published. */
export async function addKey(database: DatabaseSync, nowMs: number = Date.now()): Promise<SigningKey> {
  const { privateKey } = await generate("rsa", { modulusLength: 2048 });
  const jwk = { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig", alg: "RS256" };
  database
    .prepare("INSERT INTO signing_key (kid, jwk, created_at) VALUES (?, ?, ?)")
    .run(jwk.kid, JSON.stringify(jwk), nowMs);
  return jwk;
}

/** All signing keys, the newest first; makes the first one when there is none. */
export async function signingKeys(database: DatabaseSync): Promise<SigningKey[]> {
  const rows = database.prepare("SELECT jwk FROM signing_key ORDER BY created_at DESC").all() as {
    jwk: string;
  }[];
  if (rows.length === 0) return [await addKey(database)];
  return rows.map(({ jwk }) => JSON.parse(jwk) as SigningKey);
}
