/** A provider of any kind: what all of them have in common. */
import type { ProviderSettings, ProviderType } from "../options/structure.ts";
import type { Session } from "../session/session.ts";
import { readIdentity } from "./claims.ts";
import { readCompact } from "./compact.ts";
import { Discovery } from "./discovery.ts";
import { type JsonObject, member, readJson, readObject, textMember } from "./json.ts";
import { FileKeys, type Keys, RemoteKeys } from "./keys.ts";
import type { Answer, ApiRequest, Kind, LoginParts } from "./kind.ts";
import { challengeOf, LoginParameters, loginUrl } from "./login-url.ts";
import { emptyMetadata, type Metadata } from "./metadata.ts";
import { Outgoing } from "./outgoing.ts";
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
import { ALGORITHMS, TokenError, type TokenUse, TokenVerifier, type VerifiedToken } from "./verifier.ts";

/** What a provider needs. */
export interface OAuthProviderOptions {
  readonly settings: ProviderSettings;
  readonly kind: Kind;
  readonly listener: ProviderListener;
  /** Tell the provider to revoke a session's tokens when it ends. */
  readonly revokes: boolean;
  /** Endpoints must be on the issuer's host or on these; undefined: anywhere. */
  readonly hosts?: readonly string[] | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const NO_CLAIMS: JsonObject = Object.create(null) as JsonObject;
const LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout";

/** A provider of any kind. */
export class OAuthProvider implements Provider {
  readonly id: string;
  readonly type: ProviderType;
  readonly displayName: string;
  readonly issuer: string;
  readonly #settings: ProviderSettings;
  readonly #kind: Kind;
  readonly #options: OAuthProviderOptions;
  readonly #outgoing: Outgoing;
  readonly #fixed: Metadata | undefined;
  readonly #discovery: Discovery | undefined;
  readonly #endpoint: TokenEndpoint;
  readonly #verifier: TokenVerifier | undefined;
  readonly #parameters: LoginParameters;
  readonly #allowedGroups: ReadonlySet<string>;
  /** PKCE was possible once; that it is not any more is no reason to do without. */
  #sawChallenge = false;

  constructor(options: OAuthProviderOptions) {
    const { settings, kind, now } = options;
    this.#options = options;
    this.#settings = settings;
    this.#kind = kind;
    this.id = settings.id;
    this.type = settings.type;
    this.displayName = settings.name || kind.displayName;
    this.issuer = settings.oidc.issuerUrl || (kind.issuer?.(settings) ?? "");
    this.#outgoing = createOutgoing(settings, this.issuer);
    const discovered = kind.fixed !== true && !settings.oidc.skipDiscovery;
    this.#fixed = discovered ? undefined : fixedMetadata(settings, kind, this.issuer);
    this.#discovery = discovered && this.issuer !== "" ? this.#createDiscovery() : undefined;
    const method = kind.authentication;
    const metadata = () => this.#metadata();
    this.#endpoint = new TokenEndpoint({ settings, outgoing: this.#outgoing, metadata, method, now });
    this.#verifier = kind.openId && this.issuer !== "" ? this.#createVerifier() : undefined;
    this.#parameters = new LoginParameters(settings.loginUrlParameters);
    const groups = [...settings.allowedGroups, ...(kind.groups?.(settings) ?? [])];
    this.#allowedGroups = new Set(groups.filter((group) => group !== ""));
  }

  get state(): ProviderState {
    if (this.#settings.clientId === "" || (this.#kind.openId && this.issuer === "")) return "unconfigured";
    const known = this.#known;
    if (known === undefined) return "unreachable";
    return known.authorizationEndpoint === "" || known.tokenEndpoint === "" ? "unconfigured" : "ready";
  }

  get #known(): Metadata | undefined {
    return this.#fixed ?? this.#discovery?.metadata;
  }

