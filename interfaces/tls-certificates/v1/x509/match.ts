import { readCertificate } from "./certificate.ts";
import { fingerprintOfKey } from "./key.ts";

/** What a certificate must fit. */
export interface Wanted {
  /** PEM of the private key that made the request. */
  readonly privateKey: string;
  /** Whether an authority's certificate was asked for. Default false. */
  readonly ca?: boolean;
}

/**
 * Whether a certificate belongs to a private key, and is an authority's exactly when that was asked for. A
 * provider may answer with somebody else's certificate, after a key was changed or by mistake.
 */
export function matchesKey(certificate: string, { privateKey, ca = false }: Wanted): boolean {
  const facts = readCertificate(certificate);
  return facts !== undefined && facts.ca === ca && facts.keyFingerprint === fingerprintOfKey(privateKey);
}
