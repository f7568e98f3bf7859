/**
 * The X.509 library's cryptography, over `node:crypto`'s own functions. WebCrypto, which the library takes by itself,
 * has to be loaded, and sends each call to a thread and back: for the few small keys of a hook that is most of the time.
 *
 * @module
 */

import type { KeyObject, webcrypto } from "node:crypto";

/** Loaded when a key is made or read, and not before: it costs start-up time. */
export const crypto = (): typeof import("node:crypto") => process.getBuiltinModule("node:crypto");

/** What WebCrypto calls an algorithm, as far as the library names one. */
interface Algorithm {
  readonly name: string;
  readonly hash?: string | { readonly name: string };
  /** Bytes. */
  readonly saltLength?: number;
}

/** A key as the library knows one: in WebCrypto's words, over a key of Node.js. */
class NodeKey {
  readonly type: string;
  readonly extractable = true;
  readonly algorithm: Algorithm;
  readonly usages: readonly string[];
  readonly object: KeyObject;

  constructor(object: KeyObject, algorithm: Algorithm, usages: readonly string[]) {
    const kind = KINDS.get(algorithm.name);
    if (kind === undefined || object.asymmetricKeyType !== kind) {
      const text = `Cannot use a key of kind ${object.asymmetricKeyType} for ${algorithm.name}`;
      throw new TypeError(`${text}: must be ${kind ?? "of an algorithm that is known"}`);
    }
    this.type = object.type;
    this.algorithm = algorithm;
    this.usages = usages;
    this.object = object;
  }
}

/** A key of Node.js where WebCrypto's is asked for. @throws {TypeError} When it is not of the algorithm's kind. */
export function cryptoKey(
  object: KeyObject,
  algorithm: Algorithm,
  usages: readonly string[],
): webcrypto.CryptoKey {
  return new NodeKey(object, algorithm, usages) as unknown as webcrypto.CryptoKey;
}

/** WebCrypto's algorithms for signatures → Node.js's kind of key. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ["ECDSA", "ec"],
  ["RSASSA-PKCS1-v1_5", "rsa"],
  ["RSA-PSS", "rsa"],
  ["Ed25519", "ed25519"],
]);

/** WebCrypto's digests → Node.js's. */
const DIGESTS: ReadonlyMap<string, string> = new Map([
  ["SHA-1", "sha1"],
  ["SHA-256", "sha256"],
  ["SHA-384", "sha384"],
  ["SHA-512", "sha512"],
]);

function digestCalled(name: string): string {
  const digest = DIGESTS.get(name);
  if (digest === undefined)
    throw new TypeError(`Cannot use digest "${name}": must be SHA-1, 256, 384 or 512`);
  return digest;
}

function digestOf({ name, hash = "" }: Algorithm): string | null {
  if (name === "Ed25519") return null; // It has its own.
  return digestCalled(typeof hash === "object" ? hash.name : hash);
}

/** The key with how its signatures are written: WebCrypto writes those of curves as two numbers side by side. */
function keyFor(algorithm: Algorithm, { object }: NodeKey) {
  const { constants } = crypto();
  if (algorithm.name !== "RSA-PSS") return { key: object, dsaEncoding: "ieee-p1363" } as const;
  const { saltLength = constants.RSA_PSS_SALTLEN_DIGEST } = algorithm;
  return { key: object, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
}

const subtle = {
  async exportKey(_format: "spki", { object }: NodeKey): Promise<ArrayBuffer> {
    return new Uint8Array(object.export({ type: "spki", format: "der" })).buffer;
  },

  async importKey(
    _format: "spki",
    key: ArrayBuffer,
    algorithm: Algorithm,
    _extractable: boolean,
    usages: readonly string[],
  ): Promise<NodeKey> {
    const object = crypto().createPublicKey({ key: Buffer.from(key), format: "der", type: "spki" });
    return new NodeKey(object, algorithm, usages);
  },

  async sign(algorithm: Algorithm, key: NodeKey, data: ArrayBuffer): Promise<ArrayBuffer> {
    const signature = crypto().sign(digestOf(algorithm), Buffer.from(data), keyFor(algorithm, key));
    return new Uint8Array(signature).buffer;
  },

  async verify(
    algorithm: Algorithm,
    key: NodeKey,
    signature: ArrayBuffer,
    data: ArrayBuffer,
  ): Promise<boolean> {
    const bytes = Buffer.from(data);
    return crypto().verify(digestOf(algorithm), bytes, keyFor(algorithm, key), Buffer.from(signature));
  },

  async digest(name: string, data: ArrayBuffer): Promise<ArrayBuffer> {
    return new Uint8Array(crypto().hash(digestCalled(name), Buffer.from(data), "buffer")).buffer;
  },
};

/** What the library is given in WebCrypto's place. */
export const nodeCrypto = {
  subtle,
  getRandomValues: (bytes: Uint8Array) => crypto().randomFillSync(bytes),
} as unknown as webcrypto.Crypto;
