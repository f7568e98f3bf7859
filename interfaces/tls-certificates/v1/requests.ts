import type { Out } from "charmed-iap/interface";
import { canonicalPem } from "../../pem.ts";
import type { providerApp, requirerBag } from "./schema.ts";

/** What the databag of whoever needs certificates means. */
export type RequirerData = Out<typeof requirerBag.schema>;
/** What the databag of whoever signs means. */
export type ProviderData = Out<typeof providerApp.schema>;
/** A certificate as it travels. */
export type IssuedCertificate = ProviderData["certificates"][number];
/** Why a request was refused. */
export type RequestError = ProviderData["request_errors"][number]["error"];

/** One request on a relation. */
export interface Request {
  /** As it was received, without blanks around it; providers echo it so, for some requirers compare text. */
  readonly csr: string;
  /** Whether an authority's certificate is asked for. */
  readonly ca: boolean;
}

/** The requests of one relation: the application's databag and those of its units. */
export interface Requester {
  readonly state: "missing" | "pending" | "invalid" | "ready";
  readonly data?: RequirerData;
  readonly units?: Iterable<{ readonly state: string; readonly data?: RequirerData }>;
}

/** Codes of refusals. Source: canonical/charmlibs: interfaces/tls-certificates. */
export const REQUEST_ERRORS = {
  ip_not_allowed: 101,
  domain_not_allowed: 102,
  wildcard_not_allowed: 103,
  server_not_available: 201,
  other: 999,
} as const;

/**
 * Every request of a relation, of the application first and then of each unit, each once. Texts that are no
 * request in PEM are left out: whether one can be parsed, `readRequest` says.
 */
export function requests(relation: Requester): Request[] {
  const bags = [relation, ...(relation.units ?? [])].filter(({ state }) => state === "ready");
  const found = new Map<string, Request>();
  for (const entry of bags.flatMap(({ data }) => data?.certificate_signing_requests ?? [])) {
    const key = csrKey(entry.certificate_signing_request);
    if (key === undefined || found.has(key)) continue;
    found.set(key, { csr: entry.certificate_signing_request.trim(), ca: entry.ca });
  }
  return [...found.values()];
}

/** The requests without a certificate: never answered, or answered with one that is revoked since. */
export function outstanding(asked: readonly Request[], data: ProviderData | undefined): Request[] {
  const answered = new Set(
    (data?.certificates ?? [])
      .filter(({ revoked }) => !revoked)
      .map((entry) => csrKey(entry.certificate_signing_request)),
  );
  return asked.filter(({ csr }) => !answered.has(csrKey(csr)));
}

/** Whether two texts are the same request, however their lines are broken. */
export function isSameRequest(one: string, other: string): boolean {
  if (one === other && one.startsWith("-----BEGIN ")) return csrKey(one) !== undefined;
  const key = csrKey(one);
  return key !== undefined && key === csrKey(other);
}

/** The canonical text of a request; `undefined` for text that is none. */
export function csrKey(text: string): string | undefined {
  return canonicalPem(text, "CERTIFICATE REQUEST");
}
