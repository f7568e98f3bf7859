import { type Codec, databag, json } from "charmed-iap/interface";
import * as v from "valibot";

/** Booleans, and the text of one, as pydantic reads them. */
const flag = v.pipe(
  v.union([v.boolean(), v.picklist(["true", "false", "True", "False"])], "must be true or false"),
  v.transform((given) => given === true || given === "true" || given === "True"),
);

/** PEM, without the blanks around it. */
const pemText = v.pipe(v.string(), v.trim());

const falseWhenNull = v.pipe(
  v.nullable(flag),
  v.transform((given) => given ?? false),
);
const emptyWhenNull = v.pipe(
  v.nullable(v.array(pemText)),
  v.transform((given) => given ?? []),
);

const request = v.object({
  /** PEM of the certificate signing request. */
  certificate_signing_request: pemText,
  /** Whether an authority's certificate is asked for. Libraries of version 1 leave it out. */
  ca: v.optional(falseWhenNull, null),
});

/** Written by whoever needs certificates, per unit, for the application, or both. */
const requirer = v.object({ certificate_signing_requests: v.optional(v.array(request), []) });

const certificate = v.object({
  /** PEM of the issuer. */
  ca: pemText,
  /** PEM of the request, as it was received. */
  certificate_signing_request: pemText,
  /** PEM of the certificate itself. */
  certificate: pemText,
  /** PEM of each certificate, the one itself first, then up to the root. */
  chain: v.optional(emptyWhenNull, null),
  /** The certificate must not be used any more. */
  revoked: v.optional(falseWhenNull, null),
  /** Hours; providers of library version 3 only. */
  recommended_expiry_notification_time: v.optional(v.nullable(v.number())),
});

const optionalText = v.optional(v.nullable(v.string()));

const requestError = v.object({
  /** PEM of the request. */
  csr: pemText,
  error: v.object({
    /** One of `REQUEST_ERRORS`, or another number from a newer provider. */
    code: v.pipe(v.number(), v.integer()),
    name: v.string(),
    message: v.string(),
    reason: optionalText,
    provider: optionalText,
    endpoint: optionalText,
  }),
});

const optionalFlag = v.optional(v.nullable(v.boolean()));

const capabilities = v.object({
  supports_ip_sans: optionalFlag,
  supports_wildcard_dns: optionalFlag,
  supports_subdomain: optionalFlag,
  supports_ca_certificates: optionalFlag,
  allowed_domains: v.optional(v.nullable(v.array(v.string()))),
  provider_type: optionalText,
});

/** Written by whoever signs. */
const provider = v.object({
  certificates: v.optional(v.array(certificate), []),
  request_errors: v.optional(v.array(requestError), []),
  /** Nonsense counts as not advertised, so that it takes no certificate away. */
  capabilities: v.optional(v.nullable(v.fallback(capabilities, {}))),
});

/** One entry of a list, ready to be written. */
type Entry = Readonly<Record<string, unknown>>;

/**
 * A JSON list whose entries are completed before they are written; an empty one is left out. When read, entries that
 * lack a text they need are passed over, so that one unit's nonsense does not take the others' certificates away.
 */
function entries(needs: readonly string[], complete: (entry: Entry) => Entry): Codec {
  const usable = (entry: unknown): boolean =>
    typeof entry === "object" &&
    entry !== null &&
    needs.every((key) => typeof (entry as Entry)[key] === "string");
  return {
    decode: (raw) => {
      const result = json.decode(raw);
      return result.ok && Array.isArray(result.value)
        ? { ok: true, value: result.value.filter(usable) }
        : result;
    },
    encode: (value) => {
      const list = value as readonly Entry[];
      return list.length === 0 ? undefined : json.encode(list.map(complete));
    },
  };
}

const text = (value: unknown): string => String(value).trim();
const isSet = ([, value]: [string, unknown]): boolean => value !== undefined && value !== null;
const withoutNulls = (entry: Entry): Entry => Object.fromEntries(Object.entries(entry).filter(isSet));

/** Readers of library versions 2 and 3 want a boolean, those of version 4 want the key. */
const requestCodec = entries(["certificate_signing_request"], ({ certificate_signing_request, ca }) => ({
  certificate_signing_request: text(certificate_signing_request),
  ca: ca === true || ca === "true" || ca === "True",
}));

/** Readers of library versions 2 and 3 want a chain. */
const certificateCodec = entries(["ca", "certificate", "certificate_signing_request"], (entry) => {
  const chain = (entry["chain"] as readonly unknown[] | null | undefined) ?? [];
  const { revoked, ...rest } = withoutNulls(entry);
  return {
    ...rest,
    ca: text(entry["ca"]),
    certificate: text(entry["certificate"]),
    certificate_signing_request: text(entry["certificate_signing_request"]),
    chain: (chain.length > 0 ? chain : [entry["certificate"], entry["ca"]]).map(text),
    ...(revoked === true ? { revoked } : {}),
  };
});

const errorCodec = entries(["csr"], ({ csr, error }) => ({
  csr: text(csr),
  error: withoutNulls(error as Entry),
}));

const capabilitiesCodec: Codec = {
  decode: json.decode,
  encode: (value) => (value === null ? undefined : json.encode(withoutNulls(value as Entry))),
};

/** The databag of whoever needs certificates; the same for units and applications. */
export const requirerBag = databag.json(requirer, { codecs: { certificate_signing_requests: requestCodec } });

/** The application databag of whoever signs. */
export const providerApp = databag.json(provider, {
  codecs: { certificates: certificateCodec, request_errors: errorCodec, capabilities: capabilitiesCodec },
});
