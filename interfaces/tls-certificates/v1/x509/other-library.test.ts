/** Requests and certificates beside those of another library, `@peculiar/x509` over WebCrypto. @module */

import { createPrivateKey, createPublicKey, webcrypto } from "node:crypto";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { beforeAll, describe, expect, test } from "vitest";
import { pemBytes } from "../../../pem.ts";
import {
  type Authority,
  createAuthority,
  createRequest,
  generateKey,
  isIssuedBy,
  signRequest,
} from "../index.ts";

const now = Date.UTC(2026, 0, 1);
const day = 86_400_000;
let authority: Authority;
let key: string;
let csr: string;
let certificate: string;

beforeAll(async () => {
  const privateKey = await generateKey("ec-p256");
  const validity = { notBefore: now, notAfter: now + 100 * day };
  authority = {
    privateKey,
    certificate: await createAuthority({ commonName: "Test CA", privateKey, ...validity }),
  };
  key = await generateKey();
  csr = await createRequest({
    commonName: "gw.test",
    privateKey: key,
    dnsNames: ["gw.test"],
    uniqueId: "u-1",
  });
  certificate = await signRequest({ csr, authority, notBefore: now, notAfter: now + 10 * day });
});

/** The extension of a kind, as another library reads it. */
function extensionOf<E extends x509.Extension>(
  { extensions }: { readonly extensions: readonly x509.Extension[] },
  kind: abstract new (...args: never[]) => E,
): E | undefined {
  return extensions.find((extension): extension is E => extension instanceof kind);
}

/** An authority's certificate that another library made: WebCrypto's keys, any name. */
async function foreignAuthority(privateKey: string, name: object[]): Promise<x509.X509Certificate> {
  const der = createPrivateKey(privateKey).export({ type: "pkcs8", format: "der" });
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const spki = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  return await x509.X509CertificateGenerator.createSelfSigned({
    name: name as never,
    notBefore: new Date(now),
    notAfter: new Date(now + day),
    keys: {
      privateKey: await webcrypto.subtle.importKey("pkcs8", der, algorithm, true, ["sign"]),
      publicKey: await webcrypto.subtle.importKey("spki", spki, algorithm, true, ["verify"]),
    },
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true),
      new x509.SubjectKeyIdentifierExtension("0102030405"),
    ],
  });
}

/** A request that another library made. */
async function foreignRequest(extensions: x509.Extension[]): Promise<string> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, [
    "sign",
    "verify",
  ])) as webcrypto.CryptoKeyPair;
  const name = "CN=foreign";
  const made = { name, keys, signingAlgorithm: algorithm, extensions };
  return (await x509.Pkcs10CertificateRequestGenerator.create(made)).toString("pem");
}

describe("createRequest()", () => {
  test("is what the other library reads, in the encodings of RFC 5280 that Go takes", async () => {
    const subject = { commonName: "*.my_app.test", organization: "Ö", country: "DE", email: "a@b.test" };
    const text = await createRequest({ ...subject, privateKey: key, dnsNames: ["a.test"], ca: true });
    const read = new x509.Pkcs10CertificateRequest(text);
    expect(await read.verify()).toBe(true);
    expect(read.subjectName.toJSON()).toEqual([
      { CN: ["*.my_app.test"] },
      { O: ["Ö"] },
      { C: ["DE"] },
      { E: ["a@b.test"] },
    ]);
    const der = Buffer.from(pemBytes(text));
    expect(der.includes(Buffer.from("\x0c\x0d*.my_app.test"))).toBe(true);
    expect(der.includes(Buffer.from("\x13\x02DE"))).toBe(true);
    expect(der.includes(Buffer.from("\x16\x08a@b.test"))).toBe(true);
    expect(extensionOf(read, x509.BasicConstraintsExtension)?.ca).toBe(true);
    expect(extensionOf(read, x509.SubjectAlternativeNameExtension)?.names.toJSON()).toEqual([
      { type: "dns", value: "a.test" },
    ]);
  });

  test("writes as UTF-8 what the kind of an attribute cannot hold, and quotes as they are", async () => {
    const subject = { commonName: 'a "b" c', country: "Ö", email: "ö@b.test" };
    const text = await createRequest({ ...subject, privateKey: key });
    const read = new x509.Pkcs10CertificateRequest(text);
    expect(read.subjectName.toJSON()).toEqual([{ CN: ['a "b" c'] }, { C: ["Ö"] }, { E: ["ö@b.test"] }]);
    const der = Buffer.from(pemBytes(text));
    for (const written of ['\x0c\x07a "b" c', "\x0c\x02Ö", "\x0c\x09ö@b.test"]) {
      expect(der.includes(Buffer.from(written)), written).toBe(true);
    }
  });
});

