/** Certificates as the recorder had them: one authority, ECDSA P-256. @module */

import type { webcrypto } from "node:crypto";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** PEM texts of a certificate and its key. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

const pem = async (key: webcrypto.CryptoKey): Promise<string> =>
  x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");

const validity = () => ({ notBefore: new Date("2024-01-01"), notAfter: new Date("2124-01-01") });

/** A new authority. */
export async function authority(name: string) {
  const keys = (await crypto.subtle.generateKey(ALGORITHM, true, [
    "sign",
    "verify",
  ])) as webcrypto.CryptoKeyPair;
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: ALGORITHM,
    ...validity(),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  return { keys, cert };
}

/** An authority that signs certificates. */
export type Authority = Awaited<ReturnType<typeof authority>>;

/** A certificate for names and addresses, with its key. */
export async function leaf(ca: Authority, cn: string, names: readonly string[]): Promise<Pair> {
  const keys = (await crypto.subtle.generateKey(ALGORITHM, true, [
    "sign",
    "verify",
  ])) as webcrypto.CryptoKeyPair;
  const cert = await x509.X509CertificateGenerator.create({
    subject: `CN=${cn}`,
    issuer: ca.cert.subject,
    publicKey: keys.publicKey,
    signingKey: ca.keys.privateKey,
    signingAlgorithm: ALGORITHM,
    ...validity(),
    extensions: [
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: /^[\d.]+$/.test(value) ? "ip" : "dns", value })),
      ),
    ],
  });
  return { cert: cert.toString("pem"), key: await pem(keys.privateKey) };
}

/** Name of a file, such as `gw.cert` → PEM text. */
export async function materials(addresses: {
  readonly listen: string;
  readonly app: string;
  readonly authz: string;
}): Promise<Readonly<Record<string, string>>> {
  const [ca, other] = [await authority("golden CA"), await authority("other CA")];
  const pairs: Readonly<Record<string, Pair>> = {
    gw: await leaf(ca, "gw.test", ["gw.test"]),
    gw2: await leaf(ca, "gw.test", ["gw.test", "extra.gw.test"]),
    app: await leaf(ca, "app.gw.test", ["app.gw.test"]),
    wild: await leaf(ca, "wild.gw.test", ["*.gw.test"]),
    other: await leaf(ca, "other.test", ["other.test"]),
    ip: await leaf(ca, addresses.listen, [addresses.listen]),
    backend: await leaf(ca, "backend.test", ["backend.test", addresses.app, addresses.authz]),
  };
  const texts = Object.entries(pairs).flatMap(([name, { cert, key }]) => [
    [`${name}.cert`, cert],
    [`${name}.key`, key],
  ]);
  return {
    ...Object.fromEntries(texts),
    "ca.cert": ca.cert.toString("pem"),
    "otherca.cert": other.cert.toString("pem"),
  };
}
