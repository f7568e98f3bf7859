import type { KeyObject } from "node:crypto";
import { id_RSASSA_PSS, RsaSaPssParams } from "@peculiar/asn1-rsa";
import { AsnConvert } from "@peculiar/asn1-schema";
import { AlgorithmIdentifier, SubjectPublicKeyInfo } from "@peculiar/asn1-x509";
import { crypto } from "../crypto.ts";
import { keyFingerprint, publicKeyDer, usableKey } from "../key.ts";
import { bytes } from "./der.ts";

/** A kind of key as Node.js calls it, and a digest; `null`: the algorithm has its own. */
type Algorithm = readonly [kind: string, digest: string | null];

const RSA_SHA256 = "1.2.840.113549.1.1.11";
const ECDSA_SHA256 = "1.2.840.10045.4.3.2";

/** By object identifier (RFC 3279, 4055, 5758 and 8410). */
const ALGORITHMS: ReadonlyMap<string, Algorithm> = new Map([
  ["1.2.840.113549.1.1.5", ["rsa", "sha1"]],
  [RSA_SHA256, ["rsa", "sha256"]],
  ["1.2.840.113549.1.1.12", ["rsa", "sha384"]],
  ["1.2.840.113549.1.1.13", ["rsa", "sha512"]],
  ["1.2.840.10045.4.1", ["ec", "sha1"]],
  [ECDSA_SHA256, ["ec", "sha256"]],
  ["1.2.840.10045.4.3.3", ["ec", "sha384"]],
  ["1.2.840.10045.4.3.4", ["ec", "sha512"]],
  ["1.3.101.112", ["ed25519", null]],
]);

/** Digests of PSS by object identifier (RFC 4055, section 2.1). */
const DIGESTS: ReadonlyMap<string, string> = new Map([
  ["1.3.14.3.2.26", "sha1"],
  ["2.16.840.1.101.3.4.2.1", "sha256"],
  ["2.16.840.1.101.3.4.2.2", "sha384"],
  ["2.16.840.1.101.3.4.2.3", "sha512"],
]);

/** What was signed, how, and with which key. */
export interface Signed {
  readonly data: ArrayBuffer;
  readonly algorithm: AlgorithmIdentifier;
  readonly signature: ArrayBuffer;
  /** DER of its SubjectPublicKeyInfo. */
  readonly publicKey: ArrayBuffer;
}

/**
 * Whether a signature holds; never for an algorithm that is not known here.
 *
 * @throws When the key, or what is said of the algorithm, cannot be read.
 */
export function holds({ data, algorithm, signature, publicKey }: Signed): boolean {
  const key = crypto().createPublicKey({ key: Buffer.from(publicKey), format: "der", type: "spki" });
  const [signed, written] = [Buffer.from(data), Buffer.from(signature)];
  if (algorithm.algorithm === id_RSASSA_PSS) {
    const how = pss(key, AsnConvert.parse(algorithm.parameters ?? new ArrayBuffer(0), RsaSaPssParams));
    return how !== undefined && crypto().verify(how.digest, signed, how, written);
  }
  const known = ALGORITHMS.get(algorithm.algorithm);
  if (known === undefined) return false;
  const [kind, digest] = known;
  return kind === key.asymmetricKeyType && crypto().verify(digest, signed, key, written);
}

/** OpenSSL makes the mask with the signature's own digest; what has two of them is not known here. */
function pss(key: KeyObject, { hashAlgorithm, maskGenAlgorithm, saltLength }: RsaSaPssParams) {
  const digest = DIGESTS.get(hashAlgorithm.algorithm);
  const mask = AsnConvert.parse(maskGenAlgorithm.parameters ?? new ArrayBuffer(0), AlgorithmIdentifier);
  if (digest === undefined || mask.algorithm !== hashAlgorithm.algorithm || key.asymmetricKeyType !== "rsa")
    return undefined;
  return { key, digest, saltLength, padding: crypto().constants.RSA_PKCS1_PSS_PADDING };
}

/** A private key that signs. */
export interface Signer {
  readonly algorithm: AlgorithmIdentifier;
  readonly key: KeyObject;
  readonly sign: (data: ArrayBuffer) => ArrayBuffer;
}

/** @throws {TypeError} When the text is no private key, or of a kind that is not used here. */
export function signerOf(pem: string): Signer {
  const key = usableKey(pem);
  if (key === undefined)
    throw new TypeError("Cannot use private key: must be PEM of RSA from 2048 bits, P-256 or P-384");
  return {
    key,
    algorithm:
      key.asymmetricKeyType === "rsa"
        ? new AlgorithmIdentifier({ algorithm: RSA_SHA256, parameters: null })
        : new AlgorithmIdentifier({ algorithm: ECDSA_SHA256 }),
    sign: (data) => bytes(crypto().sign("sha256", Buffer.from(data), key)),
  };
}

/** The public half of a key, and its fingerprint as `keyFingerprint` has it. */
export function publicHalf({ key }: Signer): {
  readonly publicKey: SubjectPublicKeyInfo;
  readonly fingerprint: string;
} {
  const read = publicKeyDer(key);
  return { publicKey: AsnConvert.parse(read, SubjectPublicKeyInfo), fingerprint: keyFingerprint(read) };
}
