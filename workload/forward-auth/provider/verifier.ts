/**
 * Verifies JSON Web Tokens of one issuer: ID tokens, bearer tokens, logout tokens.
 *
 * @see RFC 7519, section 7.2; RFC 8725; OpenID Connect Core, section 3.1.3.7
 */
import { compactVerify } from "jose";
import { type CompactToken, readCompact } from "./compact.ts";
import { type JsonObject, NumberText } from "./json.ts";
import type { Keys } from "./keys.ts";

/** Milliseconds that the issuer's clock may be ahead of ours, for `nbf` and `iat`. There is none for `exp`. */
const SKEW = 5 * 60_000;

/** Longest `sub` (OpenID Connect Core, section 2), in characters. */
const LONGEST_SUBJECT = 255;

/** Algorithms with public keys that the program knows; `none` and keyed hashes are never among them. */
export const ALGORITHMS: readonly string[] = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
];

/** Algorithms that the configuration, the provider and this program agree on; RS256 when neither of the first two says anything. */
export function agreedAlgorithms(
  configured: readonly string[],
  advertised: readonly string[],
): readonly string[] {
  const known = advertised.filter((algorithm) => ALGORITHMS.includes(algorithm));
  if (configured.length === 0) return known.length === 0 ? ["RS256"] : known;
  return configured.filter(
    (algorithm) => ALGORITHMS.includes(algorithm) && (known.length === 0 || known.includes(algorithm)),
  );
}

/** Why a token is no good; a closed set. */
export type TokenFault =
  | "malformed"
  | "type"
  | "algorithm"
  | "issuer"
  | "expired"
  | "not-yet"
  | "audience"
  | "subject"
  | "signature";

/** A token is no good. */
export class TokenError extends Error {
  readonly code = "ERR_TOKEN";
  readonly fault: TokenFault;
  constructor(fault: TokenFault) {
    super(`Cannot accept a token: ${fault}`);
    this.name = "TokenError";
    this.fault = fault;
  }
}

/** What a token is for; other tokens of the same issuer are refused. */
export type TokenUse = "id" | "bearer" | "access" | "logout" | "userinfo";

const TYPES: Readonly<Record<TokenUse, readonly string[]>> = {
  id: ["", "jwt"],
  bearer: ["", "jwt", "at+jwt"],
  access: ["", "jwt", "at+jwt"],
  logout: ["", "jwt", "logout+jwt"],
  userinfo: ["", "jwt"],
};

/** Which tokens are good. */
export interface VerifierOptions {
  readonly issuer: string;
  readonly skipIssuer: boolean;
  /** Algorithms that the configuration and the provider agree on. */
  readonly algorithms: () => readonly string[];
  readonly keys: Keys;
  /** The first claim of these that a token has is its audience. */
  readonly audienceClaims: readonly string[];
  /** Of these a token must name one. */
  readonly audiences: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A token that was verified. */
export interface VerifiedToken {
  readonly claims: JsonObject;
  /** Milliseconds since the epoch. */
  readonly expiresOn: number;
}

/** A time claim in milliseconds; undefined when there is none, NaN when it is no time. */
function timeOf(claims: JsonObject, name: string): number | undefined {
  const value = claims[name];
  if (value === undefined) return undefined;
  const seconds = value instanceof NumberText ? Number(value.text) : Number.NaN;
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : Number.NaN;
}

/** The audience as texts; undefined when it is something else. */
function audienceOf(value: unknown): readonly string[] | undefined {
  if (typeof value === "string") return [value];
  return Array.isArray(value) && value.every((item) => typeof item === "string") ? value : undefined;
}

/** Verifies tokens. */
export class TokenVerifier {
  readonly #options: VerifierOptions;

  constructor(options: VerifierOptions) {
    this.#options = options;
  }

  /**
   * Verifies a token; the signature comes last, for it costs most.
   *
   * @throws {TokenError} When it is no good.
   * @throws {ProviderError} `outage` when the keys cannot be had.
   */
  async verify(token: string, use: TokenUse): Promise<VerifiedToken> {
    const read = readCompact(token);
    if (read === undefined) throw new TokenError("malformed");
    if (!TYPES[use].includes(read.type)) throw new TokenError("type");
    const expiresOn = this.#checkClaims(read.claims, use);
    if (!ALGORITHMS.includes(read.algorithm) || !this.#options.algorithms().includes(read.algorithm))
      throw new TokenError("algorithm");
    await this.#checkSignature(token, read);
    return { claims: read.claims, expiresOn };
  }

  #checkClaims(claims: JsonObject, use: TokenUse): number {
    const { issuer, skipIssuer, now } = this.#options;
    if (typeof claims["iss"] !== "string" || (!skipIssuer && claims["iss"] !== issuer))
      throw new TokenError("issuer");
    if (use !== "access") this.#checkAudience(claims, use);
    this.#checkSubject(claims, use);
    const at = now();
    // Answers and messages of the provider itself may lack `exp`: they are used at once.
    const momentary = use === "logout" || use === "userinfo";
    const expiresOn = timeOf(claims, "exp") ?? (momentary ? at + SKEW : Number.NaN);
    if (!(expiresOn > at)) throw new TokenError("expired");
    if (!((timeOf(claims, "nbf") ?? 0) <= at + SKEW)) throw new TokenError("not-yet");
    if (!((timeOf(claims, "iat") ?? 0) <= at + SKEW)) throw new TokenError("not-yet");
    return expiresOn;
  }

  #checkAudience(claims: JsonObject, use: TokenUse): void {
    const { audienceClaims, audiences } = this.#options;
    const name = audienceClaims.find((candidate) => Object.hasOwn(claims, candidate));
    const named = name === undefined ? undefined : audienceOf(claims[name]);
    if (named === undefined || !named.some((audience) => audiences.includes(audience)))
      throw new TokenError("audience");
    const party = claims["azp"];
    if (use !== "id" || named.length < 2 || party === undefined) return;
    if (typeof party !== "string" || !audiences.includes(party)) throw new TokenError("audience");
  }

  #checkSubject(claims: JsonObject, use: TokenUse): void {
    const subject = claims["sub"];
    if (subject === undefined && use === "logout") return;
    if (typeof subject !== "string" || subject === "" || subject.length > LONGEST_SUBJECT)
      throw new TokenError("subject");
  }

  async #checkSignature(token: string, { algorithm, keyId }: CompactToken): Promise<void> {
    for (const key of await this.#options.keys.find({ algorithm, keyId })) {
      try {
        await compactVerify(token, key, { algorithms: [algorithm] });
        return;
      } catch {
        // A signature that does not fit, a key that is too short or of another curve: whatever it is, it is no proof.
      }
    }
    throw new TokenError("signature");
  }
}
