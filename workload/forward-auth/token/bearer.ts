/**
 * Tokens that scripts send instead of a cookie.
 *
 * @see RFC 6750, section 2.1; RFC 8725 (best current practice)
 */
import { hash } from "node:crypto";
import { readCompact } from "../provider/compact.ts";
import type { BearerSource } from "../provider/extra-issuer.ts";
import { type BearerIdentity, ProviderError, reasonOf } from "../provider/provider.ts";
import { Bounded } from "../session/bounded.ts";
import type { Session } from "../session/session.ts";
import type { Entry } from "../session/store.ts";

/** Milliseconds for which a verified token is believed without looking again. */
const REMEMBER = 60_000;

/** Milliseconds for which an opaque token that was refused is not asked about again. */
const REFUSED = 10_000;

/** Tokens that are remembered. */
const MOST = 10_000;

/** Longest opaque token, in characters. */
const LONGEST_OPAQUE = 4096;

const SHAPE = /^ey[\w-]*\.ey[\w-]*\.[\w-]+$/;

/** Nobody could say whether the token is good. */
export class IssuerUnreachableError extends Error {
  readonly code = "ERR_ISSUER_UNREACHABLE";
}

/** A JSON Web Token, or a text that only its issuer can read. */
const OPAQUE = /^[\w.~+/-]+=*$/;

/**
 * The token in an `Authorization` header: after `Bearer`; or a JSON Web Token as user or password of `Basic`, as oauth2-proxy
 * takes it.
 */
export function tokenOf(authorization: string): string | undefined {
  const [, scheme = "", value = ""] = /^(bearer|basic) ([^ ]+) *$/i.exec(authorization) ?? [];
  if (scheme.toLowerCase() === "bearer") return OPAQUE.test(value) ? value : undefined;
  if (scheme === "") return undefined;
  const [user = "", password = "", ...rest] = Buffer.from(value, "base64").toString("utf8").split(":");
  if (rest.length > 0) return undefined;
  if (SHAPE.test(user)) return password === "" || password === "x-oauth-basic" ? user : undefined;
  return SHAPE.test(password) ? password : undefined;
}

/** What reading tokens needs. */
export interface BearerTokensOptions {
  /** Asked in this order. */
  readonly sources: readonly BearerSource[];
  /** Looks up tokens that tell nothing themselves; undefined: they are not accepted. */
  readonly opaque: BearerSource | undefined;
  /** Ends connections to issuers that only bearer tokens are of. */
  readonly close?: () => void;
  /** The `sub` stands for an address that is missing, as in oauth2-proxy. */
  readonly subjectAsEmail: boolean;
  readonly entry: (session: Session) => Entry;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What is known of a token. */
interface Known {
  /** Undefined: it is none that its issuer knows. */
  readonly entry: Entry | undefined;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** Reads bearer tokens. */
export class BearerTokens {
  readonly #options: BearerTokensOptions;
  readonly #known = new Bounded<string, Known>(MOST);
  readonly #running = new Map<string, Promise<Entry | undefined>>();

  constructor(options: BearerTokensOptions) {
    this.#options = options;
  }

  /**
   * The session of a token, at once when it was seen lately.
   *
   * @throws {IssuerUnreachableError} When nobody can say whether it is good.
   */
  read(token: string): Entry | undefined | Promise<Entry | undefined> {
    const opaque = !SHAPE.test(token);
    if (opaque && (this.#options.opaque === undefined || token.length > LONGEST_OPAQUE)) return undefined;
    const key = hash("sha256", token, "base64url");
    const known = this.#known.get(key);
    if (known !== undefined && known.until > this.#options.now()) return known.entry;
    const running =
      this.#running.get(key) ?? this.#verify(token, key).finally(() => this.#running.delete(key));
    this.#running.set(key, running);
    return running;
  }

  close(): void {
    this.#options.close?.();
  }

  async #verify(token: string, key: string): Promise<Entry | undefined> {
    const found = await this.#ask(token);
    if (found === undefined) {
      // Who guesses opaque tokens must not have the issuer asked each time; others are refused without asking.
      if (!SHAPE.test(token))
        this.#known.set(key, { entry: undefined, until: this.#options.now() + REFUSED });
      return undefined;
    }
    const entry = this.#entry(found, token, key);
    this.#known.set(key, { entry, until: Math.min(this.#options.now() + REMEMBER, entry.endsAt) });
    return entry;
  }

  async #ask(token: string): Promise<BearerIdentity | undefined> {
    const { sources, opaque } = this.#options;
    const jwt = SHAPE.test(token);
    if (jwt && readCompact(token) === undefined) return undefined;
    let outage: unknown;
    for (const source of jwt ? sources : opaque === undefined ? [] : [opaque]) {
      try {
        const found = await source.bearer(token);
        if (found !== undefined) return found;
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        outage = error;
      }
    }
    if (outage === undefined) return undefined;
    throw new IssuerUnreachableError(`Cannot verify a bearer token: ${reasonOf(outage)}`, { cause: outage });
  }

  #entry({ identity, expiresOn }: BearerIdentity, token: string, key: string): Entry {
    const { entry, subjectAsEmail, now } = this.#options;
    const { issuer, subject, preferredUsername, groups, additionalClaims } = identity;
    const at = now();
    const session: Session = {
      id: key.slice(0, 22),
      issuer,
      subject,
      email: identity.email || (subjectAsEmail ? subject : ""),
      preferredUsername,
      groups,
      createdAt: at,
      refreshedAt: at,
      expiresOn,
      accessToken: token,
      idToken: token,
      ...(additionalClaims.size > 0 ? { additionalClaims } : {}),
    };
    return { ...entry(session), endsAt: expiresOn };
  }
}
