/** Who people sign in with, whatever kind of provider it is. */
import type { ProviderType } from "../options/structure.ts";
import type { Session } from "../session/session.ts";

/** `unconfigured`: it has no client, or no issuer. `unreachable`: not found yet. */
export type ProviderState = "unconfigured" | "unreachable" | "ready";

/**
 * What went wrong with a provider.
 *
 * - `outage`: it did not answer, or could not; worth trying again, no reason to end a session.
 * - `refused`: it said no; the reason is its OAuth error code.
 * - `unusable`: what it answered cannot be believed or used.
 * - `person`: what it says of the person is not enough for a sign-in.
 * - `other-user`: new tokens belong to somebody else.
 */
export type ProviderFault = "outage" | "refused" | "unusable" | "person" | "other-user";

/** A provider did not do what was asked of it. The message and the reason are safe to log: never tokens, never its words. */
export class ProviderError extends Error {
  readonly code = "ERR_PROVIDER";
  readonly fault: ProviderFault;
  /** A short word for logs and metrics, such as `invalid_grant`. */
  readonly reason: string;
  constructor(fault: ProviderFault, reason: string, options?: { readonly cause?: unknown }) {
    super(`Cannot use the provider's answer: ${fault}: ${reason}`, options);
    this.name = "ProviderError";
    this.fault = fault;
    this.reason = reason;
  }

  /** True when the session that was asked about has ended: asking again cannot help. */
  get final(): boolean {
    if (this.fault === "refused") return this.reason === "invalid_grant" || this.reason === "invalid_client";
    return this.fault === "other-user" || this.fault === "person";
  }
}

/** What went wrong, as words for the log: the codes along the chain of causes, never messages, which may quote what was sent. */
export function reasonOf(error: unknown): string {
  if (error instanceof ProviderError) return `${error.fault}: ${error.reason}`;
  const words = new Set<string>();
  let link: unknown = error;
  for (let depth = 0; depth < 5 && typeof link === "object" && link !== null; depth++) {
    const { code, error: oauth, cause } = link as { code?: unknown; error?: unknown; cause?: unknown };
    for (const word of [code, oauth]) if (typeof word === "string") words.add(word);
    link = cause;
  }
  const name = error instanceof Error ? error.name : "unknown";
  return [...(words.size > 0 ? words : [name])].join(" ").slice(0, 200);
}

/** Told about each change and failure; never with secrets. */
export interface ProviderListener {
  found(id: string, issuer: string): void;
  failed(id: string, issuer: string, reason: string): void;
  /** Something an operator should know about answers of the provider. */
  warn(id: string, message: string): void;
  /** A request ended: how long it took, and whether there was an answer. */
  asked?(id: string, seconds: number, answered: boolean): void;
}

/** What a login tells the provider. */
export interface LoginRequest {
  readonly redirectUri: string;
  readonly state: string;
  /** Sent where nonces are checked. */
  readonly nonce: string;
  /** 43 to 128 characters; undefined where no challenge is sent. */
  readonly verifier: string | undefined;
  /** Query of the request that began the login; what the configuration allows of it is handed on. */
  readonly wanted?: URLSearchParams | undefined;
  /** Parameters that a rule asks for, such as `acr_values` or `max_age`; they replace the configured ones. */
  readonly required?: Readonly<Record<string, string>> | undefined;
}

/** What came back from the authorization endpoint, and what the login remembered. */
export interface AuthorizationAnswer {
  readonly code: string;
  readonly redirectUri: string;
  /** Undefined when no challenge was sent. */
  readonly verifier: string | undefined;
  /** Undefined when no nonce was sent. */
  readonly nonce: string | undefined;
  /** True when it is not known whether the nonce was sent: then an ID token without one is good. */
  readonly foreign?: boolean;
  /** Seconds that the authentication may be old; undefined: any. */
  readonly maxAge?: number | undefined;
  /** Parameter `iss`; undefined when there was none. */
  readonly iss: string | undefined;
}

/** Tokens of one answer; empty where the provider gave none. */
export interface Tokens {
  readonly accessToken: string;
  /** Verified where the provider signs it. */
  readonly idToken: string;
  readonly refreshToken: string;
  /** Milliseconds since the epoch; undefined when the provider did not tell. */
  readonly expiresOn: number | undefined;
}

