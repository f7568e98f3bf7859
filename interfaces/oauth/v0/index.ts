/**
 * The `oauth` relation: a client describes itself; the OpenID provider registers it, publishes its endpoints, and
 * hands back an identifier and a Juju secret.
 *
 * On the wire: application databags only; text is raw, lists are JSON text, booleans `True` or `False`. The client
 * secret travels as a secret, never in a databag.
 *
 * Source: canonical/charmlibs: interfaces/oauth; canonical/hydra-operator: lib/charms/hydra/v0/oauth.py
 *
 * @module
 */

import { defineInterface, type In, type Out } from "charmed-iap/interface";
import { providerApp, requirerApp } from "./schema.ts";

export { GRANT_TYPES, TOKEN_ENDPOINT_AUTH_METHODS } from "./schema.ts";

/** `oauth`, version 0. The provider is the OpenID provider, the requirer its client. */
export const oauth = defineInterface({
  name: "oauth",
  version: 0,
  provider: providerApp,
  requirer: requirerApp,
});

/** What a client publishes. */
export type Client = In<typeof requirerApp.schema>;
/** What the provider reads of a client. */
export type ClientData = Out<typeof requirerApp.schema>;
/** What the provider publishes; `client_id` and `client_secret_id` once the client is registered. */
export type Provider = In<typeof providerApp.schema>;
/** What a client reads; the relation is pending until it is registered. */
export type ProviderData = Out<typeof providerApp.schema>;

/** Base URLs of an OpenID provider that has Ory Hydra's paths. */
export interface ProviderBase {
  /** Without a trailing slash; it is the issuer. */
  readonly publicUrl: string;
  /** Without a trailing slash; reached from inside only. */
  readonly adminUrl: string;
  readonly jwtAccessTokens: boolean;
  /** Default `openid profile email phone`. */
  readonly scope?: string;
  /** Name of the claim that lists groups. */
  readonly groups?: string;
}

/** The endpoints of an OpenID provider with Ory Hydra's paths, as the relation spells them. */
export function endpoints(base: ProviderBase): Provider {
  const { publicUrl, adminUrl } = base;
  return {
    issuer_url: publicUrl,
    authorization_endpoint: `${publicUrl}/oauth2/auth`,
    token_endpoint: `${publicUrl}/oauth2/token`,
    introspection_endpoint: `${adminUrl}/admin/oauth2/introspect`,
    userinfo_endpoint: `${publicUrl}/userinfo`,
    jwks_endpoint: `${publicUrl}/.well-known/jwks.json`,
    scope: base.scope ?? "openid profile email phone",
    jwt_access_token: base.jwtAccessTokens,
    ...(base.groups === undefined ? {} : { groups: base.groups }),
  };
}

/** Label under which a provider keeps the client secret of a relation. */
export function secretLabel(relationId: number): string {
  return `client_secret_${relationId}`;
}

/** Content of the secret that holds a client secret. */
export function secretContent(clientSecret: string): { secret: string } {
  return { secret: clientSecret };
}

/** The client secret in a secret's content; `undefined` when the content is not what the interface says. */
export function clientSecret(content: Readonly<Record<string, string>>): string | undefined {
  const value = Object.hasOwn(content, "secret") ? content["secret"] : undefined;
  return value === "" ? undefined : value;
}

/**
 * Whether a client identifier survives readers that take every text for JSON first: `123` and `true` do not.
 * A provider must choose another when this is `false`.
 */
export function isSafeClientId(clientId: string): boolean {
  return /^[A-Za-z0-9_-]*[G-Zg-z_-][A-Za-z0-9_-]*$/.test(clientId) && !PYTHON_LITERALS.has(clientId);
}

const PYTHON_LITERALS = new Set(["true", "false", "null", "NaN", "Infinity", "-Infinity"]);
