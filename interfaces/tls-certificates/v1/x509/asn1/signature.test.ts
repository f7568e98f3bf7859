import { webcrypto } from "node:crypto";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { describe, expect, test } from "vitest";
import { pem } from "../../../../pem.ts";
import { createRequest, generateKey, readRequest } from "../../index.ts";

const { subtle } = webcrypto;

/** Every algorithm that WebCrypto signs requests with. */
const ALGORITHMS = [
  { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  { name: "ECDSA", namedCurve: "P-256", hash: "SHA-1" },
  { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" },
  { name: "ECDSA", namedCurve: "P-521", hash: "SHA-512" },
  { name: "RSASSA-PKCS1-v1_5", hash: "SHA-1" },
  { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  { name: "RSASSA-PKCS1-v1_5", hash: "SHA-384" },
  { name: "RSASSA-PKCS1-v1_5", hash: "SHA-512" },
  { name: "RSA-PSS", hash: "SHA-1", saltLength: 20 },
  { name: "RSA-PSS", hash: "SHA-256", saltLength: 32 },
  { name: "RSA-PSS", hash: "SHA-512", saltLength: 64 },
  { name: "Ed25519" },
] as const;

const RSA = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };

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

const ours = async (der: Uint8Array): Promise<boolean> =>
  (await readRequest(pem(der, "CERTIFICATE REQUEST"))) !== undefined;

const theirs = async (der: Uint8Array): Promise<boolean> => {
  try {
    return await new x509.Pkcs10CertificateRequest(pem(der, "CERTIFICATE REQUEST")).verify();
  } catch {
    return false; // The library throws where there is nothing that it can read.
  }
};

describe("a request's signature", () => {
  test.each(ALGORITHMS)("holds, as WebCrypto made it with $name $hash $namedCurve", async (algorithm) => {
    const der = await requestBy(algorithm);
    expect([await ours(der), await theirs(der)]).toEqual([true, true]);
  });

  test.each(ALGORITHMS)(
    "of $name $hash $namedCurve holds no more when anything is changed",
    async (algorithm) => {
      const der = await requestBy(algorithm);
      // In the name, the key, and the signature.
      for (const at of [20, Math.floor(der.length / 2), der.length - 3]) {
        const changed = Uint8Array.from(der, (byte, index) => (index === at ? byte ^ 1 : byte));
        expect([await ours(changed), await theirs(changed)]).toEqual([false, false]);
      }
    },
  );

  test("does not hold for an algorithm of another kind of key", async () => {
    const der = Buffer.from(await requestBy(ALGORITHMS[0]));
    const ecdsaSha256 = Buffer.from("06082a8648ce3d040302", "hex");
    expect(der.includes(ecdsaSha256)).toBe(true);
    const wrong = (hex: string) => {
      const changed = Buffer.from(der);
      Buffer.from(hex, "hex").copy(changed, der.indexOf(ecdsaSha256));
      return changed;
    };
    expect(await ours(wrong("06082a8648ce3d040303"))).toBe(false); // ECDSA with SHA-384
    expect(await ours(wrong("06082a8648ce3d040309"))).toBe(false); // nothing
    expect(await ours(wrong("06082a864886f70d0201"))).toBe(false); // nothing of RSA
  });

  test.each(["ec-p256", "ec-p384", "rsa-2048"] as const)("made with %s holds for WebCrypto", async (kind) => {
    const text = await createRequest({ commonName: "a.test", privateKey: await generateKey(kind) });
    expect(await new x509.Pkcs10CertificateRequest(text).verify()).toBe(true);
  });
});
