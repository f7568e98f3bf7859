/** A provider of any kind: what all of them have in common. */
import type { ProviderSettings, ProviderType } from "../options/structure.ts";
import type { Session } from "../session/session.ts";
import { readCompact } from "./compact.ts";
import { readIntrospection } from "./introspection.ts";
import { type JsonObject, NumberText, readObject, textMember } from "./json.ts";
import type { Answer, Kind } from "./kind.ts";
import { LoginAddress } from "./login-address.ts";
import { loginUrl } from "./login-url.ts";
import { isOverloaded, PersonReader } from "./person.ts";
import { Place } from "./place.ts";
import {
  type AuthorizationAnswer,
  type BearerIdentity,
  type Identity,
  type LoginRequest,
  type LogoutTarget,
  type Provider,
  ProviderError,
  type ProviderListener,
  type ProviderState,
  type Refreshed,
  reasonOf,
  type SignIn,
} from "./provider.ts";
import { type RawTokens, TokenEndpoint } from "./token-endpoint.ts";
import { Trust } from "./trust.ts";
import type { VerifiedToken } from "./verifier.ts";

/** Milliseconds that the provider's clock may be behind ours. */
const AGE_SKEW = 60_000;

/** What a provider needs. */
export interface OAuthProviderOptions {
  readonly settings: ProviderSettings;
  readonly kind: Kind;
  readonly listener: ProviderListener;
  /** Tell the provider to revoke a session's tokens when it ends. */
  readonly revokes: boolean;
  /** Claims that rules look at, beside the configured additional ones. */
  readonly extraClaims: () => readonly string[];
  /** Endpoints must be on the issuer's host or on these; undefined: anywhere. */
  readonly hosts?: readonly string[] | undefined;
  /** The provider's certificate is not verified. */
  readonly skipVerify?: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A provider of any kind. */
export class OAuthProvider implements Provider {
  readonly id: string;
  readonly type: ProviderType;
  readonly displayName: string;
  readonly #settings: ProviderSettings;
  readonly #kind: Kind;
  readonly #options: OAuthProviderOptions;
  readonly #place: Place;
  readonly #trust: Trust;
  readonly #person: PersonReader;
  readonly #endpoint: TokenEndpoint;
  readonly #login: LoginAddress;
  readonly #allowedGroups: ReadonlySet<string>;

