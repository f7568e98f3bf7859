/** `GAP-Signature`: proves to an upstream that the request came through us. */
import { createHmac } from "node:crypto";

/** Hash functions that oauth2-proxy is compiled with. */
const SIGNATURE_ALGORITHMS = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"] as const;

/** The key of signatures. */
export interface SignatureKey {
  readonly algorithm: (typeof SIGNATURE_ALGORITHMS)[number];
  readonly key: string;
}

/** Headers that are signed, in this order; the odd name in it is what the receivers' libraries expect. */
const SIGNED = [
  "Content-Length",
  "Content-Md5",
  "Content-Type",
  "Date",
  "Authorization",
  "X-Forwarded-User",
  "X-Forwarded-Email",
  "X-Forwarded-Preferred-User",
  "X-Forwarded-Access-Token",
  "Cookie",
  "Gap-Auth",
];

/**
 * Reads `algorithm:key`.
 *
 * @throws {RangeError} When it is none.
 */
export function signatureKey(text: string): SignatureKey {
  const [, name = "", key = ""] = /^([^:]*):([^:]*)$/.exec(text) ?? [];
  const algorithm = SIGNATURE_ALGORITHMS.find((known) => known === name.toLowerCase());
  if (algorithm === undefined)
    throw new RangeError(
      `Cannot read signature-key: should be algorithm:key, the algorithm one of ${SIGNATURE_ALGORITHMS.join(", ")}`,
    );
  return { algorithm, key };
}

/** The request that is signed, as it goes to the upstream. */
export interface SignedRequest {
  readonly method: string;
  /** Decoded path, latin1, then `?` and the query as sent when there is one. */
  readonly target: string;
  /** Name, value, name, value. */
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/**
 * The value of `GAP-Signature`.
 *
 * @see mbland/hmacauth: README; oauth2-proxy/oauth2-proxy: pkg/upstream/http.go (signed headers)
 */
export function gapSignature({ algorithm, key }: SignatureKey, request: SignedRequest): string {
  const values = SIGNED.map((name) => {
    const wanted = name.toLowerCase();
    return request.headers
      .filter((_, index) => index % 2 === 1 && request.headers[index - 1]?.toLowerCase() === wanted)
      .join(",");
  });
  const text = `${request.method}\n${values.map((value) => `${value}\n`).join("")}${request.target}\n`;
  const digest = createHmac(algorithm, key).update(text, "latin1").update(request.body).digest("base64");
  return `${algorithm} ${digest}`;
}
