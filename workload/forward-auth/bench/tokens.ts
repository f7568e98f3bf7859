/** Bearer tokens of the benchmark's provider. */
import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { folderForRun } from "./machine.ts";

/** The client of all benchmarks. */
export const CLIENT_ID = "forward-auth";
export const CLIENT_SECRET = "client-secret-0123456789";

/** The provider's keys. */
export interface SigningKeys {
  readonly rsa: KeyObject;
  readonly ec: KeyObject;
}

function keyOf(name: string, make: () => KeyObject): KeyObject {
  const file = folderForRun(`${name}.pem`);
  if (!existsSync(file))
    writeFileSync(file, make().export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  return createPrivateKey(readFileSync(file));
}

/** Keys made at the first call of a run. */
export const signingKeys = (): SigningKeys => ({
  rsa: keyOf("rsa", () => generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey),
  ec: keyOf("ec", () => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey),
});

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A signed token for a user. */
export function bearerToken(issuer: string, algorithm: "RS256" | "ES256", user: number): string {
  const now = Math.floor(Date.now() / 1000);
  const name = String(user).padStart(7, "0");
  const claims = {
    iss: issuer,
    aud: CLIENT_ID,
    sub: `0190c0de-0000-7000-8000-00000${name}`,
    email: `user-${name}@example.com`,
    email_verified: true,
    preferred_username: `user-${name}`,
    groups: ["dev", "ops"],
    iat: now,
    exp: now + 86_400,
  };
  const kid = algorithm === "RS256" ? "rsa" : "ec";
  const text = `${encode({ alg: algorithm, typ: "JWT", kid })}.${encode(claims)}`;
  const { rsa, ec } = signingKeys();
  const key = algorithm === "RS256" ? rsa : { key: ec, dsaEncoding: "ieee-p1363" as const };
  return `${text}.${sign("sha256", Buffer.from(text), key).toString("base64url")}`;
}
