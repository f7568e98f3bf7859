/**
 * The `tracing` relation: a charm asks a tracing backend for receivers of given protocols and gets their URLs.
 *
 * On the wire: application databags only; `receivers` is JSON on both sides. Versions 0 and 1 had other shapes and are obsolete.
 *
 * Source: canonical/tempo-coordinator-k8s-operator: lib/charms/tempo_coordinator_k8s/v0/tracing.py
 *
 * @module
 */

import { defineInterface, type In, type Out } from "charmed-iap/interface";
import { PROTOCOLS, providerApp, requirerApp } from "./schema.ts";

/** `tracing`, version 2. The provider is the backend, the requirer sends traces. */
export const tracing = defineInterface({
  name: "tracing",
  version: 2,
  provider: providerApp,
  requirer: requirerApp,
});

/** A protocol that can be asked for. */
export type Protocol = (typeof PROTOCOLS)[number];
/** What a sender publishes. */
export type Request = In<typeof requirerApp.schema>;
/** What a sender reads. */
export type Receivers = Out<typeof providerApp.schema>;

/**
 * The URL of a protocol's receiver; the first one when there are several.
 *
 * @returns `undefined` while the backend offers none.
 */
export function receiverUrl({ receivers }: Receivers, protocol: Protocol): string | undefined {
  return receivers.find(({ protocol: { name } }) => name === protocol)?.url;
}

/** `host:port` of a receiver's URL: what OpenTelemetry settings such as Kratos' and Hydra's want. */
export function authority(url: string): string {
  return url.replace(/^[a-z][a-z0-9+.-]*:\/\//i, "").replace(/\/.*$/, "");
}

/** One receiver as a backend publishes it; the type follows from the protocol. */
export function receiver(protocol: Protocol, url: string): Receivers["receivers"][number] {
  const type = protocol === "otlp_grpc" || protocol === "jaeger_grpc" ? "grpc" : "http";
  return { protocol: { name: protocol, type }, url };
}

/** Every protocol that somebody asks for, sorted: a backend answers all relations with the same list. */
export function requested(requests: Iterable<Out<typeof requirerApp.schema>>): Protocol[] {
  const asked = new Set(Array.from(requests, ({ receivers }) => receivers).flat());
  return PROTOCOLS.filter((protocol) => asked.has(protocol)).sort();
}
