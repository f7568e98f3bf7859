/** Issuers of bearer tokens that nobody signs in with (`extra_jwt_issuers`). */
import { claimText } from "./claims.ts";
import { readCompact } from "./compact.ts";
import { type JsonObject, member, textMember } from "./json.ts";
import { RemoteKeys } from "./keys.ts";
import { type Metadata, metadataUrl, readMetadata } from "./metadata.ts";
import { Outgoing } from "./outgoing.ts";
import { type BearerIdentity, type Identity, ProviderError } from "./provider.ts";
import { agreedAlgorithms, TokenError, TokenVerifier } from "./verifier.ts";

/** Milliseconds between two looks at an issuer's metadata: when it has some, when it has none, when it does not answer. */
const RENEWAL = 3_600_000;
const NONE = 300_000;
const RETRY = 250;

/** Somebody who can say whom a bearer token speaks for. */
export interface BearerSource {
  /** Id of the provider; empty for an issuer that nobody signs in with. */
  readonly id: string;
  /**
   * Who the token speaks for; undefined when it is none of this source's good tokens.
   *
   * @throws {ProviderError} `outage` when nobody can say.
   */
  bearer(token: string): Promise<BearerIdentity | undefined>;
}

/** What an issuer needs. */
export interface ExtraIssuerOptions {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly audienceClaims: readonly string[];
  readonly enabledAlgorithms: readonly string[];
  /** CA bundles instead of the process's own, as the first provider has them; empty: those. */
  readonly caFiles?: readonly string[];
  /** Trust the process's CAs beside `caFiles`. */
  readonly useSystemTrustStore?: boolean;
  /** The issuer's certificate is not verified. */
  readonly skipVerify?: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Fixed claims: the groups must be a list of texts, the rest texts. Undefined when they are not. */
function identityOf(issuer: string, claims: JsonObject): Identity | undefined {
  const groups = member(claims, "groups") ?? [];
  const verified = member(claims, "email_verified") ?? true;
  if (!Array.isArray(groups) || !groups.every((group) => typeof group === "string")) return undefined;
  const names = ["email", "preferred_username"].map((name) => member(claims, name) ?? "");
  if (verified !== true || !names.every((name) => typeof name === "string")) return undefined;
  return {
    issuer,
    subject: claimText(claims["sub"]),
    email: textMember(claims, "email"),
    preferredUsername: textMember(claims, "preferred_username"),
    groups,
    acr: textMember(claims, "acr"),
    sid: "",
    additionalClaims: new Map(),
  };
}

/** One issuer; its metadata and keys are fetched when its first token comes. */
export class ExtraIssuer implements BearerSource {
  readonly id = "";
  readonly #options: ExtraIssuerOptions;
  readonly #outgoing: Outgoing;
  readonly #verifier: TokenVerifier;
  #metadata: Metadata | undefined;
  #running: Promise<void> | undefined;
  #lookAgainAt = Number.NEGATIVE_INFINITY;

  constructor(options: ExtraIssuerOptions) {
    const { issuer, audiences, audienceClaims, enabledAlgorithms, now } = options;
    const { caFiles = [], useSystemTrustStore = false, skipVerify = false } = options;
    this.#options = options;
    this.#outgoing = new Outgoing({
      caFiles,
      useSystemTrustStore,
      certificateFile: "",
      keyFile: "",
      insecure: issuer.startsWith("http:"),
      skipVerify,
    });
    const url = () => this.#metadata?.jwksUri || `${issuer.replace(/\/$/, "")}/.well-known/jwks.json`;
    this.#verifier = new TokenVerifier({
      issuer,
      skipIssuer: false,
      algorithms: () => agreedAlgorithms(enabledAlgorithms, this.#metadata?.algorithms ?? []),
      keys: new RemoteKeys({ url, outgoing: this.#outgoing, now }),
      audienceClaims,
      audiences,
      now,
    });
  }

  get issuer(): string {
    return this.#options.issuer;
  }

  async bearer(token: string): Promise<BearerIdentity | undefined> {
    if (readCompact(token)?.claims["iss"] !== this.issuer) return undefined;
    await this.#look();
    try {
      const { claims, expiresOn } = await this.#verifier.verify(token, "bearer");
      const identity = identityOf(this.issuer, claims);
      return identity === undefined ? undefined : { identity, expiresOn };
    } catch (error) {
      if (error instanceof TokenError) return undefined;
      throw error;
    }
  }

  close(): void {
    this.#outgoing.close();
  }

  /** Metadata is asked for now and then; an issuer without any has its keys where everybody has them. */
  #look(): Promise<void> {
    if (this.#running === undefined && this.#options.now() >= this.#lookAgainAt) {
      this.#running = this.#discover().finally(() => {
        this.#running = undefined;
      });
    }
    return this.#running ?? Promise.resolve();
  }

  async #discover(): Promise<void> {
    try {
      const answer = await this.#outgoing.ask(metadataUrl(this.issuer));
      const overloaded = answer.status >= 500 || answer.status === 429;
      this.#lookAgainAt = this.#options.now() + (overloaded ? RETRY : NONE);
      if (answer.status !== 200) return;
      const rules = {
        issuer: this.issuer,
        skipIssuer: false,
        allows: (url: string) => this.#outgoing.allows(url),
      };
      const read = readMetadata(answer.text, rules);
      if (typeof read === "string") return;
      this.#metadata = read;
      this.#lookAgainAt = this.#options.now() + RENEWAL;
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      this.#lookAgainAt = this.#options.now() + RETRY;
    }
  }
}
