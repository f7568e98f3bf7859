import type { X509Certificate } from "@peculiar/x509";
import { pem } from "../../../pem.ts";
import { crypto, signingKey } from "./key.ts";
import { extensionOf, library, nameOf, type Subject } from "./library.ts";
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
  const keys = signingKey(options.privateKey);
  const x509 = await library();
  const { KeyUsageFlags: usage } = x509;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: nameOf(options),
    notBefore: new Date(options.notBefore),
    notAfter: new Date(options.notAfter),
    keys: { privateKey: keys.privateKey, publicKey: keys.publicKey },
    signingAlgorithm: keys.algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(usage.digitalSignature | usage.keyCertSign | usage.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
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
  const keys = signingKey(options.authority.privateKey);
  const issuer = new x509.X509Certificate(options.authority.certificate);
  const request = await verifiedRequest(options.csr);
  if (request === undefined)
    throw new TypeError("Cannot sign request: it is none, or its signature does not hold");
  const names = extensionOf(request, x509.SubjectAlternativeNameExtension);
  const { KeyUsageFlags: usage } = x509;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: request.subject,
    issuer: issuer.subject,
    notBefore: new Date(options.notBefore),
    notAfter: new Date(Math.min(options.notAfter, issuer.notAfter.getTime())),
    publicKey: request.publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm: keys.algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(options.ca ?? false, undefined, true),
      options.ca
        ? new x509.KeyUsagesExtension(usage.digitalSignature | usage.keyCertSign | usage.cRLSign, true)
        : new x509.KeyUsagesExtension(usage.digitalSignature | usage.keyEncipherment, true),
      ...(options.ca
        ? []
        : [
            new x509.ExtendedKeyUsageExtension([
              x509.ExtendedKeyUsage.serverAuth,
              x509.ExtendedKeyUsage.clientAuth,
            ]),
          ]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(request.publicKey),
      ...(names === undefined
        ? []
        : [new x509.SubjectAlternativeNameExtension(names.names.toJSON(), names.critical)]),
    ],
  });
  return pemOf(certificate);
}

/** RFC 5280, section 4.1.2.2: positive, at most 20 octets, not to be guessed. */
function serial(): string {
  const bytes = crypto().randomBytes(19);
  return `01${bytes.toString("hex")}`;
}

function pemOf(certificate: X509Certificate): string {
  return pem(Buffer.from(certificate.rawData).toString("base64"), "CERTIFICATE");
}
