import { decode, type RawDatabag } from "charmed-iap/interface";
import { canonicalPem } from "../../pem.ts";
import {
  csrKey,
  isSameRequest,
  issue,
  NOTHING,
  outstanding,
  type ProviderData,
  prune,
  refuse,
  requests,
  requestsFor,
  revokeAll,
  tlsCertificates,
} from "../../tls-certificates/v1/index.ts";
import { type Adapter, bag, type ReadCase, type WriteCase } from "../types.ts";
import { argumentOf } from "./calls.ts";

const { provider, requirer } = tlsCertificates.sides;

export const tlsCertificatesAdapter: Adapter = {
  readme: "tls-certificates/v1",
  sets: [
    "certificate_signing_requests",
    "certificates",
    "request_errors",
    "requests",
    "outstanding",
    "app",
    "unit",
  ],
  completed: ["chain"],
  sides: () => tlsCertificates.sides,
  publish: (one) => (one.role === "requirer" ? asked(one) : signed(one)),
  understood: (one) => (one.role === "requirer" ? received(one) : found(one)),
};

/** Keys and requests are random, so ours publishes the recorded requests; the form is what is compared. */
function asked(one: WriteCase) {
  const csrs = (raw: RawDatabag) => {
    const read = decode(requirer.unit, raw);
    return read.state === "ready" ? read.data.certificate_signing_requests : [];
  };
  const publication = (raw: RawDatabag) =>
    requestsFor(csrs(raw).map(({ certificate_signing_request: csr, ca }) => ({ csr, ca })));
  return { app: publication(one.local_app), unit: publication(bag(one.local_unit)) };
}

function dataOf(raw: RawDatabag): ProviderData {
  const read = decode(provider.app, raw);
  return read.state === "ready" ? read.data : NOTHING;
}

function requestsOf(app: RawDatabag, units: Record<string, RawDatabag>) {
  return requests({
    ...decode(requirer.app, app),
    units: Object.values(units).map((raw) => decode(requirer.unit, raw)),
  });
}

/** Signing is the charm's: ours takes the recorded certificates as the authority's answers. */
function signed(one: WriteCase) {
  const { call, local_app_before, remote_app, remote_units } = one.given;
  const after = dataOf(one.local_app);
  const capabilities =
    one.given.options?.["provider_capabilities"] === undefined ? undefined : after.capabilities;
  const kept = prune(dataOf(bag(local_app_before)), requestsOf(remote_app, remote_units));
  const data: ProviderData = { ...kept, capabilities };
  if (call === "revoke_all_certificates") return { app: revokeAll(data) };
  const error = argumentOf(one, "set_relation_error");
  if (error !== undefined)
    return { app: refuse(data, after.request_errors.at(-1)?.csr ?? "", error as never) };
  if (typeof call !== "string") return { app: data };
  const before = data.certificates.filter(({ revoked }) => !revoked);
  const isNew = (csr: string, certificate: string) =>
    !before.some(
      (entry) => isSameRequest(entry.certificate_signing_request, csr) && entry.certificate === certificate,
    );
  const answers = after.certificates.filter((entry) =>
    isNew(entry.certificate_signing_request, entry.certificate),
  );
  return {
    app: answers.reduce(
      (sum, entry) => issue(sum, { ...entry, csr: entry.certificate_signing_request }),
      data,
    ),
  };
}

interface Asked {
  readonly certificate_signing_request?: string;
  readonly csr?: string;
  readonly is_ca?: boolean;
  readonly unit_csrs?: readonly { certificate_signing_request: string; ca?: boolean }[];
}

function found(one: ReadCase) {
  const parsed = one.outcome.parsed as { requests: Asked[]; outstanding: Asked[] } | null | undefined;
  if (parsed === null || parsed === undefined) return undefined;
  const all = requestsOf(bag(one.remote_app), one.remote_unit ?? {});
  const mine = (list: typeof all) => list.map(({ csr, ca }) => ({ csr: csrKey(csr), ca }));
  const left = outstanding(all, dataOf(bag(one.local_app)));
  return {
    ours: { requests: mine(all), outstanding: mine(left) },
    theirs: { requests: parsed.requests.flatMap(flat), outstanding: parsed.outstanding.flatMap(flat) },
  };
}

function flat(entry: Asked): { csr: unknown; ca: boolean }[] {
  if (entry.unit_csrs !== undefined) {
    return entry.unit_csrs.map((one) => ({
      csr: csrKey(one.certificate_signing_request),
      ca: String(one.ca) === "true",
    }));
  }
  const csr = entry.certificate_signing_request ?? entry.csr ?? "";
  return [{ csr: csrKey(csr) ?? csr, ca: String(entry.is_ca) === "true" }];
}

interface Received {
  readonly certificates: readonly Record<string, unknown>[];
  readonly assigned?: readonly Record<string, unknown>[];
  readonly errors?: readonly unknown[];
  readonly capabilities?: Record<string, unknown> | null;
}

function received(one: ReadCase) {
  const parsed = one.outcome.parsed as Received | null | undefined;
  if (parsed === null || parsed === undefined) return undefined;
  const data = dataOf(bag(one.remote_app));

  const strip = ({
    ca,
    certificate,
    certificate_signing_request,
    chain,
    revoked,
  }: Record<string, unknown>) => ({
    ca: String(ca).trim(),
    certificate: String(certificate).trim(),
    csr: csrKey(String(certificate_signing_request)),
    chain: ((chain as string[] | null) ?? []).map((text) => text.trim()),
    revoked: revoked === true,
  });
  const ours = { certificates: data.certificates.filter(isReadable).map((entry) => strip(entry)) };
  const theirs = { certificates: parsed.certificates.map((entry) => strip(entry)) };
  if (parsed.errors === undefined) return { ours, theirs };
  const nulls = { reason: null, provider: null, endpoint: null };
  return {
    ours: {
      ...ours,
      errors: data.request_errors.map(({ csr, error }) => ({
        csr: csrKey(csr),
        error: { ...nulls, ...error },
      })),
      capabilities: filled(data.capabilities),
    },
    theirs: {
      ...theirs,
      errors: parsed.errors.map((entry) => ({
        ...(entry as object),
        csr: csrKey((entry as { csr: string }).csr),
      })),
      capabilities: parsed.capabilities ?? null,
    },
  };
}

/** Python refuses, skips or fails on text that is no certificate, by version; ours has it answer nothing. */
function isReadable(entry: ProviderData["certificates"][number]): boolean {
  return canonicalPem(entry.certificate, "CERTIFICATE") !== undefined;
}

function filled(capabilities: ProviderData["capabilities"]): unknown {
  if (capabilities === undefined || capabilities === null) return null;
  const none = {
    supports_ip_sans: null,
    supports_wildcard_dns: null,
    supports_subdomain: null,
    supports_ca_certificates: null,
    allowed_domains: null,
    provider_type: null,
  };
  return { ...none, ...capabilities };
}
