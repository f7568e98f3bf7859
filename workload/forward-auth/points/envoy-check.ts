/** A check of Envoy's over HTTP, where nothing was configured to tell one: as people have it who run oauth2-proxy there. */
import type { Head } from "../server/head.ts";

/**
 * True for such a check. Envoy says how long it waits, as to any cluster, and that there is no body, which browsers leave out of
 * what they ask for; so what Envoy only hands on is none, but for a POST without a body.
 *
 * @see points/fixtures/envoy-http-no-prefix.json
 */
export const isEnvoyCheck = (head: Head): boolean =>
  head["x-envoy-expected-rq-timeout-ms"] !== undefined && head["content-length"] === "0";
