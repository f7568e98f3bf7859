import type { Pkcs10CertificateRequest } from "@peculiar/x509";
import { canonicalPem, pem } from "../../../pem.ts";
import { remembering } from "../../../remembering.ts";
import { keyFingerprint, keyPair } from "./key.ts";
import { extensionOf, library, nameOf, type Subject } from "./library.ts";
import { nodeCrypto } from "./node-crypto.ts";

/** What a certificate is wanted for. */
export interface RequestOptions extends Subject {
  /** PEM; it signs the request. */
  readonly privateKey: string;
  /** Sorted and without repeats in the request. */
  readonly dnsNames?: Iterable<string>;
  readonly ipAddresses?: Iterable<string>;
  /** Whether an authority's certificate is wanted. Default false. */
  readonly ca?: boolean;
}

/**
 * Makes a certificate signing request. With the same options and an RSA key the text is the same.
 *
 * @returns PEM in canonical form, as it goes into the databag.
 * @throws {RangeError} When the common name is empty or longer than 64 characters.
 * @throws {TypeError} When the private key cannot be used.
 */
export async function createRequest(options: RequestOptions): Promise<string> {
  const keys = keyPair(options.privateKey);
  const x509 = await library();
  const names = [
    ...[...new Set(options.dnsNames)].sort().map((value) => ({ type: "dns", value }) as const),
    ...[...new Set(options.ipAddresses)].sort().map((value) => ({ type: "ip", value }) as const),
  ];
  const parts = {
    name: nameOf(options),
    keys,
    signingAlgorithm: keys.algorithm,
    extensions: [
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      ...(options.ca ? [new x509.BasicConstraintsExtension(true, undefined, true)] : []),
    ],
  };
  const request = await x509.Pkcs10CertificateRequestGenerator.create(parts, nodeCrypto);
  return pem(Buffer.from(request.rawData).toString("base64"), "CERTIFICATE REQUEST");
}

/** What a request asks for. */
export interface RequestFacts {
  readonly commonName: string | undefined;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  /** Whether the request itself asks for an authority's certificate. */
  readonly ca: boolean;
  /** SHA-256 of the public key, in hexadecimal. */
  readonly keyFingerprint: string;
}

/** @internal A request whose signature holds; `undefined` for anything else. */
export const verifiedRequest: (text: string) => Promise<Pkcs10CertificateRequest | undefined> = remembering(
  async (text) => {
    const canonical = canonicalPem(text, "CERTIFICATE REQUEST");
    if (canonical === undefined) return undefined;
    const x509 = await library();
    try {
      const request = new x509.Pkcs10CertificateRequest(canonical);
      return (await request.verify(nodeCrypto)) ? request : undefined;
    } catch {
      return undefined; // Requests come from elsewhere; what cannot be read is not signed.
    }
  },
);

/**
 * Reads a request in PEM and checks that whoever made it has the key. Never throws: `undefined` for text that is
 * no request, or whose signature does not hold.
 */
export async function readRequest(text: string): Promise<RequestFacts | undefined> {
  const request = await verifiedRequest(text);
  if (request === undefined) return undefined;
  const x509 = await library();
  try {
    const names = extensionOf(request, x509.SubjectAlternativeNameExtension)?.names.items ?? [];
    return {
      commonName: request.subjectName.getField("CN")[0],
      dnsNames: names.filter(({ type }) => type === "dns").map(({ value }) => value),
      ipAddresses: names.filter(({ type }) => type === "ip").map(({ value }) => value),
      ca: extensionOf(request, x509.BasicConstraintsExtension)?.ca ?? false,
      keyFingerprint: keyFingerprint(new Uint8Array(request.publicKey.rawData)),
    };
  } catch {
    return undefined; // Its names or extensions are none that can be read.
  }
}