describe("signRequest()", () => {
  test.each([
    ["UTF8String, as OpenSSL writes it", { utf8String: "Foreign CA" }],
    ["PrintableString, as Windows writes it", { printableString: "Foreign CA" }],
    ["BMPString", { bmpString: "Foreign CA" }],
  ])("names the authority byte for byte, and by its own identifier: %s", async (_kind, text) => {
    const foreign = await foreignAuthority(authority.privateKey, [{ O: [text] }, { CN: [text] }]);
    const by = { certificate: foreign.toString("pem"), privateKey: authority.privateKey };
    const signed = await signRequest({ csr, authority: by, notBefore: now, notAfter: now + day });
    const read = new x509.X509Certificate(signed);
    expect(Buffer.from(read.issuerName.toArrayBuffer()).toString("hex")).toBe(
      Buffer.from(foreign.subjectName.toArrayBuffer()).toString("hex"),
    );
    expect(extensionOf(read, x509.AuthorityKeyIdentifierExtension)?.keyId).toBe("0102030405");
    expect(isIssuedBy(signed, by.certificate)).toBe(true);
  });

  test("is what the other library reads", async () => {
    const read = new x509.X509Certificate(certificate);
    const root = new x509.X509Certificate(authority.certificate);
    expect(await read.verify({ publicKey: root.publicKey, date: new Date(now + day) })).toBe(true);
    expect(read.subject).toBe("2.5.4.45=u-1, CN=gw.test");
    const kinds = [
      x509.BasicConstraintsExtension,
      x509.KeyUsagesExtension,
      x509.ExtendedKeyUsageExtension,
      x509.AuthorityKeyIdentifierExtension,
      x509.SubjectKeyIdentifierExtension,
      x509.SubjectAlternativeNameExtension,
    ];
    expect(kinds.map((kind) => extensionOf<x509.Extension>(read, kind)?.critical)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    expect(extensionOf(read, x509.KeyUsagesExtension)?.usages).toBe(
      x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment,
    );
    expect(extensionOf(root, x509.KeyUsagesExtension)?.usages).toBe(
      x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
    );
    const own = extensionOf(root, x509.SubjectKeyIdentifierExtension)?.keyId;
    expect(extensionOf(read, x509.AuthorityKeyIdentifierExtension)?.keyId).toBe(own);
    expect(own).toHaveLength(40);
    expect(read.serialNumber).toMatch(/^01[0-9a-f]{38}$/);
  });

  test("keeps alternative names of every kind", async () => {
    const names = [
      { type: "dns", value: "a.test" },
      { type: "email", value: "a@b.test" },
      { type: "url", value: "https://a.test/" },
      { type: "dn", value: "CN=a" },
      { type: "ip", value: "10.0.0.1" },
    ] as const;
    const asked = await foreignRequest([new x509.SubjectAlternativeNameExtension([...names], true)]);
    const signed = await signRequest({ csr: asked, authority, notBefore: now, notAfter: now + day });
    const kept = extensionOf(new x509.X509Certificate(signed), x509.SubjectAlternativeNameExtension);
    expect(kept?.names.toJSON()).toEqual(names);
    expect(kept?.critical).toBe(true);
  });
});