  constructor(options: OAuthProviderOptions) {
    const { settings, kind, listener, hosts, skipVerify = false, now } = options;
    this.#options = options;
    this.#settings = settings;
    this.#kind = kind;
    this.id = settings.id;
    this.type = settings.type;
    this.displayName = settings.name || kind.displayName;
    const place = new Place({ settings, kind, listener, hosts, skipVerify });
    const trust = new Trust({ settings, kind, place, now });
    const warn = (message: string) => listener.warn(settings.id, message);
    this.#place = place;
    this.#trust = trust;
    this.#person = new PersonReader({
      settings,
      place,
      good: (token, use) => trust.good(token, use),
      warn,
      extraClaims: options.extraClaims,
      now,
    });
    this.#endpoint = new TokenEndpoint({
      settings,
      outgoing: place.outgoing,
      metadata: () => place.metadata,
      method: kind.authentication,
      now,
    });
    this.#login = new LoginAddress(settings, kind);
    const groups = [...settings.allowedGroups, ...(kind.groups?.(settings) ?? [])];
    this.#allowedGroups = new Set(groups.filter((group) => group !== ""));
  }

  get issuer(): string {
    return this.#place.issuer;
  }

  get state(): ProviderState {
    return this.#place.state;
  }

  get challengeMethod(): "" | "S256" | "plain" {
    return this.#place.challengeMethod;
  }

  get refreshes(): boolean {
    return this.#kind.refreshes;
  }

  get usesNonce(): boolean {
    return this.#kind.nonce === true || (this.#kind.openId && !this.#settings.oidc.insecureSkipNonce);
  }

  start(): Promise<void> {
    return this.#place.start();
  }

  close(): void {
    this.#place.close();
  }

  authorizes({ groups }: { readonly groups: readonly string[] }): boolean {
    if (this.#allowedGroups.size === 0) return true;
    for (const group of groups) if (this.#allowedGroups.has(group)) return true;
    return false;
  }

  loginUrl(request: LoginRequest): string | undefined {
    const metadata = this.#place.known;
    if (metadata === undefined || this.state !== "ready") return undefined;
    const { challengeMethod, usesNonce } = this;
    return this.#login.of({ metadata, challengeMethod, usesNonce }, request);
  }

  async redeem(answer: AuthorizationAnswer): Promise<SignIn> {
    this.#checkIssuer(answer.iss);
    if (answer.code === "") throw new ProviderError("unusable", "no-code");
    const tokens = await this.#endpoint.code(this.#codeParameters(answer));
    const claims = await this.#trust.idClaims(tokens, "login");
    const unsent = answer.foreign === true && claims["nonce"] === undefined;
    if (this.usesNonce && answer.nonce !== undefined && claims["nonce"] !== answer.nonce && !unsent)
      throw new ProviderError("unusable", "nonce");
    this.#checkAge(claims, answer.maxAge);
    const identity = await this.#identify(tokens, claims, "login");
    if (!this.#kind.openId && !(await this.#validates(tokens.accessToken)))
      throw new ProviderError("unusable", "not-validated");
    return { identity, tokens };
  }

  #codeParameters({ code, redirectUri, verifier }: AuthorizationAnswer): Record<string, string> {
    const { resource } = this.#settings;
    return {
      code,
      redirect_uri: redirectUri,
      ...(verifier === undefined ? {} : { code_verifier: verifier }),
      ...(this.#kind.openId || resource === "" ? {} : { resource }),
      ...this.#kind.redeem?.(this.#settings, this.#place.metadata),
    };
  }

  /** @see RFC 9207, section 2.4 */
  #checkIssuer(iss: string | undefined): void {
    if (!this.#kind.openId || this.#settings.oidc.insecureSkipIssuerVerification) return;
    if (iss === undefined ? this.#place.metadata.namesIssuer : iss !== this.issuer)
      throw new ProviderError("unusable", "other-issuer");
  }

  /** Providers that take no notice of `max_age` tell no time, or an old one. @see OpenID Connect Core, section 3.1.3.7 */
  #checkAge(claims: JsonObject, maxAge: number | undefined): void {
    const time = claims["auth_time"];
    if (maxAge === undefined || !(time instanceof NumberText)) return;
    if (!(this.#options.now() <= (Number(time.text) + maxAge) * 1000 + AGE_SKEW))
      throw new ProviderError("unusable", "auth-time");
  }

  async #identify(tokens: RawTokens, claims: JsonObject, stage: Answer["stage"]): Promise<Identity> {
    const identity = await this.#kind.identify(this.#person.answer(tokens, claims, stage));
    if (!this.#admits(claims)) throw new ProviderError("person", "not-admitted");
    return identity;
  }

  #admits(claims: JsonObject): boolean {
    return this.#kind.admits?.(this.#settings, claims) ?? true;
  }

  async refresh(session: Session): Promise<Refreshed | undefined> {
    const { refreshToken = "" } = session;
    if (!this.#kind.refreshes || refreshToken === "") return undefined;
    const tokens = await this.#endpoint.refresh(refreshToken);
    const kept = {
      ...tokens,
      idToken: tokens.idToken || (session.idToken ?? ""),
      refreshToken: tokens.refreshToken || refreshToken,
    };
    if (tokens.idToken === "") return { identity: undefined, tokens: kept };
    const claims = await this.#trust.idClaims(tokens, "refresh");
    const identity = await this.#identify(tokens, claims, "refresh");
    this.#checkSameUser(session, claims, identity);
    return { identity, tokens: kept };
  }

  /** @see OpenID Connect Core, section 12.2 */
  #checkSameUser(session: Session, claims: JsonObject, identity: Identity): void {
    const before = session.idToken === undefined ? undefined : readCompact(session.idToken)?.claims;
    const now = before === undefined && this.#kind.ownSubject ? identity.subject : textMember(claims, "sub");
    const subject = before === undefined ? session.subject : textMember(before, "sub");
    if (subject !== "" && subject !== now) throw new ProviderError("other-user", "other-subject");
    if (session.issuer !== "" && session.issuer !== this.issuer)
      throw new ProviderError("other-user", "other-issuer");
  }

  async validate(session: Session, refreshed: boolean): Promise<boolean> {
    const { accessToken = "", idToken = "" } = session;
    if (!this.#kind.openId) return this.#validates(accessToken);
    if (refreshed) return this.#settings.validateUrl === "" || this.#validates(accessToken);
    const verified = await this.#trust.good(idToken, "id");
    return verified !== undefined && this.#admits(verified.claims);
  }

  async #validates(accessToken: string): Promise<boolean> {
    const url = this.#settings.validateUrl || (this.#kind.validateUrl?.(this.#settings) ?? "");
    if (url === "" || accessToken === "") return false;
    const way = this.#kind.validation ?? "bearer";
    const query = `${url.includes("?") ? "&" : "?"}access_token=${encodeURIComponent(accessToken)}`;
    const asked = way === "query" ? `${url}${query}` : url;
    const scheme = way === "token" ? "token" : "Bearer";
    const headers = way === "query" ? {} : { authorization: `${scheme} ${accessToken}` };
    const { status } = await this.#place.outgoing.ask(asked, { headers });
    if (isOverloaded(status)) throw new ProviderError("outage", `validation-status-${status}`);
    return status === 200;
  }

  async bearer(token: string): Promise<BearerIdentity | undefined> {
    if (this.#kind.fixed === true) return undefined;
    const verified = await this.#trust.good(token, "bearer");
    if (verified === undefined) return undefined;
    return this.#bearerIdentity(token, verified);
  }

  async introspect(token: string, url: string): Promise<BearerIdentity | undefined> {
    const endpoint = url === "discovery" ? this.#place.metadata.introspectionEndpoint : url;
    if (endpoint === "") throw new ProviderError("outage", "no-introspection-endpoint");
    const { status, text } = await this.#endpoint.ask(endpoint, { token, token_type_hint: "access_token" });
    const claims = status === 200 ? readObject(text) : undefined;
    if (claims === undefined) throw new ProviderError("outage", `introspection-status-${status}`);
    const { clientId, oidc } = this.#settings;
    const audiences = [clientId, ...oidc.extraAudiences];
    const active = readIntrospection(claims, { issuer: this.issuer, audiences, now: this.#options.now() });
    return active === undefined ? undefined : this.#bearerIdentity(token, active);
  }

  async #bearerIdentity(
    token: string,
    { claims, expiresOn }: VerifiedToken,
  ): Promise<BearerIdentity | undefined> {
    const tokens = { accessToken: token, idToken: token, refreshToken: "", expiresOn };
    try {
      return { identity: await this.#identify(tokens, claims, "bearer"), expiresOn };
    } catch (error) {
      if (error instanceof ProviderError && error.fault === "person") return undefined;
      throw error;
    }
  }

  logoutUrl(idToken: string, returnTo: string): string | undefined {
    const endpoint = this.#place.known?.endSessionEndpoint ?? "";
    if (endpoint === "") return undefined;
    const { clientId: client_id } = this.#settings;
    return loginUrl(endpoint, {
      client_id,
      ...(idToken === "" ? {} : { id_token_hint: idToken }),
      ...(returnTo === "" ? {} : { post_logout_redirect_uri: returnTo }),
    });
  }

  async endSession(session: Session): Promise<void> {
    const told = await Promise.allSettled([this.#tellBackend(session.idToken ?? ""), this.#revoke(session)]);
    for (const result of told) {
      if (result.status === "fulfilled") continue;
      const reason = reasonOf(result.reason);
      this.#options.listener.warn(this.id, `sign-out not told to the provider: ${reason}`);
    }
  }

  async #tellBackend(idToken: string): Promise<void> {
    const { backendLogoutUrl: url } = this.#settings;
    if (url === "") return;
    const { status } = await this.#place.outgoing.ask(url.replaceAll("{id_token}", () => idToken));
    if (status !== 200 && status !== 204)
      throw new ProviderError("outage", `backend-logout-status-${status}`);
  }

  /** @see RFC 7009, section 2.1 */
  async #revoke({ refreshToken = "", accessToken = "" }: Session): Promise<void> {
    const endpoint = this.#place.known?.revocationEndpoint ?? "";
    const token = refreshToken || accessToken;
    if (!this.#options.revokes || endpoint === "" || token === "") return;
    const hint = refreshToken === "" ? "access_token" : "refresh_token";
    const { status } = await this.#endpoint.ask(endpoint, { token, token_type_hint: hint });
    if (status !== 200) throw new ProviderError("outage", `revocation-status-${status}`);
  }

  logoutToken(token: string): Promise<LogoutTarget | undefined> {
    return this.#trust.logoutTarget(token);
  }
}
