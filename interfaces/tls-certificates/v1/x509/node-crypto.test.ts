import { createPrivateKey, webcrypto } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { pem } from "../../../pem.ts";
import { generateKey, keyPair } from "./key.ts";
import { type Library, library } from "./library.ts";
import { cryptoKey, nodeCrypto } from "./node-crypto.ts";

const { subtle } = webcrypto;

/** Every algorithm that WebCrypto signs requests with. */
const ALGORITHMS = [
  { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" },
  { name: "ECDSA", namedCurve: "P-521", hash: "SHA-512" },
  { name: "RSASSA-PKCS1-v1_5", hash: "SHA-1" },
  { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  { name: "RSASSA-PKCS1-v1_5", hash: "SHA-512" },
  { name: "RSA-PSS", hash: "SHA-256", saltLength: 32 },
  { name: "Ed25519" },
] as const;

const RSA = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };

let x509: Library;

beforeAll(async () => {
  x509 = await library();
});

/** A request that WebCrypto made and signed. */
async function requestBy(algorithm: (typeof ALGORITHMS)[number]): Promise<Uint8Array> {
  const keys = await subtle.generateKey({ ...RSA, ...algorithm } as webcrypto.EcKeyGenParams, true, [
    "sign",
    "verify",
  ]);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: ["a.test"] }],
    keys: keys as webcrypto.CryptoKeyPair,
    signingAlgorithm: algorithm as never,
  });
  return new Uint8Array(request.rawData);
}

const verdict = async (der: Uint8Array, crypto?: webcrypto.Crypto): Promise<boolean> => {
  const request = new x509.Pkcs10CertificateRequest(
    pem(Buffer.from(der).toString("base64"), "CERTIFICATE REQUEST"),
  );
  return await request.verify(crypto);
};

describe("nodeCrypto", () => {
  test.each(ALGORITHMS)("verifies what WebCrypto signed with $name $hash $namedCurve", async (algorithm) => {
    const der = await requestBy(algorithm);
    expect(await verdict(der, nodeCrypto)).toBe(true);
  });

  test.each(ALGORITHMS)(
    "has WebCrypto's verdict of $name $hash $namedCurve that was changed",
    async (algorithm) => {
      const der = await requestBy(algorithm);
      // In the name, the key, and the signature.
      for (const at of [20, Math.floor(der.length / 2), der.length - 3]) {
        const changed = Uint8Array.from(der, (byte, index) => (index === at ? byte ^ 1 : byte));
        const verdicts = [verdict(changed, nodeCrypto), verdict(changed)].map((one) =>
          one.catch(() => false),
        );
        expect(await Promise.all(verdicts)).toEqual([false, false]);
      }
    },
  );

  test.each(["ec-p256", "ec-p384", "rsa-2048"] as const)(
    "signs with %s what WebCrypto verifies",
    async (kind) => {
      const keys = keyPair(await generateKey(kind));
      const signingAlgorithm = keys.algorithm;
      const parts = { name: [{ CN: ["a.test"] }], keys, signingAlgorithm };
      const request = await x509.Pkcs10CertificateRequestGenerator.create(parts, nodeCrypto);
      expect(await verdict(new Uint8Array(request.rawData))).toBe(true);
    },
  );

  test("a key is used for its own kind of algorithm only", async () => {
    const key = createPrivateKey(await generateKey("ec-p256"));
    expect(() => cryptoKey(key, { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, ["sign"])).toThrow(
      "Cannot use a key of kind ec for RSASSA-PKCS1-v1_5: must be rsa",
    );
    expect(() => cryptoKey(key, { name: "HMAC" }, ["sign"])).toThrow(
      "Cannot use a key of kind ec for HMAC: must be of an algorithm that is known",
    );
  });

  test("digests as WebCrypto does, and no others", async () => {
    const data = new TextEncoder().encode("abc");
    for (const name of ["SHA-1", "SHA-256", "SHA-384", "SHA-512"]) {
      expect(Buffer.from(await nodeCrypto.subtle.digest(name, data))).toEqual(
        Buffer.from(await subtle.digest(name, data)),
      );
    }
    await expect(nodeCrypto.subtle.digest("MD5", data)).rejects.toThrow('Cannot use digest "MD5"');
  });
});
