/** Which tokens of one provider are good. */
import type { ProviderSettings } from "../options/structure.ts";
import type { JsonObject } from "./json.ts";
import { FileKeys, type Keys, RemoteKeys } from "./keys.ts";
import type { Kind } from "./kind.ts";
import { readLogoutToken } from "./logout-token.ts";
import type { Place } from "./place.ts";
import { type LogoutTarget, ProviderError } from "./provider.ts";
import type { RawTokens } from "./token-endpoint.ts";
import {
  agreedAlgorithms,
  TokenError,
  type TokenUse,
  TokenVerifier,
  type VerifiedToken,
} from "./verifier.ts";

const NO_CLAIMS: JsonObject = Object.freeze(Object.create(null)) as JsonObject;

/** What trust is built on. */
export interface TrustOptions {
  readonly settings: ProviderSettings;
  readonly kind: Kind;
  readonly place: Place;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Tokens of one provider. */
export class Trust {
  readonly #required: boolean;
  readonly #verifier: TokenVerifier | undefined;

  constructor(options: TrustOptions) {
    this.#required = options.kind.openId;
    this.#verifier = options.kind.openId && options.place.issuer !== "" ? createVerifier(options) : undefined;
  }

  /**
   * A verified token; undefined when it is no good, or the provider signs none.
   *
   * @throws {ProviderError} `outage` when nobody can say.
   */
  async good(token: string, use: TokenUse): Promise<VerifiedToken | undefined> {
    try {
      return await this.#verifier?.verify(token, use);
    } catch (error) {
      if (error instanceof TokenError) return undefined;
      throw error;
    }
  }

  /**
   * Claims of the ID token in an answer; none for kinds that have no ID tokens, and for a refresh without one.
   *
   * @throws {ProviderError} `unusable` when it is no good, or missing at a sign-in.
   */
  async idClaims({ idToken }: RawTokens, stage: "login" | "refresh"): Promise<JsonObject> {
    if (this.#verifier === undefined) return NO_CLAIMS;
    if (idToken === "" && stage === "login" && this.#required)
      throw new ProviderError("unusable", "no-id-token");
    if (idToken === "") return NO_CLAIMS;
    try {
      return (await this.#verifier.verify(idToken, "id")).claims;
    } catch (error) {
      if (error instanceof TokenError) throw new ProviderError("unusable", `id-token-${error.fault}`);
      throw error;
    }
  }

  /** What a logout token ends; undefined when it is no good. */
  async logoutTarget(token: string): Promise<LogoutTarget | undefined> {
    const verified = await this.good(token, "logout");
    return verified === undefined ? undefined : readLogoutToken(verified.claims);
  }
}

function createVerifier({ settings, place, now }: TrustOptions): TokenVerifier {
  const { oidc, clientId } = settings;
  return new TokenVerifier({
    issuer: place.issuer,
    skipIssuer: oidc.insecureSkipIssuerVerification,
    algorithms: () => agreedAlgorithms(oidc.enabledSigningAlgs, place.metadata.algorithms),
    keys: createKeys(oidc, place, now),
    audienceClaims: oidc.audienceClaims.length === 0 ? ["aud"] : oidc.audienceClaims,
    audiences: [clientId, ...oidc.extraAudiences],
    now,
  });
}

function createKeys(oidc: ProviderSettings["oidc"], place: Place, now: () => number): Keys {
  if (oidc.skipDiscovery && oidc.publicKeyFiles.length > 0) return new FileKeys(oidc.publicKeyFiles);
  return new RemoteKeys({ url: () => place.metadata.jwksUri, outgoing: place.outgoing, now });
}
