/** Certificates for tests. */
import { randomBytes, type webcrypto } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import "reflect-metadata";
import {
  BasicConstraintsExtension,
  cryptoProvider,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

/** A certificate and its key, by file and as text. */
export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
  readonly keyFile: string;
  readonly certFile: string;
  /** What signs with it. */
  readonly signer: { readonly name: string; readonly key: webcrypto.CryptoKey };
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY = 86_400_000;

/**
 * Makes `<name>.key` and `<name>.pem` in a folder, for 127.0.0.1, idp.example and a day.
 *
 * @param issuer Who signs; undefined: itself.
 */
export async function makeCertificate(
  folder: string,
  name: string,
  issuer?: TestCertificate,
): Promise<TestCertificate> {
  cryptoProvider.set(globalThis.crypto);
  const pair = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const signer = issuer?.signer ?? { name: `CN=${name}`, key: pair.privateKey };
  const certificate = await X509CertificateGenerator.create({
    serialNumber: `01${randomBytes(8).toString("hex")}`,
    subject: `CN=${name}`,
    issuer: signer.name,
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + DAY),
    signingAlgorithm: ALGORITHM,
    publicKey: pair.publicKey,
    signingKey: signer.key,
    extensions: [
      new BasicConstraintsExtension(issuer === undefined, undefined, true),
      new SubjectAlternativeNameExtension([
        { type: "ip", value: "127.0.0.1" },
        { type: "dns", value: "idp.example" },
      ]),
    ],
  });
  const bytes = await crypto.subtle.exportKey("pkcs8", pair.privateKey);
  const key = `${PemConverter.encode(bytes, "PRIVATE KEY")}\n`;
  const cert = `${certificate.toString("pem")}\n`;
  const [keyFile, certFile] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  writeFileSync(keyFile, key);
  writeFileSync(certFile, cert);
  return { key, cert, keyFile, certFile, signer: { name: `CN=${name}`, key: pair.privateKey } };
}
