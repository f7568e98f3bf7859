/**
 * The `traefik_route` relation: an application hands a gateway its own routes, in Traefik's language; the gateway
 * says under which host they are reached.
 *
 * On the wire: application databags only; `raw` is `True` or `False`, configurations are YAML text, the rest is raw.
 *
 * Source: canonical/traefik-k8s-operator: lib/charms/traefik_k8s/v0/traefik_route.py
 *
 * @module
 */

import { defineInterface, type In, type Out } from "charmed-iap/interface";
import { providerApp, requirerApp } from "./schema.ts";

export {
  configText,
  MAX_CONFIG_LENGTH,
  type Parsed,
  parseConfig,
  parseStatic,
  type RouteConfig,
} from "./config.ts";

/** `traefik_route`, version 0. The provider is the gateway, the requirer the application. */
export const traefikRoute = defineInterface({
  name: "traefik_route",
  version: 0,
  provider: providerApp,
  requirer: requirerApp,
});

/** What an application publishes. */
export type Routes = In<typeof requirerApp.schema>;
/** What a gateway publishes; without `external_host` while it has no address. */
export type Address = In<typeof providerApp.schema>;
/** What an application reads; the relation is pending while the gateway has no address. */
export type AddressData = Out<typeof providerApp.schema>;

/** The URL under which a gateway is reached, without a trailing slash; the host may bring a port and a path. */
export function externalUrl({ scheme, external_host }: AddressData): string {
  return `${scheme}://${external_host.replace(/\/+$/, "")}`;
}

/**
 * The host alone, without port and path, in lower case: what a certificate or a cookie names.
 *
 * @example
 * ```ts
 * hostName("gw.test:8443/m-traefik"); // "gw.test"
 * ```
 */
export function hostName(external_host: string): string {
  const authority = external_host.split("/", 1)[0] ?? "";
  const bracketed = /^\[([^\]]*)\]/.exec(authority)?.[1];
  if (bracketed !== undefined) return bracketed.toLowerCase();
  const parts = authority.split(":");
  return (parts.length > 2 ? authority : (parts[0] ?? "")).toLowerCase();
}
