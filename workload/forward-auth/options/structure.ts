/**
 * The structured part of the configuration, as oauth2-proxy's alpha file has it. The flat options of listeners, upstreams,
 * headers and the provider are read into the same shape, so that everything behind sees one shape only.
 *
 * Durations are milliseconds. Texts that are not set are empty.
 */

/** Bytes from the configuration itself, a variable or a file; exactly one of the three. */
export type SecretSource =
  | { readonly value: string }
  | { readonly fromEnv: string }
  | { readonly fromFile: string };

/** Certificate and key of a listener. */
export interface TlsSettings {
  readonly key: SecretSource;
  readonly cert: SecretSource;
  readonly minVersion: "" | "TLS1.2" | "TLS1.3";
  readonly cipherSuites: readonly string[];
  /** Who must have signed the clients' certificates; absent: clients need none. */
  readonly clientCa?: SecretSource;
}

/** A plain listener, a TLS listener, both or none (empty addresses). */
export interface ServerSettings {
  /** `host:port`, `http://host:port`, `unix:///path[,mode=0770]`, `fd:3`; empty: none. */
  readonly bindAddress: string;
  readonly secureBindAddress: string;
  readonly tls: TlsSettings | undefined;
}

/** One upstream of the reverse-proxy mode. */
export interface UpstreamSettings {
  readonly id: string;
  /** A path, a prefix when it ends with `/`; with `rewriteTarget` an expression. */
  readonly path: string;
  readonly rewriteTarget: string;
  /** `http`, `https`, `unix` or `file` URL; empty when `static`. */
  readonly uri: string;
  readonly insecureSkipTlsVerify: boolean;
  readonly static: boolean;
  readonly staticCode: number;
  readonly flushInterval: number;
  readonly passHostHeader: boolean;
  readonly proxyWebSockets: boolean;
  readonly timeout: number;
  readonly disableKeepAlives: boolean;
}

/** One value of an injected header. */
export type HeaderValueSettings =
  | { readonly secretSource: SecretSource }
  | {
      readonly claimSource: {
        /** `access_token`, `id_token`, `refresh_token`, `created_at`, `expires_on`, `email`, `user`, `groups`, `preferred_username`, or an additional claim. */
        readonly claim: string;
        readonly prefix: string;
        /** The value becomes `Basic base64(claim:password)`. */
        readonly basicAuthPassword: SecretSource | undefined;
      };
    };

/** A header that we add to requests for upstreams, or to our answers. */
export interface HeaderSettings {
  readonly name: string;
  /** Keep what the client sent in front of ours; requests only. */
  readonly preserveRequestValue: boolean;
  readonly insecureSkipHeaderNormalization: boolean;
  readonly values: readonly HeaderValueSettings[];
}

/** The kinds of providers. */
export const PROVIDER_TYPES = [
  "google",
  "oidc",
  "adfs",
  "azure",
  "entra-id",
  "bitbucket",
  "cidaas",
  "digitalocean",
  "facebook",
  "github",
  "gitlab",
  "keycloak",
  "keycloak-oidc",
  "linkedin",
  "login.gov",
  "nextcloud",
  "sourcehut",
] as const;

export type ProviderType = (typeof PROVIDER_TYPES)[number];

/** A parameter of the login URL: a default, and what a user may choose instead. */
export interface LoginUrlParameter {
  readonly name: string;
  readonly default: readonly string[];
  readonly allow: readonly ({ readonly value: string } | { readonly pattern: string })[];
}

/** OpenID Connect, for providers that speak it. */
export interface OidcSettings {
  readonly issuerUrl: string;
  readonly insecureAllowUnverifiedEmail: boolean;
  readonly insecureSkipIssuerVerification: boolean;
  readonly insecureSkipNonce: boolean;
  readonly skipDiscovery: boolean;
  readonly jwksUrl: string;
  readonly publicKeyFiles: readonly string[];
  readonly emailClaim: string;
  readonly groupsClaim: string;
  readonly userIdClaim: string;
  readonly audienceClaims: readonly string[];
  readonly extraAudiences: readonly string[];
  readonly enabledSigningAlgs: readonly string[];
}

/** How we prove to the provider who we are; ours, oauth2-proxy has the secret (and Entra's federated token) only. */
export type ClientAuthenticationMethod =
  | ""
  | "client_secret_basic"
  | "client_secret_post"
  | "private_key_jwt"
  | "tls_client_auth"
  | "token_file";

/** One provider. */
export interface ProviderSettings {
  readonly id: string;
  readonly type: ProviderType;
  /** Name for people. */
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly clientSecretFile: string;
  readonly clientAuthentication: {
    readonly method: ClientAuthenticationMethod;
    /** PEM or JWK; `private_key_jwt` and `tls_client_auth`. */
    readonly keyFile: string;
    /** `tls_client_auth`. */
    readonly certificateFile: string;
    /** A projected service-account token, sent as client assertion. */
    readonly tokenFile: string;
  };
  readonly caFiles: readonly string[];
  readonly useSystemTrustStore: boolean;
  readonly loginUrl: string;
  readonly loginUrlParameters: readonly LoginUrlParameter[];
  readonly authRequestResponseMode: string;
  readonly redeemUrl: string;
  readonly profileUrl: string;
  readonly skipClaimsFromProfileUrl: boolean;
  readonly resource: string;
  readonly validateUrl: string;
  readonly scope: string;
  readonly allowedGroups: readonly string[];
  /** `S256`, `plain`, or empty: S256 unless the provider's metadata excludes it. */
  readonly codeChallengeMethod: string;
  readonly additionalClaims: readonly string[];
  readonly backendLogoutUrl: string;
  /** Where it tells about opaque bearer tokens; `discovery`: where it announces to; empty: it is not asked. Ours. */
  readonly introspectionUrl: string;
  readonly oidc: OidcSettings;
  readonly keycloak: { readonly groups: readonly string[]; readonly roles: readonly string[] };
  readonly azure: { readonly tenant: string; readonly graphGroupField: string };
  readonly entraId: { readonly allowedTenants: readonly string[]; readonly federatedTokenAuth: boolean };
  readonly adfs: { readonly skipScope: boolean };
  readonly bitbucket: { readonly team: string; readonly repository: string };
  readonly github: {
    readonly org: string;
    readonly team: string;
    readonly repo: string;
    readonly token: string;
    readonly users: readonly string[];
  };
  readonly gitlab: { readonly group: readonly string[]; readonly projects: readonly string[] };
  readonly google: {
    readonly group: readonly string[];
    readonly adminEmail: string;
    readonly serviceAccountJson: string;
    readonly useApplicationDefaultCredentials: boolean;
    readonly targetPrincipal: string;
    readonly useOrganizationId: boolean;
    readonly adminApiUserScope: string;
  };
  readonly loginGov: { readonly jwtKey: string; readonly jwtKeyFile: string; readonly pubJwkUrl: string };
}

/** Everything structured. */
export interface Structure {
  /** Route on the escaped path. */
  readonly proxyRawPath: boolean;
  readonly upstreams: readonly UpstreamSettings[];
  readonly requestHeaders: readonly HeaderSettings[];
  readonly responseHeaders: readonly HeaderSettings[];
  readonly server: ServerSettings;
  readonly metricsServer: ServerSettings;
  /** The first is the one that oauth2-proxy would use; rules may choose another by id. */
  readonly providers: readonly ProviderSettings[];
}
