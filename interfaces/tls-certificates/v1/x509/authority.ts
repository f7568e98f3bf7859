import type { Extension, X509Certificate } from "@peculiar/x509";
import { pem } from "../../../pem.ts";
import { remembering } from "../../../remembering.ts";
import { fingerprintOfKey, keyFingerprint, keyPair } from "./key.ts";
import { extensionOf, type Library, library, nameOf, type Subject } from "./library.ts";
import { crypto, nodeCrypto } from "./node-crypto.ts";
import { verifiedRequest } from "./request.ts";

/** When a certificate holds; milliseconds since the epoch. */
export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** A new authority. */
export interface AuthorityOptions extends Subject, Validity {
  /** PEM. */
  readonly privateKey: string;
}

/** Who signs. */
export interface Authority {
  /** PEM. */
  readonly certificate: string;
  /** PEM. */
  readonly privateKey: string;
}

/**
 * Makes an authority's certificate, signed by itself.
 *
 * @returns PEM in canonical form.
 * @throws {TypeError} When the private key cannot be used.
 */
export async function createAuthority(options: AuthorityOptions): Promise<string> {
  const keys = keyPair(options.privateKey);
  const x509 = await library();
  const parts = {
    serialNumber: serial(),
    name: nameOf(options),
    notBefore: new Date(options.notBefore),
    notAfter: new Date(options.notAfter),
    keys,
    signingAlgorithm: keys.algorithm,
    extensions: [...purposes(x509, true), keyIdentifier(x509, fingerprintOfKey(options.privateKey)!)],
  };
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(parts, nodeCrypto);
  return pemOf(certificate);
}

/** What to sign. */
export interface SigningOptions extends Validity {
  readonly authority: Authority;
  /** PEM; must have passed `readRequest`. */
  readonly csr: string;
  /** Whether the certificate may sign others. Default false. */
  readonly ca?: boolean;
}

/**
 * Signs a request: subject, alternative names and key are the request's, everything else is said here. A
 * certificate never outlives its authority.
 *
 * @returns PEM in canonical form.
 * @throws {TypeError} When the authority's key cannot be used, or the request is none.
 */
export async function signRequest(options: SigningOptions): Promise<string> {
  const x509 = await library();
  const keys = keyPair(options.authority.privateKey);
  const { issuer, identifier } = await issuerOf(options.authority.certificate);
  const request = await verifiedRequest(options.csr);
  if (request === undefined)
    throw new TypeError("Cannot sign request: it is none, or its signature does not hold");
  const names = extensionOf(request, x509.SubjectAlternativeNameExtension);
  const parts = {
    serialNumber: serial(),
    subject: request.subjectName,
    issuer: issuer.subjectName,
    notBefore: new Date(options.notBefore),
    notAfter: new Date(Math.min(options.notAfter, issuer.notAfter.getTime())),
    publicKey: request.publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm: keys.algorithm,
    extensions: [
      ...purposes(x509, options.ca ?? false),
      identifier,
      keyIdentifier(x509, keyFingerprint(new Uint8Array(request.publicKey.rawData))),
      ...(names === undefined
        ? []
        : [new x509.SubjectAlternativeNameExtension(names.names.toJSON(), names.critical)]),
    ],
  };
  const certificate = await x509.X509CertificateGenerator.create(parts, nodeCrypto);
  return pemOf(certificate);
}

/**
 * A certificate that signs, and how what it has signed names it: by its own identifier, where it has one (RFC 5280,
 * section 4.2.1.1). Its name goes into what it signs byte for byte, as the section 4.1.2.4 demands.
 */
const issuerOf = remembering(async (text: string) => {
  const x509 = await library();
  const issuer = new x509.X509Certificate(text);
  const own = extensionOf(issuer, x509.SubjectKeyIdentifierExtension)?.keyId;
  const identifier =
    own === undefined
      ? await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey, false, nodeCrypto)
      : new x509.AuthorityKeyIdentifierExtension(own);
  return { issuer, identifier };
});

/**
 * Any number that is the key's own will do (RFC 5280, section 4.2.1.2): the first 160 bits of the SHA-256 of its
 * SubjectPublicKeyInfo, much as RFC 7093, section 2, has it.
 */
function keyIdentifier(x509: Library, fingerprint: string): Extension {
  return new x509.SubjectKeyIdentifierExtension(fingerprint.slice(0, 40));
}

/** By whether it is an authority: always the same, and slow to make. */
const known = new Map<boolean, readonly Extension[]>();

/** What a certificate may be used for, as extensions. */
function purposes(x509: Library, ca: boolean): readonly Extension[] {
  const found = known.get(ca) ?? makePurposes(x509, ca);
  known.set(ca, found);
  return found;
}

function makePurposes(x509: Library, ca: boolean): readonly Extension[] {
  const { BasicConstraintsExtension, ExtendedKeyUsage: extended, KeyUsageFlags: usage } = x509;
  const basic = new BasicConstraintsExtension(ca, undefined, true);
  if (ca) {
    const signs = usage.digitalSignature | usage.keyCertSign | usage.cRLSign;
    return [basic, new x509.KeyUsagesExtension(signs, true)];
  }
  return [
    basic,
    new x509.KeyUsagesExtension(usage.digitalSignature | usage.keyEncipherment, true),
    new x509.ExtendedKeyUsageExtension([extended.serverAuth, extended.clientAuth]),
  ];
}

/** RFC 5280, section 4.1.2.2: positive, at most 20 octets, not to be guessed. */
function serial(): string {
  const bytes = crypto().randomBytes(19);
  return `01${bytes.toString("hex")}`;
}

function pemOf(certificate: X509Certificate): string {
  return pem(Buffer.from(certificate.rawData).toString("base64"), "CERTIFICATE");
}
