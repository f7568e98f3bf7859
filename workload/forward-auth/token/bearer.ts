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
import type { Entry, Eventually } from "../session/store.ts";

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
  /** Those who look up tokens that tell nothing themselves, in this order; empty: they are not accepted. */
  readonly opaque: readonly BearerSource[];
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

type Finding = Eventually<Entry | undefined>;

/** Ids of providers; undefined: any. */
export type AcceptedProviders = ReadonlySet<string> | undefined;

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
   * A token that tells nothing is shown to one provider after the other until one knows it, so to none whose sessions would not
   * be accepted anyway.
   *
   * @param accepted Whose sessions would be; asked about opaque tokens only.
   * @throws {IssuerUnreachableError} When nobody can say whether it is good.
   */
  read(token: string, accepted?: () => AcceptedProviders): Finding {
    const { opaque, sources } = this.#options;
    const jwt = SHAPE.test(token);
    if (!jwt && (opaque.length === 0 || token.length > LONGEST_OPAQUE)) return undefined;
    const key = hash("sha256", token, "base64url");
    if (jwt) return this.#remembered(key, () => this.#verify(token, key, sources));
    const wanted = accepted?.();
    return this.#lookUp(
      token,
      key,
      opaque.filter(({ id }) => wanted?.has(id) !== false),
    );
  }

  close(): void {
    this.#options.close?.();
  }

  /** What is known, else what is found out; by one request, however many wait for it. */
  #remembered(key: string, find: () => Promise<Entry | undefined>): Finding {
    const known = this.#known.get(key);
    if (known !== undefined && known.until > this.#options.now()) return known.entry;
    const running = this.#running.get(key) ?? find().finally(() => this.#running.delete(key));
    this.#running.set(key, running);
    return running;
  }

  async #verify(token: string, key: string, sources: readonly BearerSource[]): Promise<Entry | undefined> {
    if (readCompact(token) === undefined) return undefined;
    // What is no token of theirs they tell without asking anybody, so that need not be remembered.
    return firstOf(sources, async (source) => {
      const found = await source.bearer(token);
      return found && this.#keep(key, this.#entry(found, source.id, token, key));
    });
  }

  #lookUp(token: string, key: string, sources: readonly BearerSource[]): Finding {
    const ask = (source: BearerSource) => {
      const place = `${key} ${source.id}`;
      return this.#remembered(place, async () => {
        const found = await source.bearer(token);
        if (found !== undefined) return this.#keep(place, this.#entry(found, source.id, token, key));
        // Who guesses tokens must not have the provider asked each time.
        this.#known.set(place, { entry: undefined, until: this.#options.now() + REFUSED });
        return undefined;
      });
    };
    for (const source of sources) {
      const known = this.#known.get(`${key} ${source.id}`);
      if (known === undefined || known.until <= this.#options.now()) return firstOf(sources, ask);
      if (known.entry !== undefined) return known.entry;
    }
    return undefined;
  }

  #keep(place: string, entry: Entry): Entry {
    this.#known.set(place, { entry, until: Math.min(this.#options.now() + REMEMBER, entry.endsAt) });
    return entry;
  }

  #entry({ identity, expiresOn }: BearerIdentity, provider: string, token: string, key: string): Entry {
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
      // Also where it is empty: what an issuer says that nobody signs in with is no provider's word.
      provider,
      ...(additionalClaims.size > 0 ? { additionalClaims } : {}),
    };
    return { ...entry(session), endsAt: expiresOn };
  }
}

/**
 * The first finding of several sources.
 *
 * @throws {IssuerUnreachableError} When there is none, and one of them could not be asked.
 */
async function firstOf(
  sources: readonly BearerSource[],
  ask: (source: BearerSource) => Finding,
): Promise<Entry | undefined> {
  let outage: unknown;
  for (const source of sources) {
    try {
      const found = await ask(source);
      if (found !== undefined) return found;
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      outage = error;
    }
  }
  if (outage === undefined) return undefined;
  throw new IssuerUnreachableError(`Cannot verify a bearer token: ${reasonOf(outage)}`, { cause: outage });
}
