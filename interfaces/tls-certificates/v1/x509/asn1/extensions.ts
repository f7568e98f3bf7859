import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import {
  AuthorityKeyIdentifier,
  BasicConstraints,
  ExtendedKeyUsage,
  Extension,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_clientAuth,
  id_kp_serverAuth,
  KeyUsage,
  KeyUsageFlags,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
} from "@peculiar/asn1-x509";
import { bytes, der } from "./der.ts";

function extension(extnID: string, value: unknown, critical: boolean): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(der(value)) });
}

/**
 * The value of the first extension with an identifier.
 *
 * @throws When it cannot be read.
 */
function extensionValue<T>(
  extensions: readonly Extension[],
  extnID: string,
  type: new () => T,
): T | undefined {
  const found = extensions.find((one) => one.extnID === extnID);
  return found && AsnConvert.parse(found.extnValue.buffer, type);
}

/** Whether its holder may sign others. */
export function constraints(ca: boolean): Extension {
  return extension(id_ce_basicConstraints, new BasicConstraints({ cA: ca }), true);
}

/** Whether extensions say that the holder may sign others. */
export function allowsSigning(extensions: readonly Extension[]): boolean {
  return extensionValue(extensions, id_ce_basicConstraints, BasicConstraints)?.cA ?? false;
}

/** By whether it is an authority: always the same, and slow to make. */
const known = new Map<boolean, readonly Extension[]>();

/** What a certificate may be used for. */
export function purposes(ca: boolean): readonly Extension[] {
  const found = known.get(ca) ?? makePurposes(ca);
  known.set(ca, found);
  return found;
}

function makePurposes(ca: boolean): readonly Extension[] {
  const { digitalSignature, keyEncipherment, keyCertSign, cRLSign } = KeyUsageFlags;
  const usage = digitalSignature | (ca ? keyCertSign | cRLSign : keyEncipherment);
  const extended = new ExtendedKeyUsage([id_kp_serverAuth, id_kp_clientAuth]);
  return [
    constraints(ca),
    extension(id_ce_keyUsage, new KeyUsage(usage), true),
    ...(ca ? [] : [extension(id_ce_extKeyUsage, extended, false)]),
  ];
}

/**
 * Any number that is the key's own will do (RFC 5280, section 4.2.1.2): the first 160 bits of the SHA-256 of its
 * SubjectPublicKeyInfo, much as RFC 7093, section 2, has it.
 */
function identifierOf(fingerprint: string): ArrayBuffer {
  return bytes(Buffer.from(fingerprint.slice(0, 40), "hex"));
}

/** Names a certificate's own key, by its fingerprint. */
export function keyIdentifier(fingerprint: string): Extension {
  const value = new SubjectKeyIdentifier(identifierOf(fingerprint));
  return extension(id_ce_subjectKeyIdentifier, value, false);
}

/** Names the key that signs: by the identifier in its certificate, where that has one (RFC 5280, section 4.2.1.1). */
export function issuerIdentifier(issuer: readonly Extension[], fingerprint: string): Extension {
  const own = extensionValue(issuer, id_ce_subjectKeyIdentifier, SubjectKeyIdentifier)?.buffer;
  const keyId = new OctetString(own ?? identifierOf(fingerprint));
  return extension(id_ce_authorityKeyIdentifier, new AuthorityKeyIdentifier({ keyIdentifier: keyId }), false);
}

/** Names beside the common name; none without any. */
export function alternativeNames(dnsNames: readonly string[], ipAddresses: readonly string[]): Extension[] {
  if (dnsNames.length + ipAddresses.length === 0) return [];
  const names = [
    ...dnsNames.map((dNSName) => new GeneralName({ dNSName })),
    ...ipAddresses.map((iPAddress) => new GeneralName({ iPAddress })),
  ];
  return [extension(id_ce_subjectAltName, new SubjectAlternativeName(names), false)];
}

/** The alternative names that extensions hold, of every kind. */
export function namesIn(extensions: readonly Extension[]): readonly GeneralName[] {
  return extensionValue(extensions, id_ce_subjectAltName, SubjectAlternativeName) ?? [];
}

/** The extension with the alternative names, written anew, so that whoever wrote them cannot break what is signed. */
export function copiedNames(extensions: readonly Extension[]): Extension[] {
  const found = extensions.find(({ extnID }) => extnID === id_ce_subjectAltName);
  if (found === undefined) return [];
  const names = AsnConvert.parse(found.extnValue.buffer, SubjectAlternativeName);
  return [extension(id_ce_subjectAltName, names, found.critical)];
}
