/** What a provider is asked about a person who signed in: its userinfo endpoint, and its own interface. */
import type { ProviderSettings } from "../options/structure.ts";
import { readIdentity } from "./claims.ts";
import { type JsonObject, readJson, readObject, textMember } from "./json.ts";
import type { Answer, ApiAnswer, ApiRequest } from "./kind.ts";
import type { Place } from "./place.ts";
import { ProviderError } from "./provider.ts";
import type { RawTokens } from "./token-endpoint.ts";
import type { TokenUse, VerifiedToken } from "./verifier.ts";

/** What asking needs. */
export interface PersonOptions {
  readonly settings: ProviderSettings;
  readonly place: Place;
  /** A verified token; undefined when it is no good. */
  readonly good: (token: string, use: TokenUse) => Promise<VerifiedToken | undefined>;
  readonly warn: (message: string) => void;
  /** Claims that rules look at, beside the configured additional ones. */
  readonly extraClaims: () => readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** `user_id_claim` is an older name of the e-mail claim. */
function emailClaim({ oidc }: ProviderSettings): string {
  const { emailClaim: name, userIdClaim } = oidc;
  return name === "email" && userIdClaim !== "" && userIdClaim !== "email" ? userIdClaim : name;
}

/** True for a status that says nothing about the request: the provider could not answer. */
export function isOverloaded(status: number): boolean {
  return status >= 500 || status === 429;
}

/** Asks about persons. */
export class PersonReader {
  readonly #options: PersonOptions;

  constructor(options: PersonOptions) {
    this.#options = options;
  }

  /** What a kind reads an identity from. */
  answer(tokens: RawTokens, claims: JsonObject, stage: Answer["stage"]): Answer {
    const { settings, place, good, warn, now, extraClaims } = this.#options;
    const { metadata } = place;
    const asks = stage !== "bearer" && metadata.userinfoEndpoint !== "" && !settings.skipClaimsFromProfileUrl;
    const names = {
      email: emailClaim(settings),
      groups: settings.oidc.groupsClaim,
      additional: [...new Set([...settings.additionalClaims, ...extraClaims()])],
      allowUnverified: settings.oidc.insecureAllowUnverifiedEmail,
    };
    return {
      ...{ settings, metadata, tokens, claims, stage, warn, now: now() },
      read: (from = claims) => {
        const userinfo = asks ? () => this.#userinfo(tokens.accessToken, from) : undefined;
        return readIdentity(place.issuer, { token: from, userinfo }, names);
      },
      ask: (url, request) => this.#ask(url, tokens.accessToken, request),
      accessClaims: async () => (await good(tokens.accessToken, "access"))?.claims,
    };
  }

  /** @see OpenID Connect Core, section 5.3 */
  async #userinfo(accessToken: string, claims: JsonObject): Promise<JsonObject> {
    const { place, good } = this.#options;
    const headers = { authorization: `Bearer ${accessToken}` };
    const { status, contentType, text } = await place.outgoing.ask(place.metadata.userinfoEndpoint, {
      headers,
    });
    if (isOverloaded(status)) throw new ProviderError("outage", `userinfo-status-${status}`);
    if (status !== 200) throw new ProviderError("unusable", `userinfo-status-${status}`);
    const signed = contentType.startsWith("application/jwt");
    const info = signed ? (await good(text.trim(), "userinfo"))?.claims : readObject(text);
    if (info === undefined) throw new ProviderError("unusable", "userinfo");
    const [subject, own] = [textMember(info, "sub"), textMember(claims, "sub")];
    if (subject !== "" && own !== "" && subject !== own)
      throw new ProviderError("other-user", "userinfo-subject");
    return info;
  }

  async #ask(url: string, accessToken: string, request: ApiRequest = {}): Promise<ApiAnswer> {
    const { headers, token = accessToken, scheme = "Bearer", ...rest } = request;
    const authorization = `${scheme} ${token}`;
    const answer = await this.#options.place.outgoing.ask(url, {
      ...rest,
      headers: { ...headers, authorization },
    });
    if (isOverloaded(answer.status)) throw new ProviderError("outage", `api-status-${answer.status}`);
    return { status: answer.status, json: readJson(answer.text) };
  }
}
