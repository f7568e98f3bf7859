/**
 * The `auth_proxy` relation: an application tells an identity-aware proxy what to protect, what stays open, who
 * may pass, and which identity headers it wants.
 *
 * On the wire: the requirer's application databag only; lists are JSON text. Two variants share the name and the
 * version, oathkeeper's and oauth2-proxy's; this reads both and writes the keys of both.
 *
 * Source: canonical/charmlibs: interfaces/auth_proxy/interface/v0
 *
 * @module
 */

import { defineInterface, type In, type Out, type RawDatabag } from "charmed-iap/interface";
import { looseText } from "../../codecs.ts";
import { requirerApp } from "./schema.ts";

export { OATHKEEPER_HEADERS, OAUTH2_PROXY_HEADERS } from "./schema.ts";

/** `auth_proxy`, version 0. The provider is the proxy, the requirer the application behind it. */
export const authProxy = defineInterface({
  name: "auth_proxy",
  version: 0,
  provider: {},
  requirer: requirerApp,
});

/** What an application publishes. */
export type Protection = In<typeof requirerApp.schema>;
/** What the proxy reads. */
export type ProtectionData = Out<typeof requirerApp.schema>;

/** The part of a relation that says whom it protects; every relation of an endpoint has it. */
export interface ProtectedRelation {
  readonly remoteApp: string;
  readonly raw: RawDatabag;
}

/**
 * Name of the application behind a relation: the one it gives, as across models the proxy sees an alias; else the alias.
 * Never fails, so that an application with a broken databag is protected still.
 */
export function appName({ remoteApp, raw }: ProtectedRelation): string {
  const given = raw["app_name"] === undefined ? undefined : looseText.decode(raw["app_name"]);
  return given?.ok && typeof given.value === "string" && isAppName(given.value) ? given.value : remoteApp;
}

/**
 * Every application that asked for protection, sorted: also those whose databag is empty or wrong, for a gateway
 * must know of them before it makes a route.
 */
export function appNames(relations: Iterable<ProtectedRelation>): string[] {
  const names = new Set<string>();
  for (const relation of relations) names.add(appName(relation));
  return [...names].sort();
}

/** All identity headers that any of the applications wants, sorted. */
export function headers(applications: Iterable<Pick<ProtectionData, "headers">>): string[] {
  return [...new Set([...applications].flatMap((application) => application.headers))].sort();
}

/** Juju: application names are lower-case letters, digits and hyphens. */
function isAppName(name: string): boolean {
  return /^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*$/.test(name);
}
