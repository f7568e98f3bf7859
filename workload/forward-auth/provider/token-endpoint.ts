/**
 * Requests that we make as a client: tokens for a code or a refresh token, introspection, revocation.
 *
 * @see RFC 6749, sections 4.1.3, 5 and 6
 */
import type { ProviderSettings } from "../options/structure.ts";
import { type AuthenticationMethod, authenticate } from "./client-authentication.ts";
import { type JsonObject, member, NumberText, readObject, textMember } from "./json.ts";
import type { Metadata } from "./metadata.ts";
import type { Outgoing, OutgoingAnswer } from "./outgoing.ts";
import { ProviderError } from "./provider.ts";

/** Tokens as they came, before anything is verified. */
export interface RawTokens {
  readonly accessToken: string;
  readonly idToken: string;
  readonly refreshToken: string;
  /** Milliseconds since the epoch; undefined when not told. */
  readonly expiresOn: number | undefined;
}

/** What the endpoint needs. */
export interface TokenEndpointOptions {
  readonly settings: ProviderSettings;
  readonly outgoing: Outgoing;
  readonly metadata: () => Metadata;
  /** How the client shows who it is when nothing else is said; undefined: tried with Basic first. */
  readonly method: AuthenticationMethod | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** OAuth error codes as they are spelt; anything else is not repeated. */
const ERROR_CODE = /^[a-z][a-z0-9_.-]{0,63}$/;

/** Reads a whole number of seconds, as number or text. */
function secondsOf(value: unknown): number | undefined {
  const text = value instanceof NumberText ? value.text : typeof value === "string" ? value : "";
  return /^\d{1,12}(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/** Some providers answer as a form, whatever one accepts. */
function readAnswer({ text, contentType }: OutgoingAnswer): JsonObject | undefined {
  const object = readObject(text);
  if (object !== undefined || !contentType.includes("form-urlencoded")) return object;
  return Object.assign(Object.create(null), Object.fromEntries(new URLSearchParams(text))) as JsonObject;
}

/**
 * Reads the tokens in an answer.
 *
 * @throws {ProviderError} What it says instead.
 */
export function readTokens(answer: OutgoingAnswer, now: number): RawTokens {
  const body = readAnswer(answer);
  const error = textMember(body, "error");
  if (answer.status >= 500 || answer.status === 429)
    throw new ProviderError("outage", `status-${answer.status}`);
  if (answer.status !== 200 || error !== "") {
    throw new ProviderError("refused", ERROR_CODE.test(error) ? error : `status-${answer.status}`);
  }
  const accessToken = textMember(body, "access_token");
  if (accessToken === "") throw new ProviderError("unusable", "no-access-token");
  const lasts = secondsOf(member(body, "expires_in"));
  const until = secondsOf(member(body, "expires_on"));
  return {
    accessToken,
    idToken: textMember(body, "id_token"),
    refreshToken: textMember(body, "refresh_token"),
    expiresOn: lasts !== undefined ? now + lasts * 1000 : until !== undefined ? until * 1000 : undefined,
  };
}

/** Talks to one provider's endpoints for clients. */
export class TokenEndpoint {
  readonly #options: TokenEndpointOptions;
  /** What worked, or did not work, where the provider does not say what it takes. */
  #learned: AuthenticationMethod | undefined;

  constructor(options: TokenEndpointOptions) {
    this.#options = options;
  }

  /**
   * Redeems a code. Where nobody says how clients show who they are, a refusal of the first way is answered with the second.
   *
   * @throws {ProviderError}
   */
  async code(parameters: Readonly<Record<string, string>>): Promise<RawTokens> {
    const form = { grant_type: "authorization_code", ...parameters };
    try {
      return await this.#tokens(form);
    } catch (error) {
      if (!this.#learnsFrom(error)) throw error;
      return this.#tokens(form);
    }
  }

  /**
   * Redeems a refresh token, in one request: a token that is presented twice may end the whole family of them. When the
   * way of showing who we are was refused, the next refresh tries the other one.
   *
   * @throws {ProviderError}
   */
  async refresh(refreshToken: string, parameters: Readonly<Record<string, string>> = {}): Promise<RawTokens> {
    try {
      return await this.#tokens({ grant_type: "refresh_token", refresh_token: refreshToken, ...parameters });
    } catch (error) {
      if (this.#learnsFrom(error)) throw new ProviderError("outage", "client-authentication-refused");
      throw error;
    }
  }

  /** Asks another endpoint, as a client. */
  async ask(endpoint: string, parameters: Readonly<Record<string, string>>): Promise<OutgoingAnswer> {
    const { settings, outgoing, now } = this.#options;
    const body = new URLSearchParams(parameters);
    const headers = new Headers({ "content-type": "application/x-www-form-urlencoded" });
    await authenticate(this.#method(), settings, { endpoint, body, headers, now: now() });
    return outgoing.ask(endpoint, {
      method: "POST",
      headers: Object.fromEntries(headers),
      body: body.toString(),
    });
  }

  async #tokens(form: Readonly<Record<string, string>>): Promise<RawTokens> {
    const { metadata, now } = this.#options;
    return readTokens(await this.ask(metadata().tokenEndpoint, form), now());
  }

  #method(): AuthenticationMethod {
    const { settings, method, metadata } = this.#options;
    if (settings.clientAuthentication.method !== "") return settings.clientAuthentication.method;
    if (method !== undefined) return method;
    const told = metadata().authenticationMethods;
    if (told === undefined) return this.#learned ?? "client_secret_basic";
    const post = !told.includes("client_secret_basic") && told.includes("client_secret_post");
    return post ? "client_secret_post" : "client_secret_basic";
  }

  /** True when the provider did not take our way of showing who we are, and there is another one to try. */
  #learnsFrom(error: unknown): boolean {
    const { settings, method, metadata } = this.#options;
    const told = settings.clientAuthentication.method !== "" || method !== undefined;
    if (told || metadata().authenticationMethods !== undefined || this.#learned !== undefined) return false;
    if (!(error instanceof ProviderError) || error.fault !== "refused") return false;
    if (error.reason !== "invalid_client" && error.reason !== "status-401") return false;
    this.#learned = "client_secret_post";
    return true;
  }
}
