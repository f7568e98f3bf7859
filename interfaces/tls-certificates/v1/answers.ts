import { canonicalPem, pemBlocks } from "../../pem.ts";
import {
  csrKey,
  type IssuedCertificate,
  isSameRequest,
  type ProviderData,
  type Request,
  type RequestError,
} from "./requests.ts";

/** What a provider has said about one request. */
export type Answer =
  | { readonly state: "waiting" }
  | { readonly state: "revoked" }
  | { readonly state: "denied"; readonly error: RequestError }
  | {
      readonly state: "issued";
      readonly certificate: string;
      readonly ca: string;
      readonly chain: readonly string[];
    };

/** What a provider that has said nothing has said. */
export const NOTHING: ProviderData = { certificates: [], request_errors: [], capabilities: undefined };

/**
 * What a provider says about one request of ours. Certificates are canonical PEM; the chain has the certificate
 * first and is never empty. What is no certificate counts as not answered. Whether the certificate fits key and
 * request, only `matchesRequest` can tell.
 */
export function answerTo(csr: string, data: ProviderData | undefined): Answer {
  const mine = (data?.certificates ?? []).filter((entry) =>
    isSameRequest(entry.certificate_signing_request, csr),
  );
  for (const entry of mine.toReversed()) {
    const issued = entry.revoked ? undefined : readable(entry);
    if (issued !== undefined) return issued;
  }
  const refusal = (data?.request_errors ?? []).findLast((entry) => isSameRequest(entry.csr, csr));
  if (refusal !== undefined) return { state: "denied", error: refusal.error };
  return { state: mine.some(({ revoked }) => revoked) ? "revoked" : "waiting" };
}

function readable(entry: IssuedCertificate): Answer | undefined {
  const certificate = canonicalPem(entry.certificate, "CERTIFICATE");
  const ca = canonicalPem(entry.ca, "CERTIFICATE");
  if (certificate === undefined || ca === undefined) return undefined;
  return { state: "issued", certificate, ca, chain: leafFirst(certificate, entry.chain, ca) };
}

/**
 * A chain with the certificate first. Some providers write it root first, some leave the certificate out, and some
 * write none at all; then issuer and certificate are the chain.
 */
export function leafFirst(certificate: string, chain: readonly string[], ca: string): string[] {
  const blocks = chain.flatMap((text) => pemBlocks(text, "CERTIFICATE"));
  const ordered = blocks.at(-1) === certificate && blocks[0] !== certificate ? blocks.toReversed() : blocks;
  const above = ordered.filter((block) => block !== certificate);
  return [certificate, ...(above.length > 0 ? above : [ca].filter((block) => block !== certificate))];
}

/** One text for a server's certificate file: each certificate of the chain, a newline after each. */
export function chainFile(chain: readonly string[]): string {
  return chain.map((block) => `${block}\n`).join("");
}

/** A certificate for one request; all PEM, the chain with the certificate first. */
export interface Issue {
  readonly csr: string;
  readonly certificate: string;
  readonly ca: string;
  readonly chain: readonly string[];
}

/** A provider's data with a certificate for one request; what was said about the request before goes. */
export function issue(data: ProviderData, { csr, certificate, ca, chain }: Issue): ProviderData {
  const rest = without(data, csr);
  const entry = {
    certificate_signing_request: csr.trim(),
    certificate,
    ca,
    chain: [...chain],
    revoked: false,
  };
  return { ...rest, certificates: [...rest.certificates, entry as IssuedCertificate] };
}

/** A provider's data with a refusal of one request; what was said about the request before goes. */
export function refuse(data: ProviderData, csr: string, error: RequestError): ProviderData {
  const rest = without(data, csr);
  return { ...rest, request_errors: [...rest.request_errors, { csr: csr.trim(), error }] };
}

/** A provider's data with every certificate revoked: they stay, so that requirers see it, until they are replaced. */
export function revokeAll(data: ProviderData): ProviderData {
  return { ...data, certificates: data.certificates.map((entry) => ({ ...entry, revoked: true })) };
}

/** A provider's data about the requests that are still there, and no others. */
export function prune(data: ProviderData, asked: readonly Request[]): ProviderData {
  const keys = new Set(asked.map(({ csr }) => csrKey(csr)));
  const isAsked = (csr: string): boolean => keys.has(csrKey(csr));
  return {
    ...data,
    certificates: data.certificates.filter((entry) => isAsked(entry.certificate_signing_request)),
    request_errors: data.request_errors.filter((entry) => isAsked(entry.csr)),
  };
}

function without(data: ProviderData, csr: string): ProviderData {
  const key = csrKey(csr);
  const isOther = (text: string): boolean => key === undefined || csrKey(text) !== key;
  return {
    ...data,
    certificates: data.certificates.filter((entry) => isOther(entry.certificate_signing_request)),
    request_errors: data.request_errors.filter((entry) => isOther(entry.csr)),
  };
}
