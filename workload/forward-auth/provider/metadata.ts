/**
 * What a provider says about itself.
 *
 * @see OpenID Connect Discovery 1.0, sections 3 and 4; RFC 8414; RFC 8705 (mtls_endpoint_aliases)
 */
import { member, readObject, textMember, textsMember } from "./json.ts";

/** Endpoints and abilities; endpoints that it does not have are empty. */
export interface Metadata {
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly userinfoEndpoint: string;
  readonly jwksUri: string;
  readonly endSessionEndpoint: string;
  readonly revocationEndpoint: string;
  readonly introspectionEndpoint: string;
  /** Algorithms of ID tokens; empty when not told. */
  readonly algorithms: readonly string[];
  /** PKCE methods; undefined when not told. */
  readonly challengeMethods: readonly string[] | undefined;
  /** Ways to show who the client is; undefined when not told. */
  readonly authenticationMethods: readonly string[] | undefined;
  /** The authorization answer names the issuer (RFC 9207). */
  readonly namesIssuer: boolean;
}

/** Which document is good. */
export interface MetadataRules {
  /** The issuer must call itself so, byte for byte. */
  readonly issuer: string;
  readonly skipIssuer: boolean;
  /** True for addresses that may be asked. */
  readonly allows: (url: string) => boolean;
  /** Endpoints must be on the issuer's own host or on one of these; undefined: anywhere. */
  readonly hosts?: readonly string[] | undefined;
  /** The client shows a certificate: endpoints that only take such clients count (RFC 8705, section 5). */
  readonly mutualTls?: boolean;
}

/** Endpoints that the client itself asks, with its certificate. */
const ALIASED: ReadonlySet<string> = new Set([
  "token_endpoint",
  "userinfo_endpoint",
  "revocation_endpoint",
  "introspection_endpoint",
]);

const MEMBERS = {
  authorizationEndpoint: "authorization_endpoint",
  tokenEndpoint: "token_endpoint",
  userinfoEndpoint: "userinfo_endpoint",
  jwksUri: "jwks_uri",
  endSessionEndpoint: "end_session_endpoint",
  revocationEndpoint: "revocation_endpoint",
  introspectionEndpoint: "introspection_endpoint",
} as const;

type Endpoints = Pick<Metadata, keyof typeof MEMBERS>;

/** Where the document of an issuer is. */
export function metadataUrl(issuer: string): string {
  return `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
}

/** Metadata without any endpoint, for providers that are configured by hand. */
export function emptyMetadata(issuer: string): Metadata {
  const endpoints = Object.fromEntries(
    Object.keys(MEMBERS).map((name) => [name, ""]),
  ) as unknown as Endpoints;
  return {
    issuer,
    ...endpoints,
    algorithms: [],
    challengeMethods: undefined,
    authenticationMethods: undefined,
    namesIssuer: false,
  };
}

function hostAllowed(url: string, { issuer, hosts }: MetadataRules): boolean {
  if (hosts === undefined) return true;
  const { host } = new URL(url);
  return host === new URL(issuer).host || hosts.includes(host);
}

/**
 * Reads a discovery document.
 *
 * @returns The metadata, or what is wrong with the document, in one word.
 */
export function readMetadata(text: string, rules: MetadataRules): Metadata | string {
  const document = readObject(text);
  if (document === undefined) return "not-json";
  const issuer = textMember(document, "issuer");
  if (issuer !== rules.issuer && !rules.skipIssuer) return "other-issuer";
  const endpoints: Record<string, string> = {};
  const aliases = rules.mutualTls === true ? member(document, "mtls_endpoint_aliases") : undefined;
  for (const [name, key] of Object.entries(MEMBERS)) {
    const url = (ALIASED.has(key) && textMember(aliases, key)) || textMember(document, key);
    if (url !== "" && (!rules.allows(url) || !hostAllowed(url, rules)))
      return `forbidden-${key.replaceAll("_", "-")}`;
    endpoints[name] = url;
  }
  const told = (key: string) =>
    member(document, key) === undefined ? undefined : textsMember(document, key);
  return {
    issuer,
    ...(endpoints as unknown as Endpoints),
    algorithms: textsMember(document, "id_token_signing_alg_values_supported"),
    challengeMethods: told("code_challenge_methods_supported"),
    authenticationMethods: told("token_endpoint_auth_methods_supported"),
    namesIssuer: member(document, "authorization_response_iss_parameter_supported") === true,
  };
}
