/**
 * The `ingress` relation: an application asks a gateway for one URL that leads to all its units.
 *
 * On the wire, version 2: every value is JSON text, strings with their quotes; values that equal their default
 * are left out. Databags of version 1 (plain text) are read, and their requirers read our answer.
 *
 * Source: canonical/charmlibs: interfaces/ingress/interface/v2;
 * canonical/traefik-k8s-operator: lib/charms/traefik_k8s/v2/ingress.py
 *
 * @module
 */

import { defineInterface, type In, type Out } from "charmed-iap/interface";
import { providerApp, requirerApp, requirerUnit } from "./schema.ts";

/** `ingress`, version 2. The provider is the gateway, the requirer the application behind it. */
export const ingress = defineInterface({
  name: "ingress",
  version: 2,
  provider: providerApp,
  requirer: { app: requirerApp, unit: requirerUnit },
});

/** What an application publishes. */
export type Application = In<typeof requirerApp.schema>;
/** What a gateway reads of an application. */
export type ApplicationData = Out<typeof requirerApp.schema>;
/** What each unit publishes. */
export type Unit = In<typeof requirerUnit.schema>;
/** What a gateway reads of a unit. */
export type UnitData = Out<typeof requirerUnit.schema>;

/**
 * Joins a path to a base URL, of which the whole path stays: `new URL("x", base)` would drop its last segment.
 *
 * @param base Absolute URL; its query and fragment are dropped.
 * @param path With or without a leading slash; may carry a query. Empty gives the base without a trailing slash.
 * @throws {TypeError} When `base` is no URL.
 *
 * @example
 * ```ts
 * joinUrl("https://gw.test/iam-auth", "oauth2/callback"); // https://gw.test/iam-auth/oauth2/callback
 * ```
 */
export function joinUrl(base: string, path: string): string {
  const url = new URL(base);
  const prefix = `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
  const rest = path.replace(/^\/+/, "");
  return rest === "" ? prefix : `${prefix}/${rest}`;
}

/**
 * Name under which Kubernetes knows one unit of a charm.
 *
 * @param unit As Juju spells it: `app/0`.
 */
export function unitHost(unit: string, model: string): string {
  const [app = "", number = ""] = unit.split("/");
  return `${app}-${number}.${app}-endpoints.${model}.svc.cluster.local`;
}

/** Name under which Kubernetes knows all units of a charm together. */
export function appHost(app: string, model: string): string {
  return `${app}.${model}.svc.cluster.local`;
}

/** What a gateway puts in front of an application's paths, or of its name: `model-app`. */
export function prefix({ model, name }: Pick<ApplicationData, "model" | "name">): string {
  return `${model}-${name.replaceAll("/", "-")}`;
}

/** One unit, as far as it has said where it is. */
export type KnownUnit =
  | { readonly state: "ready"; readonly data: UnitData }
  | { readonly state: "pending" | "invalid" };

/**
 * URLs of an application's units, sorted, without repeats. Units that have not said yet where they are, or say
 * nonsense, are left out, so that one of them does not take the application off the gateway.
 */
export function backends(app: ApplicationData, units: Iterable<KnownUnit>): string[] {
  const hosts = new Set<string>(app.host === undefined ? [] : [app.host]);
  for (const unit of units) if (unit.state === "ready") hosts.add(unit.data.host);
  return [...hosts].sort().map((host) => `${app.scheme}://${bracketed(host)}:${app.port}`);
}

/** RFC 3986, section 3.2.2: an IPv6 address in a URL stands in brackets. */
function bracketed(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}
