/** Where a login goes: the provider's endpoint, with all that is said there. */
import type { ProviderSettings } from "../options/structure.ts";
import { Bounded } from "../session/bounded.ts";
import { takeRandomText } from "../session/random.ts";
import type { Kind, LoginParts } from "./kind.ts";
import { challengeOf, type Filling, LoginParameters, loginUrl, withGaps } from "./login-url.ts";
import type { Metadata } from "./metadata.ts";
import { type LoginRequest, ProviderError } from "./provider.ts";

/** What is known about the provider now. */
export interface LoginPlace {
  readonly metadata: Metadata;
  /** How a verifier is told; empty: not at all. */
  readonly challengeMethod: "" | "S256" | "plain";
  readonly usesNonce: boolean;
}

/** Most addresses that are kept; each host at which people sign in has one. */
const MOST = 256;

interface Kept {
  readonly metadata: Metadata;
  readonly challengeMethod: string;
  readonly usesNonce: boolean;
  /** By redirect URI, in front of which a mark says whether there is a challenge. */
  readonly fillings: Bounded<string, Filling>;
}

/** Makes the addresses of a provider's logins. */
export class LoginAddress {
  readonly #settings: ProviderSettings;
  readonly #kind: Kind;
  readonly #parameters: LoginParameters;
  #kept: Kept | undefined;

  constructor(settings: ProviderSettings, kind: Kind) {
    this.#settings = settings;
    this.#kind = kind;
    this.#parameters = new LoginParameters(settings.loginUrlParameters);
  }

  /** @throws {ProviderError} When a challenge is asked for and the provider knows no method. */
  of(place: LoginPlace, request: LoginRequest): string {
    const { challengeMethod: method } = place;
    if (this.#settings.codeChallengeMethod !== "" && method === "")
      throw new ProviderError("unusable", "challenge-method");
    const { wanted, required = {}, verifier } = request;
    const challenge = method === "" || verifier === undefined ? undefined : challengeOf(verifier, method);
    // A kind that has a say may say something else each time.
    const usual =
      this.#kind.login === undefined && wanted === undefined && Object.keys(required).length === 0;
    if (!usual) return this.#make(place, request, challenge);
    return this.#filling(
      place,
      request.redirectUri,
      challenge !== undefined,
    )([request.state, request.nonce, challenge ?? ""]);
  }

  /** The address of every login that chooses nothing: only state, nonce and challenge are each login's own. */
  #filling(place: LoginPlace, redirectUri: string, challenged: boolean): Filling {
    const { fillings } = this.#keep(place);
    const key = `${challenged ? "+" : "-"}${redirectUri}`;
    const known = fillings.get(key);
    if (known !== undefined) return known;
    const [state, nonce, challenge] = [takeRandomText(16), takeRandomText(16), takeRandomText(16)];
    const request = { redirectUri, state, nonce, verifier: undefined };
    const address = this.#make(place, request, challenged ? challenge : undefined);
    const made = withGaps(address, [state, nonce, challenge]);
    fillings.set(key, made);
    return made;
  }

  #keep({ metadata, challengeMethod, usesNonce }: LoginPlace): Kept {
    const kept = this.#kept;
    if (
      kept?.metadata === metadata &&
      kept.challengeMethod === challengeMethod &&
      kept.usesNonce === usesNonce
    )
      return kept;
    const fresh = { metadata, challengeMethod, usesNonce, fillings: new Bounded<string, Filling>(MOST) };
    this.#kept = fresh;
    return fresh;
  }

  #make(place: LoginPlace, request: LoginRequest, challenge: string | undefined): string {
    const { metadata } = place;
    const { clientId: client_id, scope } = this.#settings;
    const parts: LoginParts = {
      settings: this.#settings,
      metadata,
      set: { redirect_uri: request.redirectUri, client_id, response_type: "code" },
      added: [
        ["scope", scope || this.#kind.scope(this.#settings)],
        ["state", request.state],
      ],
    };
    this.#choose(parts.added, request);
    if (place.usesNonce) parts.added.push(["nonce", request.nonce]);
    if (challenge !== undefined)
      parts.added.push(["code_challenge", challenge], ["code_challenge_method", place.challengeMethod]);
    this.#kind.login?.(parts);
    return loginUrl(metadata.authorizationEndpoint, parts.set, parts.added);
  }

  /** Configured parameters and those that a rule asks for. */
  #choose(added: LoginParts["added"], { wanted, required = {} }: LoginRequest): void {
    // Copies: kinds of providers change them.
    for (const [name, value] of this.#parameters.values(wanted))
      if (!Object.hasOwn(required, name)) added.push([name, value]);
    added.push(...Object.entries(required));
    const mode = this.#settings.authRequestResponseMode;
    if (mode !== "") added.push(["response_mode", mode]);
  }
}
