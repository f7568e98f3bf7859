/** What makes one kind of provider differ from another. */
import type { ProviderSettings } from "../options/structure.ts";
import type { AuthenticationMethod } from "./client-authentication.ts";
import type { JsonObject } from "./json.ts";
import type { Metadata } from "./metadata.ts";
import type { Identity } from "./provider.ts";
import type { RawTokens } from "./token-endpoint.ts";

/** A request to a provider's own interface, with the user's access token. */
export interface ApiRequest {
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Another token than the user's. */
  readonly token?: string;
  /** Word before the token; `Bearer` when absent. */
  readonly scheme?: string;
}

/** An answer of a provider's own interface. */
export interface ApiAnswer {
  readonly status: number;
  /** Undefined when it is no JSON. */
  readonly json: unknown;
}

/** What a kind reads an identity from. */
export interface Answer {
  readonly settings: ProviderSettings;
  readonly metadata: Metadata;
  readonly tokens: RawTokens;
  /** Claims of the verified ID token; empty when the kind has none. */
  readonly claims: JsonObject;
  /** `bearer`: the token that is the claims is all there is; nothing can be asked. */
  readonly stage: "login" | "refresh" | "bearer";
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Reads the claims, and what they lack from the userinfo endpoint. */
  readonly read: (claims?: JsonObject) => Promise<Identity>;
  /**
   * Asks the provider's interface.
   *
   * @throws {ProviderError} `outage`
   */
  readonly ask: (url: string, request?: ApiRequest) => Promise<ApiAnswer>;
  /** Claims of the access token, when it is a token that can be verified; its audience is not looked at. */
  readonly accessClaims: () => Promise<JsonObject | undefined>;
  /** Tells the operator something. */
  readonly warn: (message: string) => void;
}

/** A login's parameters, while it is put together. */
export interface LoginParts {
  readonly settings: ProviderSettings;
  readonly metadata: Metadata;
  /** By name; one each. */
  readonly set: Record<string, string>;
  readonly added: [string, string][];
}

/** One kind of provider. */
export interface Kind {
  /** Name for people, when the configuration has none. */
  readonly displayName: string;
  /** True when its tokens are OpenID Connect's. */
  readonly openId: boolean;
  /** Scopes asked for when the configuration names none. */
  readonly scope: (settings: ProviderSettings) => string;
  /** Issuer when the configuration names none. */
  readonly issuer?: (settings: ProviderSettings) => string;
  /** True for kinds that are never discovered: everybody knows where they are. */
  readonly fixed?: true;
  /** True when `subject` is not the claim `sub`. */
  readonly ownSubject?: true;
  /** Endpoints when the configuration names none and nothing is discovered. */
  readonly endpoints?: (settings: ProviderSettings) => Partial<Metadata>;
  /** Where access tokens are validated when the configuration does not say. */
  readonly validateUrl?: (settings: ProviderSettings) => string;
  /** How the access token is shown there. */
  readonly validation?: "bearer" | "token" | "query";
  readonly authentication?: AuthenticationMethod;
  /** True when PKCE is used though no metadata says so. */
  readonly pkce?: true;
  /** True when a login's nonce is always sent. */
  readonly nonce?: true;
  readonly login?: (parts: LoginParts) => void;
  /** More parameters for the request that redeems a code. */
  readonly redeem?: (settings: ProviderSettings, metadata: Metadata) => Readonly<Record<string, string>>;
  /** False: the provider has no refresh tokens for us. */
  readonly refreshes: boolean;
  /** Groups of which a session must have one, beside the configured ones. */
  readonly groups?: (settings: ProviderSettings) => readonly string[];
  /**
   * Reads who signed in.
   *
   * @throws {ProviderError} `person` when the person may not sign in here.
   */
  readonly identify: (answer: Answer) => Promise<Identity>;
  /** False when claims say that the person may not sign in here; asked at each sign-in, refresh and for each bearer token. */
  readonly admits?: (settings: ProviderSettings, claims: JsonObject) => boolean;
}
