import { AsnConvert } from "@peculiar/asn1-schema";
import {
  Certificate,
  Extensions,
  type Name,
  TBSCertificate,
  Validity as ValidityOfTimes,
  Version,
} from "@peculiar/asn1-x509";
import { pemBlocks, pemBytes } from "../../../../pem.ts";
import { remembering } from "../../../../remembering.ts";
import type { AuthorityOptions, SigningOptions, Validity } from "../authority.ts";
import { crypto } from "../crypto.ts";
import { keyFingerprint } from "../key.ts";
import { bytes, der } from "./der.ts";
import { copiedNames, issuerIdentifier, keyIdentifier, purposes } from "./extensions.ts";
import { nameOf } from "./name.ts";
import { verifiedRequest } from "./request.ts";
import { publicHalf, type Signer, signerOf } from "./signature.ts";

type Parts = Pick<TBSCertificate, "subject" | "subjectPublicKeyInfo" | "extensions"> &
  Validity & { readonly issuer: Name };

function signed(signer: Signer, { notBefore, notAfter, ...parts }: Parts): Uint8Array {
  const certificate = new TBSCertificate({
    ...parts,
    version: Version.v3,
    serialNumber: serial(),
    signature: signer.algorithm,
    validity: new ValidityOfTimes({ notBefore: new Date(notBefore), notAfter: new Date(notAfter) }),
  });
  const whole = new Certificate({
    tbsCertificate: certificate,
    signatureAlgorithm: signer.algorithm,
    signatureValue: signer.sign(der(certificate)),
  });
  return new Uint8Array(der(whole));
}

/** RFC 5280, section 4.1.2.2: positive, at most 20 octets, not to be guessed. */
function serial(): ArrayBuffer {
  return bytes(Buffer.concat([Buffer.of(1), crypto().randomBytes(19)]));
}

/** A certificate as `createAuthority` makes it. */
export function authorityDer(options: AuthorityOptions): Uint8Array {
  const name = nameOf(options);
  const signer = signerOf(options.privateKey);
  const { publicKey, fingerprint } = publicHalf(signer);
  return signed(signer, {
    subject: name,
    issuer: name,
    notBefore: options.notBefore,
    notAfter: options.notAfter,
    subjectPublicKeyInfo: publicKey,
    extensions: new Extensions([...purposes(true), keyIdentifier(fingerprint)]),
  });
}

/** A certificate as `signRequest` makes it. */
export function certificateDer(options: SigningOptions): Uint8Array {
  const signer = signerOf(options.authority.privateKey);
  const { issuer, ends, identifier } = issuerOf(options.authority.certificate);
  const request = verifiedRequest(options.csr);
  if (request === undefined)
    throw new TypeError("Cannot sign request: it is none, or its signature does not hold");
  return signed(signer, {
    subject: request.info.subject,
    issuer,
    notBefore: options.notBefore,
    notAfter: Math.min(options.notAfter, ends),
    subjectPublicKeyInfo: request.info.subjectPKInfo,
    extensions: new Extensions([
      ...purposes(options.ca ?? false),
      identifier,
      keyIdentifier(request.fingerprint),
      ...copiedNames(request.extensions),
    ]),
  });
}

/** A certificate that signs; its name goes into what it signs byte for byte (RFC 5280, section 4.1.2.4). */
const issuerOf = remembering((text: string) => {
  const [block] = pemBlocks(text, "CERTIFICATE");
  if (block === undefined) throw new TypeError("Cannot sign request: the authority has no certificate");
  const { tbsCertificate: read } = AsnConvert.parse(pemBytes(block), Certificate);
  const fingerprint = keyFingerprint(new Uint8Array(der(read.subjectPublicKeyInfo)));
  return {
    issuer: read.subject,
    /** Milliseconds since the epoch. */
    ends: read.validity.notAfter.getTime().getTime(),
    identifier: issuerIdentifier(read.extensions ?? [], fingerprint),
  };
});
