import type { KeyObject } from "node:crypto";
import { remembering } from "../../../remembering.ts";
import { crypto } from "./crypto.ts";

/** What a private key may be. Python's requirers of version 4 before 1.12 know RSA only. */
export type KeyKind = "rsa-2048" | "rsa-4096" | "ec-p256" | "ec-p384";

/**
 * Makes a private key.
 *
 * @returns PEM, RSA as PKCS #1 and elliptic curves as SEC 1 (what OpenSSL calls traditional), without blanks around it.
 */
export async function generateKey(kind: KeyKind = "rsa-2048"): Promise<string> {
  const { generateKeyPair, generateKeyPairSync } = crypto();
  if (kind === "ec-p256" || kind === "ec-p384") {
    // At once: another thread would take longer to wake up.
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: kind === "ec-p256" ? "P-256" : "P-384" });
    return pemOf(privateKey, "sec1");
  }
  const { promise, resolve, reject } = Promise.withResolvers<KeyObject>();
  generateKeyPair("rsa", { modulusLength: kind === "rsa-2048" ? 2048 : 4096 }, (error, _public, key) =>
    error ? reject(error) : resolve(key),
  );
  return pemOf(await promise, "pkcs1");
}

function pemOf(key: KeyObject, type: "pkcs1" | "sec1"): string {
  return (key.export({ type, format: "pem" }) as string).trim();
}

/** The key in a PEM text without a passphrase; `undefined` when there is none. */
function privateKey(pem: string): KeyObject | undefined {
  try {
    return crypto().createPrivateKey(pem);
  } catch {
    return undefined; // Secrets and options are written by others; the caller says what that means.
  }
}

/** The key in a PEM text, where requests can be made with it. */
export function usableKey(pem: string): KeyObject | undefined {
  const key = privateKey(pem);
  if (key === undefined) return undefined;
  const { modulusLength = 0, namedCurve = "" } = key.asymmetricKeyDetails ?? {};
  const usable =
    key.asymmetricKeyType === "rsa"
      ? modulusLength >= 2048
      : key.asymmetricKeyType === "ec" && ["prime256v1", "secp384r1"].includes(namedCurve);
  return usable ? key : undefined;
}

/** Whether a text is a private key that requests can be made with: RSA from 2048 bits, or P-256 or P-384. */
export function isUsableKey(pem: string): boolean {
  return usableKey(pem) !== undefined;
}

/** DER of the SubjectPublicKeyInfo of a private key's public half. */
export function publicKeyDer(key: KeyObject): Uint8Array {
  return crypto().createPublicKey(key).export({ type: "spki", format: "der" });
}

/** SHA-256 of a public key's SubjectPublicKeyInfo, in hexadecimal: the same for a key, its requests and certificates. */
export function keyFingerprint(subjectPublicKeyInfo: Uint8Array): string {
  return crypto().hash("sha256", subjectPublicKeyInfo);
}

/** The fingerprint of a private key's public half; `undefined` when the text is no private key. */
export const fingerprintOfKey: (pem: string) => string | undefined = remembering(
  (pem) => {
    const key = privateKey(pem);
    return key && keyFingerprint(publicKeyDer(key));
  },
  // By a hash: no key stays in memory.
  { keyOf: (pem) => crypto().hash("sha256", pem, "base64") },
);
