/**
 * JSON Web Tokens that scripts send instead of a cookie.
 *
 * @see RFC 7519; RFC 6750, section 2.1; RFC 8725 (best current practice)
 */
import { createHash } from "node:crypto";
import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import { identityOf } from "../provider/claims.ts";
import { boundedFetch } from "../provider/fetch.ts";
import { Bounded } from "../session/bounded.ts";
import type { Entry, SessionStore } from "../session/store.ts";
import type { Settings } from "../settings.ts";

/** Milliseconds for which a verified token is believed without looking again. */
const REMEMBER = 60_000;

/** Milliseconds for one answer of an issuer. */
const TIMEOUT = 5000;

const SHAPE = /^ey[\w-]*\.ey[\w-]*\.[\w-]+$/;
const ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

/** Nobody could say whether the token is good. */
export class IssuerUnreachableError extends Error {
  readonly code = "ERR_ISSUER_UNREACHABLE";
}

/** The token in an `Authorization` header: after `Bearer`, or as user or password of `Basic` as oauth2-proxy takes it. */
export function tokenOf(authorization: string): string | undefined {
  const [, scheme = "", value = ""] = /^(bearer|basic) ([^ ]+) *$/i.exec(authorization) ?? [];
  if (scheme.toLowerCase() === "bearer") return SHAPE.test(value) ? value : undefined;
  if (scheme === "") return undefined;
  const [user = "", password = "", ...rest] = Buffer.from(value, "base64").toString("utf8").split(":");
  if (rest.length > 0) return undefined;
  if (SHAPE.test(password)) return password;
  return SHAPE.test(user) && (password === "" || password === "x-oauth-basic") ? user : undefined;
}

interface Issuer {
  readonly issuer: string;
  readonly audience: string;
  keys: Promise<JWTVerifyGetKey> | undefined;
}

/** Fetches where an issuer keeps its keys. The issuer must say the name we asked for. */
async function findKeys(issuer: string): Promise<JWTVerifyGetKey> {
  const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const response = await boundedFetch(url, { signal: AbortSignal.timeout(TIMEOUT) });
  const metadata = (await response.json()) as { readonly issuer?: unknown; readonly jwks_uri?: unknown };
  if (response.status !== 200 || metadata.issuer !== issuer || typeof metadata.jwks_uri !== "string") {
    throw new IssuerUnreachableError(
      `Cannot read metadata of issuer "${issuer}": status ${response.status} or another name`,
    );
  }
  const keysUrl = new URL(metadata.jwks_uri);
  const schemes = issuer.startsWith("http:") ? ["http:", "https:"] : ["https:"];
  if (!schemes.includes(keysUrl.protocol))
    throw new IssuerUnreachableError(`Cannot fetch keys of "${issuer}": not over https`);
  return createRemoteJWKSet(keysUrl, {
    timeoutDuration: TIMEOUT,
    cooldownDuration: 30_000,
    [customFetch]: (address, options) => boundedFetch(address, options as unknown as RequestInit),
  });
}

/** Reads bearer tokens. */
export class BearerTokens {
  readonly #issuers: readonly Issuer[];
  readonly #settings: Settings;
  readonly #sessions: SessionStore;
  readonly #now: () => number;
  readonly #known = new Bounded<string, { readonly entry: Entry; readonly until: number }>(10_000);
  readonly #running = new Map<string, Promise<Entry | undefined>>();

  constructor(settings: Settings, sessions: SessionStore, now: () => number) {
    this.#settings = settings;
    this.#sessions = sessions;
    this.#now = now;
    const { oidc_issuer_url, client_id } = settings.options;
    const own = oidc_issuer_url === "" ? [] : [{ issuer: oidc_issuer_url, audience: client_id }];
    this.#issuers = [...own, ...settings.extraIssuers].map((item) => ({ ...item, keys: undefined }));
  }

  /**
   * The session of a token, at once when it was seen lately.
   *
   * @throws {IssuerUnreachableError} When an issuer's keys cannot be fetched.
   */
  read(token: string): Entry | undefined | Promise<Entry | undefined> {
    if (token.length > 16_384) return undefined;
    const key = createHash("sha256").update(token).digest("base64url");
    const known = this.#known.get(key);
    if (known !== undefined && known.until > this.#now()) return known.entry;
    const running =
      this.#running.get(key) ?? this.#verify(token, key).finally(() => this.#running.delete(key));
    this.#running.set(key, running);
    return running;
  }

  async #verify(token: string, key: string): Promise<Entry | undefined> {
    for (const issuer of this.#issuers) {
      const entry = await this.#try(issuer, token);
      if (entry === undefined) continue;
      this.#known.set(key, { entry, until: Math.min(this.#now() + REMEMBER, entry.endsAt) });
      return entry;
    }
    return undefined;
  }

  async #try(issuer: Issuer, token: string): Promise<Entry | undefined> {
    if (claimedIssuer(token) !== issuer.issuer) return undefined;
    issuer.keys ??= findKeys(issuer.issuer);
    try {
      const keys = await issuer.keys;
      const options = {
        issuer: issuer.issuer,
        audience: issuer.audience,
        algorithms: ALGORITHMS,
        requiredClaims: ["exp", "sub"],
        currentDate: new Date(this.#now()),
      };
      const { payload } = await jwtVerify(token, keys, options);
      return this.#entry(payload, token);
    } catch (error) {
      if (
        error instanceof errors.JOSEError &&
        !(error instanceof errors.JWKSTimeout) &&
        error.code !== "ERR_JOSE_GENERIC"
      ) {
        return undefined;
      }
      issuer.keys = undefined;
      throw new IssuerUnreachableError(`Cannot fetch keys of "${issuer.issuer}"`, { cause: error });
    }
  }

  #entry(payload: Readonly<Record<string, unknown>>, token: string): Entry | undefined {
    const { oidc_email_claim, oidc_groups_claim, insecure_oidc_allow_unverified_email } =
      this.#settings.options;
    const identity = identityOf(payload, { email: oidc_email_claim, groups: oidc_groups_claim });
    if (identity.subject === "" || (!identity.emailVerified && !insecure_oidc_allow_unverified_email))
      return undefined;
    const { issuer, subject, email, preferredUsername, groups } = identity;
    const at = this.#now();
    const id = createHash("sha256").update(token).digest("base64url").slice(0, 22);
    const session = { id, issuer, subject, email, preferredUsername, groups, createdAt: at, refreshedAt: at };
    const entry = this.#sessions.entry({ ...session, accessToken: token, idToken: token });
    return { ...entry, endsAt: Number(payload["exp"]) * 1000 };
  }
}

/** The issuer that a token claims, unverified: it only chooses whose keys are tried. */
function claimedIssuer(token: string): unknown {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    return typeof payload === "object" && payload !== null
      ? (payload as Record<string, unknown>)["iss"]
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
