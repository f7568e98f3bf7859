import { Attributes, CertificationRequest, CertificationRequestInfo } from "@peculiar/asn1-csr";
import { AsnConvert } from "@peculiar/asn1-schema";
import { Attribute, type Extension, Extensions } from "@peculiar/asn1-x509";
import { canonicalPem, pemBytes } from "../../../../pem.ts";
import { remembering } from "../../../../remembering.ts";
import { keyFingerprint } from "../key.ts";
import type { RequestFacts, RequestOptions } from "../request.ts";
import { der } from "./der.ts";
import { allowsSigning, alternativeNames, constraints, namesIn } from "./extensions.ts";
import { commonNameOf, nameOf } from "./name.ts";
import { holds, publicHalf, signerOf } from "./signature.ts";

/** Extensions that are asked for (RFC 2985, section 5.4.2). */
const EXTENSION_REQUEST = "1.2.840.113549.1.9.14";

/** A request as `createRequest` makes it. */
export function requestDer(options: RequestOptions): Uint8Array {
  const subject = nameOf(options);
  const signer = signerOf(options.privateKey);
  const extensions = [
    ...alternativeNames(sorted(options.dnsNames), sorted(options.ipAddresses)),
    ...(options.ca ? [constraints(true)] : []),
  ];
  const asked = new Attribute({ type: EXTENSION_REQUEST, values: [der(new Extensions(extensions))] });
  const info = new CertificationRequestInfo({
    version: 0, // RFC 2986, section 4.1: that is version 1.
    subject,
    subjectPKInfo: publicHalf(signer).publicKey,
    attributes: new Attributes(extensions.length > 0 ? [asked] : []),
  });
  const request = new CertificationRequest({
    certificationRequestInfo: info,
    signatureAlgorithm: signer.algorithm,
    signature: signer.sign(der(info)),
  });
  return new Uint8Array(der(request));
}

function sorted(texts: Iterable<string> = []): readonly string[] {
  return [...new Set(texts)].sort();
}

/** A request whose signature holds, taken apart. */
export interface VerifiedRequest {
  readonly info: CertificationRequestInfo;
  /** Those it asks for. */
  readonly extensions: readonly Extension[];
  /** As `keyFingerprint` has it. */
  readonly fingerprint: string;
}

/** Reads a request in PEM; `undefined` for anything else, and where its signature does not hold. */
export const verifiedRequest: (text: string) => VerifiedRequest | undefined = remembering((text) => {
  const block = canonicalPem(text, "CERTIFICATE REQUEST");
  try {
    return block === undefined
      ? undefined
      : verified(AsnConvert.parse(pemBytes(block), CertificationRequest));
  } catch {
    return undefined; // Requests come from elsewhere; what cannot be read is not signed.
  }
});

function verified(request: CertificationRequest): VerifiedRequest | undefined {
  const info = request.certificationRequestInfo;
  const publicKey = der(info.subjectPKInfo);
  const signed = {
    data: request.certificationRequestInfoRaw!,
    algorithm: request.signatureAlgorithm,
    signature: request.signature,
    publicKey,
  };
  if (!holds(signed)) return undefined;
  const asked = info.attributes?.find(({ type }) => type === EXTENSION_REQUEST)?.values[0];
  return {
    info,
    extensions: asked === undefined ? [] : AsnConvert.parse(asked, Extensions),
    fingerprint: keyFingerprint(new Uint8Array(publicKey)),
  };
}

/**
 * What a request asks for.
 *
 * @throws When its names or extensions are none that can be read.
 */
export function factsOf({ info, extensions, fingerprint }: VerifiedRequest): RequestFacts {
  const names = namesIn(extensions);
  return {
    commonName: commonNameOf(info.subject),
    dnsNames: names.flatMap(({ dNSName }) => dNSName ?? []),
    ipAddresses: names.flatMap(({ iPAddress }) => iPAddress ?? []),
    ca: allowsSigning(extensions),
    keyFingerprint: fingerprint,
  };
}
