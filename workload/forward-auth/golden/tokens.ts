/** Keys and tokens of the provider that the recording was made with. @module */

import { createHmac, generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto";
import type { TokenPlan } from "./recording.ts";

/** Keys of the provider; made once, for RSA keys take long. */
export interface ProviderKeys {
  readonly jwks: { readonly keys: readonly unknown[] };
  sign(plan: TokenPlan, claims: Readonly<Record<string, unknown>>): string;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

function signature(alg: string, key: KeyObject | undefined, text: string): string {
  const bytes = Buffer.from(text);
  if (alg === "none" || key === undefined) return "";
  if (alg === "HS256") return createHmac("sha256", "s1").update(bytes).digest("base64url");
  const hash = `sha${alg.slice(2)}`;
  if (alg.startsWith("ES"))
    return sign(hash, bytes, { key, dsaEncoding: "ieee-p1363" }).toString("base64url");
  const padding = alg.startsWith("PS") ? { padding: 6, saltLength: 32 } : {};
  return sign(hash, bytes, { key, ...padding }).toString("base64url");
}

/** Makes the keys: k1 (RS256) and e1 (ES256) are published, K2 is not. */
export function createKeys(): ProviderKeys {
  const k1 = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const k2 = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const e1 = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const published = (key: KeyObject, kid: string, alg: string) => ({
    ...key.export({ format: "jwk" }),
    kid,
    alg,
    use: "sig",
  });
  return {
    jwks: { keys: [published(k1.publicKey, "k1", "RS256"), published(e1.publicKey, "e1", "ES256")] },
    sign(plan, claims) {
      const alg = plan.alg ?? "RS256";
      const header = { alg, typ: "JWT", kid: plan.kid ?? "k1", ...plan.header };
      const key = plan.key === "K2" ? k2.privateKey : alg.startsWith("ES") ? e1.privateKey : k1.privateKey;
      const text = `${encode(header)}.${encode(claims)}`;
      return `${text}.${signature(alg, key, text)}`;
    },
  };
}

const relative = (value: unknown, seconds: number): unknown => {
  const found = typeof value === "string" ? /^now([+-][\d.]+)?$/.exec(value) : null;
  return found === null ? value : seconds + Number(found[1] ?? 0);
};

/** The recording's default claims with others laid over them; null removes one. @param now Milliseconds. */
export function claimsOf(
  issuer: string,
  over: Readonly<Record<string, unknown>>,
  now: number,
): Record<string, unknown> {
  const seconds = Math.floor(now / 1000);
  const claims: Record<string, unknown> = {
    iss: issuer,
    aud: "c1",
    sub: "sub-alice",
    email: "alice@example.com",
    email_verified: true,
    preferred_username: "alice",
    groups: ["dev", "ops"],
    iat: seconds,
    exp: seconds + 3600,
  };
  for (const [name, value] of Object.entries(over)) {
    if (value === null) delete claims[name];
    else claims[name] = relative(value, seconds);
  }
  return claims;
}

/** A token that nobody has seen yet. */
export const opaque = (kind: string): string => `${kind}-${randomUUID()}`;
