import type { X509Certificate } from "node:crypto";
import { canonicalPem } from "../../../pem.ts";
import { remembering } from "../../../remembering.ts";
import { crypto } from "./crypto.ts";
import { keyFingerprint } from "./key.ts";

/** What a certificate says, as far as charms ask. */
export interface CertificateFacts {
  readonly commonName: string | undefined;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  /** Whether it may sign others. */
  readonly ca: boolean;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
  /** Hexadecimal. */
  readonly serial: string;
  /** SHA-256 of the public key, in hexadecimal. */
  readonly keyFingerprint: string;
}

/** Reads one certificate in PEM. Never throws: `undefined` for text that is none. */
export const readCertificate: (pem: string) => CertificateFacts | undefined = remembering((pem) => {
  const certificate = parse(pem);
  if (certificate === undefined) return undefined;
  try {
    return factsOf(certificate);
  } catch {
    return undefined; // Its key, names or dates are none that this runtime knows.
  }
});

function factsOf(certificate: X509Certificate): CertificateFacts {
  const names = altNames(certificate.subjectAltName ?? "");
  return {
    commonName: commonNameOf(certificate.subject),
    dnsNames: names.filter(([kind]) => kind === "DNS").map(([, name]) => name),
    ipAddresses: names.filter(([kind]) => kind === "IP Address").map(([, name]) => shortAddress(name)),
    ca: certificate.ca,
    notBefore: Date.parse(certificate.validFrom),
    notAfter: Date.parse(certificate.validTo),
    serial: certificate.serialNumber,
    keyFingerprint: keyFingerprint(certificate.publicKey.export({ type: "spki", format: "der" })),
  };
}

const parse = remembering((pem: string): X509Certificate | undefined => {
  const canonical = canonicalPem(pem, "CERTIFICATE");
  if (canonical === undefined) return undefined;
  try {
    return new (crypto().X509Certificate)(canonical);
  } catch {
    return undefined; // Certificates come from elsewhere; what is none is answered with nothing.
  }
});

/** Whether one certificate is signed by the other, which must be allowed to. */
export const isIssuedBy: (pem: string, issuerPem: string) => boolean = remembering((pem, issuerPem) => {
  const certificate = parse(pem);
  const issuer = parse(issuerPem);
  if (certificate === undefined || issuer === undefined) return false;
  try {
    return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    return false; // A key that this runtime does not know has signed nothing that it can check.
  }
});

/**
 * Milliseconds since the epoch from which a certificate should be renewed.
 *
 * @param factor Share of the validity that may pass, above 0.5 and up to 1. Default 0.9, as upstream.
 */
export function renewalTime({ notBefore, notAfter }: CertificateFacts, factor = 0.9): number {
  if (!(factor > 0.5 && factor <= 1))
    throw new RangeError(`Cannot use factor ${factor}: must be above 0.5 and up to 1`);
  return Math.floor(notBefore + (notAfter - notBefore) * factor);
}

/** `DNS:a.test, IP Address:10.0.0.1`; names with special characters are quoted JSON text. */
function altNames(text: string): [string, string][] {
  return [...text.matchAll(/(?:^|, )(DNS|IP Address|email|URI):("(?:[^"\\]|\\.)*"|[^,]*)/g)].map(
    ([, kind = "", name = ""]) => [kind, name.startsWith('"') ? unquoted(name) : name],
  );
}

/** RFC 5952: IPv6 addresses in lower case with the longest run of zeros left out. */
function shortAddress(address: string): string {
  const url = address.includes(":") ? URL.parse(`http://[${address}]`) : null;
  return url === null ? address : url.hostname.slice(1, -1);
}

function unquoted(name: string): string {
  try {
    return String(JSON.parse(name));
  } catch {
    return name; // Not JSON after all; the text is all there is.
  }
}

/** One attribute a line, as Node.js prints subjects. */
function commonNameOf(subject: string | undefined): string | undefined {
  return /^CN=(.*)$/m.exec(subject ?? "")?.[1];
}
