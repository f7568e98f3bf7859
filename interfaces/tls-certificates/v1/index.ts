/**
 * The `tls-certificates` relation: one side publishes certificate signing requests, the other signs. Private keys
 * never travel.
 *
 * On the wire: JSON text; requests in unit databags, in the application's, or in both; certificates in the
 * provider's application databag. Empty lists are left out.
 *
 * Source: canonical/charmlibs: interfaces/tls-certificates;
 * canonical/tls-certificates-interface: lib/charms/tls_certificates_interface/v1 to v4
 *
 * @module
 */

import { defineInterface, type In } from "charmed-iap/interface";
import type { Request } from "./requests.ts";
import { providerApp, requirerBag } from "./schema.ts";

export {
  type Answer,
  answerTo,
  chainFile,
  type Issue,
  issue,
  leafFirst,
  NOTHING,
  prune,
  refuse,
  revokeAll,
} from "./answers.ts";
export {
  csrKey,
  type IssuedCertificate,
  isSameRequest,
  outstanding,
  type ProviderData,
  REQUEST_ERRORS,
  type Request,
  type RequestError,
  type Requester,
  type RequirerData,
  requests,
} from "./requests.ts";
export {
  certificateLabel,
  keyContent,
  keyIn,
  keyLabel,
  LIBID,
  type Mode,
  olderKeyLabels,
} from "./secrets.ts";
export {
  type Authority,
  type AuthorityOptions,
  createAuthority,
  type SigningOptions,
  signRequest,
  type Validity,
} from "./x509/authority.ts";
export { type CertificateFacts, isIssuedBy, readCertificate, renewalTime } from "./x509/certificate.ts";
export { fingerprintOfKey, generateKey, isUsableKey, type KeyKind } from "./x509/key.ts";
export { matchesKey, type Wanted } from "./x509/match.ts";
export { createRequest, type RequestFacts, type RequestOptions, readRequest } from "./x509/request.ts";
export type { Subject } from "./x509/subject.ts";

/** `tls-certificates`, wire version 1. The provider signs, the requirer asks. */
export const tlsCertificates = defineInterface({
  name: "tls-certificates",
  version: 1,
  provider: providerApp,
  requirer: { app: requirerBag, unit: requirerBag },
});

/** What whoever needs certificates publishes, for a unit or for the application. */
export type Requests = In<typeof requirerBag.schema>;
/** What whoever signs publishes. */
export type Certificates = In<typeof providerApp.schema>;

/** A requirer's databag: sorted by text and each once, so that the same set is the same databag. */
export function requestsFor(asked: Iterable<Request>): Requests {
  const sorted = [...new Map([...asked].map(({ csr, ca }) => [csr.trim(), ca]))].sort(byText);
  return {
    certificate_signing_requests: sorted.map(([csr, ca]) => ({ certificate_signing_request: csr, ca })),
  };
}

function byText([a]: [string, boolean], [b]: [string, boolean]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