/** Who the provider says somebody is. */
export interface Identity {
  readonly issuer: string;
  /** The claim `sub`, or the login name of providers that have none. */
  readonly subject: string;
  readonly email: string;
  readonly preferredUsername: string;
  readonly groups: readonly string[];
  /** Authentication context class; empty when not told. */
  readonly acr: string;
  /** The provider's session, for back-channel logout; empty when not told. */
  readonly sid: string;
  readonly additionalClaims: ReadonlyMap<string, unknown>;
}

/** A sign-in that succeeded. */
export interface SignIn {
  readonly identity: Identity;
  readonly tokens: Tokens;
}

/** New tokens; `identity` is undefined when no new ID token came, so the old identity stays. */
export interface Refreshed {
  readonly identity: Identity | undefined;
  readonly tokens: Tokens;
}

/** A bearer token that holds. */
export interface BearerIdentity {
  readonly identity: Identity;
  /** Milliseconds since the epoch. */
  readonly expiresOn: number;
}

/** What a logout token ends. */
export interface LogoutTarget {
  readonly issuer: string;
  /** Empty: every session of `subject`. */
  readonly sid: string;
  /** Empty: the session `sid` only. */
  readonly subject: string;
  /** Names the token, so that it counts once. */
  readonly tokenId: string;
  /** Milliseconds since the epoch. */
  readonly issuedAt: number;
}

/** A provider. */
export interface Provider {
  readonly id: string;
  readonly type: ProviderType;
  /** Name for people. */
  readonly displayName: string;
  /** Empty for kinds without one. */
  readonly issuer: string;
  readonly state: ProviderState;
  /** PKCE method of a login that begins now; empty: none. */
  readonly challengeMethod: "" | "S256" | "plain";
  /** False: the provider has no refresh tokens, for nobody. */
  readonly refreshes: boolean;
  /** True when a login's nonce is sent and compared. */
  readonly usesNonce: boolean;
  /** Looks for the provider until it is found. Settles after the first attempt, whatever its result. */
  start(): Promise<void>;
  close(): void;
  /**
   * Where a login goes; undefined while the provider is not found.
   *
   * @throws {ProviderError} `unusable` when the provider cannot do what the configuration demands.
   */
  loginUrl(request: LoginRequest): string | undefined;
  /**
   * Redeems a code and reads who signed in.
   *
   * @throws {ProviderError}
   */
  redeem(answer: AuthorizationAnswer): Promise<SignIn>;
  /**
   * Asks for new tokens, in one request. Undefined when the session has no refresh token or the provider has no refresh.
   *
   * @throws {ProviderError} See `final`.
   */
  refresh(session: Session): Promise<Refreshed | undefined>;
  /**
   * True while the provider still stands by the session.
   *
   * @param refreshed True right after {@link refresh} brought new tokens.
   * @throws {ProviderError} `outage` when it cannot be asked.
   */
  validate(session: Session, refreshed: boolean): Promise<boolean>;
  /** True when the session has one of the groups that the configuration asks for, or it asks for none. */
  authorizes(session: { readonly groups: readonly string[] }): boolean;
  /**
   * Who a bearer token speaks for; undefined when it is not a good token of this provider.
   *
   * @throws {ProviderError} `outage` when nobody can say.
   */
  bearer(token: string): Promise<BearerIdentity | undefined>;
  /**
   * Who an opaque token speaks for, by the provider's word (RFC 7662); undefined when it is not active, or not for us.
   *
   * @param url The endpoint; `discovery`: the one that the provider announces.
   * @throws {ProviderError} `outage` when nobody can say.
   */
  introspect(token: string, url: string): Promise<BearerIdentity | undefined>;
  /** Where a browser goes to sign out at the provider (OpenID Connect RP-Initiated Logout 1.0); undefined when it has no such place. */
  logoutUrl(idToken: string, returnTo: string): string | undefined;
  /** Tells the provider that a session has ended: configured URL, and revocation of its tokens (RFC 7009). Never throws. */
  endSession(session: Session): Promise<void>;
  /**
   * Reads a logout token (OpenID Connect Back-Channel Logout 1.0); undefined when it is not a good one.
   *
   * @throws {ProviderError} `outage` when nobody can say.
   */
  logoutToken(token: string): Promise<LogoutTarget | undefined>;
}