  get challengeMethod(): "" | "S256" | "plain" {
    const wanted = this.#settings.codeChallengeMethod;
    if (wanted === "S256" || wanted === "plain") return wanted;
    if (this.#fixed !== undefined && this.#kind.pkce !== true) return "";
    const told = this.#known?.challengeMethods;
    return told === undefined || told.includes("S256") ? "S256" : "";
  }

  get usesNonce(): boolean {
    return this.#kind.nonce === true || (this.#kind.openId && !this.#settings.oidc.insecureSkipNonce);
  }

  start(): Promise<void> {
    return this.#discovery?.start() ?? Promise.resolve();
  }

  close(): void {
    this.#discovery?.close();
    this.#outgoing.close();
  }

  authorizes({ groups }: { readonly groups: readonly string[] }): boolean {
    if (this.#allowedGroups.size === 0) return true;
    for (const group of groups) if (this.#allowedGroups.has(group)) return true;
    return false;
  }

  loginUrl(request: LoginRequest): string | undefined {
    const metadata = this.#known;
    if (metadata === undefined || this.state !== "ready") return undefined;
    const parts: LoginParts = {
      settings: this.#settings,
      metadata,
      set: {
        redirect_uri: request.redirectUri,
        client_id: this.#settings.clientId,
        response_type: "code",
      },
      added: [
        ["scope", this.#settings.scope || this.#kind.scope(this.#settings)],
        ["state", request.state],
        ...this.#chosen(request),
        ...this.#proofs(request),
      ],
    };
    this.#kind.login?.(parts);
    return loginUrl(metadata.authorizationEndpoint, parts.set, parts.added);
  }

  /** Configured parameters and those that a rule asks for. */
  #chosen({ wanted, required = {} }: LoginRequest): [string, string][] {
    const chosen = this.#parameters.values(wanted).filter(([name]) => !Object.hasOwn(required, name));
    const mode = this.#settings.authRequestResponseMode;
    return [
      ...chosen,
      ...Object.entries(required),
      ...(mode === "" ? [] : [["response_mode", mode] as [string, string]]),
    ];
  }

  #proofs({ nonce, verifier }: LoginRequest): [string, string][] {
    const wanted = this.#settings.codeChallengeMethod;
    const method = this.challengeMethod;
    if (wanted !== "" && method === "") throw new ProviderError("unusable", "challenge-method");
    const proofs: [string, string][] = this.usesNonce ? [["nonce", nonce]] : [];
    if (method !== "" && verifier !== undefined)
      proofs.push(["code_challenge", challengeOf(verifier, method)], ["code_challenge_method", method]);
    return proofs;
  }

  async redeem(answer: AuthorizationAnswer): Promise<SignIn> {
    this.#checkIssuer(answer.iss);
    const tokens = await this.#endpoint.code({
      code: answer.code,
      redirect_uri: answer.redirectUri,
      ...(answer.verifier === undefined ? {} : { code_verifier: answer.verifier }),
      ...(this.#kind.openId || this.#settings.resource === "" ? {} : { resource: this.#settings.resource }),
      ...this.#kind.redeem?.(this.#settings, this.#metadata()),
    });
    const claims = await this.#idClaims(tokens, true);
    const identity = await this.#kind.identify(this.#answer(tokens, claims, "login"));
    this.#admit(claims);
    if (this.usesNonce && answer.nonce !== undefined && claims["nonce"] !== answer.nonce)
      throw new ProviderError("unusable", "nonce");
    if (!this.#kind.openId && !(await this.#validates(tokens.accessToken)))
      throw new ProviderError("unusable", "not-validated");
    return { identity, tokens };
  }

  /** @see RFC 9207, section 2.4 */
  #checkIssuer(iss: string | undefined): void {
    if (!this.#kind.openId || this.#settings.oidc.insecureSkipIssuerVerification) return;
    if (iss === undefined ? this.#metadata().namesIssuer : iss !== this.issuer)
      throw new ProviderError("unusable", "other-issuer");
  }

  async refresh(session: Session): Promise<Refreshed | undefined> {
    const { refreshToken } = session;
    if (!this.#kind.refreshes || refreshToken === undefined || refreshToken === "") return undefined;
    const tokens = await this.#endpoint.refresh(refreshToken);
    const kept = {
      ...tokens,
      idToken: tokens.idToken || (session.idToken ?? ""),
      refreshToken: tokens.refreshToken || refreshToken,
    };
    if (tokens.idToken === "") return { identity: undefined, tokens: kept };
    const claims = await this.#idClaims(tokens, false);
    const identity = await this.#kind.identify(this.#answer(tokens, claims, "refresh"));
    this.#checkSameUser(session, claims, identity);
    this.#admit(claims);
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
    if (!this.#kind.openId) return this.#validates(session.accessToken ?? "");
    if (refreshed) return this.#settings.validateUrl === "" || this.#validates(session.accessToken ?? "");
    const verified = await this.#good(session.idToken ?? "", "id");
    return verified !== undefined && this.#admits(verified.claims);
  }

  async #validates(accessToken: string): Promise<boolean> {
    const url = this.#settings.validateUrl || (this.#kind.validateUrl?.(this.#settings) ?? "");
    if (url === "" || accessToken === "") return false;
    const way = this.#kind.validation ?? "bearer";
    const query = `${url.includes("?") ? "&" : "?"}access_token=${encodeURIComponent(accessToken)}`;
    const asked = way === "query" ? `${url}${query}` : url;
    const headers =
      way === "query" ? {} : { authorization: `${way === "token" ? "token" : "Bearer"} ${accessToken}` };
    const { status } = await this.#outgoing.ask(asked, { headers });
    if (status >= 500 || status === 429) throw new ProviderError("outage", `validation-status-${status}`);
    return status === 200;
  }

  async bearer(token: string): Promise<BearerIdentity | undefined> {
    if (this.#verifier === undefined || this.#kind.fixed === true) return undefined;
    const verified = await this.#good(token, "bearer");
    if (verified === undefined || !this.#admits(verified.claims)) return undefined;
    const tokens = { accessToken: token, idToken: token, refreshToken: "", expiresOn: verified.expiresOn };
    try {
      const identity = await this.#kind.identify(this.#answer(tokens, verified.claims, "bearer"));
      return { identity, expiresOn: verified.expiresOn };
    } catch (error) {
      if (error instanceof ProviderError && error.fault === "person") return undefined;
      throw error;
    }
  }

  logoutUrl(idToken: string, returnTo: string): string | undefined {
    const endpoint = this.#known?.endSessionEndpoint ?? "";
    if (endpoint === "") return undefined;
    const parameters = {
      client_id: this.#settings.clientId,
      id_token_hint: idToken,
      post_logout_redirect_uri: returnTo,
    };
    return loginUrl(
      endpoint,
      Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== "")),
      [],
    );
  }

  async endSession(session: Session): Promise<void> {
    const told = await Promise.allSettled([this.#tellBackend(session.idToken ?? ""), this.#revoke(session)]);
    for (const result of told)
      if (result.status === "rejected")
        this.#options.listener.warn(this.id, `sign-out not told to the provider: ${reasonOf(result.reason)}`);
  }

  async #tellBackend(idToken: string): Promise<void> {
    const url = this.#settings.backendLogoutUrl;
    if (url === "") return;
    const outgoing = this.#outgoing;
    const { status } = await outgoing.ask(url.replaceAll("{id_token}", () => idToken));
    if (status !== 200 && status !== 204)
      throw new ProviderError("outage", `backend-logout-status-${status}`);
  }

  async #revoke({ refreshToken = "", accessToken = "" }: Session): Promise<void> {
    const endpoint = this.#known?.revocationEndpoint ?? "";
    const token = refreshToken || accessToken;
    if (!this.#options.revokes || endpoint === "" || token === "") return;
    const hint = refreshToken === "" ? "access_token" : "refresh_token";
    const { status } = await this.#endpoint.ask(endpoint, { token, token_type_hint: hint });
    if (status !== 200) throw new ProviderError("outage", `revocation-status-${status}`);
  }

  async logoutToken(token: string): Promise<LogoutTarget | undefined> {
    const verified = await this.#good(token, "logout");
    if (verified === undefined) return undefined;
    const { claims } = verified;
    const target = {
      issuer: this.issuer,
      sid: textMember(claims, "sid"),
      subject: textMember(claims, "sub"),
    };
    if (member(claims, "nonce") !== undefined || (target.sid === "" && target.subject === ""))
      return undefined;
    const event = member(member(claims, "events"), LOGOUT_EVENT);
    if (typeof event !== "object" || event === null || textMember(claims, "jti") === "") return undefined;
    return target;
  }

  /** Sends a request that needs the client's proof, such as an introspection. */
  askAsClient(endpoint: string, parameters: Readonly<Record<string, string>>) {
    return this.#endpoint.ask(endpoint, parameters);
  }

  /** Where opaque tokens are looked up; empty when the provider does not say. */
  get introspectionEndpoint(): string {
    return this.#known?.introspectionEndpoint ?? "";
  }

  #metadata(): Metadata {
    const known = this.#known;
    if (known === undefined) throw new ProviderError("outage", "not-found");
    return known;
  }

  #admits(claims: JsonObject): boolean {
    return this.#kind.admits?.(this.#settings, claims) ?? true;
  }

  #admit(claims: JsonObject): void {
    if (!this.#admits(claims)) throw new ProviderError("person", "not-admitted");
  }

  /** A verified token; undefined when it is no good. */
  async #good(token: string, use: TokenUse): Promise<VerifiedToken | undefined> {
    try {
      return await this.#verifier?.verify(token, use);
    } catch (error) {
      if (error instanceof TokenError) return undefined;
      throw error;
    }
  }

  /** Claims of the ID token in an answer; none for kinds that have no ID tokens. */
  async #idClaims(tokens: RawTokens, required: boolean): Promise<JsonObject> {
    if (this.#verifier === undefined) return NO_CLAIMS;
    if (tokens.idToken === "") {
      if (required && this.#kind.openId) throw new ProviderError("unusable", "no-id-token");
      return NO_CLAIMS;
    }
    try {
      return (await this.#verifier.verify(tokens.idToken, "id")).claims;
    } catch (error) {
      if (error instanceof TokenError) throw new ProviderError("unusable", `id-token-${error.fault}`);
      throw error;
    }
  }

  #answer(tokens: RawTokens, claims: JsonObject, stage: Answer["stage"]): Answer {
    const { oidc, additionalClaims } = this.#settings;
    const names = {
      email: emailClaim(this.#settings),
      groups: oidc.groupsClaim,
      additional: additionalClaims,
      allowUnverified: oidc.insecureAllowUnverifiedEmail,
    };
    const metadata = this.#metadata();
    const asks =
      stage !== "bearer" && metadata.userinfoEndpoint !== "" && !this.#settings.skipClaimsFromProfileUrl;
    return {
      settings: this.#settings,
      metadata,
      tokens,
      claims,
      stage,
      now: this.#options.now(),
      read: (from = claims) => {
        const userinfo = asks ? () => this.#userinfo(tokens.accessToken, from) : undefined;
        return readIdentity(this.issuer, { token: from, userinfo }, names);
      },
      ask: (url, request) => this.#api(url, tokens.accessToken, request),
      accessClaims: async () => (await this.#good(tokens.accessToken, "access"))?.claims,
      warn: (message) => this.#options.listener.warn(this.id, message),
    };
  }

  /** @see OpenID Connect Core, section 5.3 */
  async #userinfo(accessToken: string, claims: JsonObject): Promise<JsonObject> {
    const headers = { authorization: `Bearer ${accessToken}` };
    const answer = await this.#outgoing.ask(this.#metadata().userinfoEndpoint, { headers });
    const overloaded = answer.status >= 500 || answer.status === 429;
    if (overloaded) throw new ProviderError("outage", `userinfo-status-${answer.status}`);
    if (answer.status !== 200) throw new ProviderError("unusable", `userinfo-status-${answer.status}`);
    const signed = answer.contentType.startsWith("application/jwt");
    const info = signed
      ? (await this.#good(answer.text.trim(), "userinfo"))?.claims
      : readObject(answer.text);
    if (info === undefined) throw new ProviderError("unusable", "userinfo");
    const [subject, own] = [textMember(info, "sub"), textMember(claims, "sub")];
    if (subject !== "" && own !== "" && subject !== own)
      throw new ProviderError("other-user", "userinfo-subject");
    return info;
  }

  async #api(url: string, accessToken: string, request: ApiRequest = {}) {
    const { headers, token = accessToken, scheme = "Bearer", ...rest } = request;
    const authorization = `${scheme} ${token}`;
    const answer = await this.#outgoing.ask(url, { ...rest, headers: { ...headers, authorization } });
    if (answer.status >= 500 || answer.status === 429)
      throw new ProviderError("outage", `api-status-${answer.status}`);
    return { status: answer.status, json: readJson(answer.text) };
  }

  #createDiscovery(): Discovery {
    const { listener, hosts } = this.#options;
    return new Discovery({
      rules: {
        issuer: this.issuer,
        skipIssuer: this.#settings.oidc.insecureSkipIssuerVerification,
        allows: (url) => this.#outgoing.allows(url),
        hosts,
      },
      outgoing: this.#outgoing,
      refuses: (metadata) => this.#refuses(metadata),
      found: () => listener.found(this.id, this.issuer),
      failed: (reason) => listener.failed(this.id, this.issuer, reason),
    });
  }

  #refuses({
    algorithms,
    challengeMethods,
    authorizationEndpoint,
    tokenEndpoint,
  }: Metadata): string | undefined {
    if (authorizationEndpoint === "" || tokenEndpoint === "") return "no-endpoints";
    if (agreedAlgorithms(this.#settings.oidc.enabledSigningAlgs, algorithms).length === 0)
      return "no-common-algorithm";
    const possible = challengeMethods?.includes("S256") ?? true;
    if (this.#sawChallenge && !possible && this.#settings.codeChallengeMethod === "") return "pkce-lost";
    this.#sawChallenge ||= possible;
    return undefined;
  }

  #createVerifier(): TokenVerifier {
    const { oidc, clientId } = this.#settings;
    return new TokenVerifier({
      issuer: this.issuer,
      skipIssuer: oidc.insecureSkipIssuerVerification,
      algorithms: () => agreedAlgorithms(oidc.enabledSigningAlgs, this.#metadata().algorithms),
      keys: this.#createKeys(),
      audienceClaims: oidc.audienceClaims.length === 0 ? ["aud"] : oidc.audienceClaims,
      audiences: [clientId, ...oidc.extraAudiences],
      now: this.#options.now,
    });
  }

  #createKeys(): Keys {
    const { publicKeyFiles, skipDiscovery } = this.#settings.oidc;
    if (skipDiscovery && publicKeyFiles.length > 0) return new FileKeys(publicKeyFiles);
    return new RemoteKeys({
      url: () => this.#metadata().jwksUri,
      outgoing: this.#outgoing,
      now: this.#options.now,
    });
  }
}

/** `user_id_claim` is an older name of the e-mail claim. */
function emailClaim({ oidc }: ProviderSettings): string {
  const { emailClaim: name, userIdClaim } = oidc;
  return name === "email" && userIdClaim !== "" && userIdClaim !== "email" ? userIdClaim : name;
}

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

function createOutgoing(settings: ProviderSettings, issuer: string): Outgoing {
  const { caFiles, useSystemTrustStore, clientAuthentication } = settings;
  const urls = [issuer, settings.loginUrl, settings.redeemUrl, settings.oidc.jwksUrl, settings.profileUrl];
  return new Outgoing({
    caFiles,
    useSystemTrustStore,
    certificateFile: clientAuthentication.certificateFile,
    keyFile: clientAuthentication.certificateFile === "" ? "" : clientAuthentication.keyFile,
    insecure: [...urls, settings.validateUrl, settings.backendLogoutUrl].some((url) =>
      url.startsWith("http:"),
    ),
  });
}

/** Metadata of a provider that is configured by hand, or whose addresses everybody knows. */
function fixedMetadata(settings: ProviderSettings, kind: Kind, issuer: string): Metadata {
  const known = { ...emptyMetadata(issuer), ...kind.endpoints?.(settings) };
  return {
    ...known,
    authorizationEndpoint: settings.loginUrl || known.authorizationEndpoint,
    tokenEndpoint: settings.redeemUrl || known.tokenEndpoint,
    userinfoEndpoint: settings.profileUrl || known.userinfoEndpoint,
    jwksUri: settings.oidc.jwksUrl || known.jwksUri,
  };
}
