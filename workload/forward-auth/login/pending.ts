/**
 * A login under way: what the callback must find again, sealed in a cookie of the browser that began it. Nothing is kept
 * on the server before the user has come back.
 *
 * @see RFC 6749, section 10.12 (CSRF); RFC 7636 (PKCE); OpenID Connect Core, section 3.1.2.1 (nonce)
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import * as v from "valibot";
import { type CookieAttributes, cookiesWith, setCookie } from "../session/cookies.ts";
import type { Seal } from "../session/seal.ts";

/** One login under way. */
export interface PendingLogin {
  /** The whole state parameter: hash, a mark for a second attempt, and the target. */
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** Validated target. */
  readonly redirect: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** What the keeper of logins needs. */
export interface PendingOptions {
  /** Name of the session cookie. */
  readonly name: string;
  readonly seal: Seal;
  readonly attributes: CookieAttributes;
  readonly perRequest: boolean;
  /** Logins under way in one browser; 0: no limit. */
  readonly limit: number;
  /** Milliseconds. */
  readonly life: number;
  readonly now: () => number;
}

const text = (most: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(most));
const record = v.strictObject({
  s: text(5000),
  n: text(100),
  v: text(128),
  r: text(4096),
  t: v.pipe(v.number(), v.safeInteger()),
});

/** What a state says by itself; not to be believed, only to be offered as a target for a new login. */
export interface StateReading {
  readonly hash: string;
  /** True when this login was itself begun anew, so that it is not begun a third time. */
  readonly again: boolean;
  readonly redirect: string;
}

/** Reads `<hash>:<target>` or `<hash>.again:<target>`. */
export function readState(state: string): StateReading | undefined {
  const [, hash, again, redirect = ""] = /^([\w-]{43})(\.again)?:(.*)$/s.exec(state.slice(0, 5000)) ?? [];
  return hash === undefined ? undefined : { hash, again: again !== undefined, redirect };
}

const random = () => createHash("sha256").update(randomBytes(32)).digest("base64url");

/** Makes and finds logins under way. */
export class PendingLogins {
  readonly #options: PendingOptions;

  constructor(options: PendingOptions) {
    this.#options = options;
  }

  /**
   * Begins a login.
   *
   * @param header The request's cookies; the oldest logins go when there are too many.
   * @param again True when this login is the second attempt.
   */
  begin(
    header: string,
    redirect: string,
    again: boolean,
  ): { readonly login: PendingLogin; readonly cookies: readonly string[] } {
    const { seal, attributes, life, now } = this.#options;
    const hash = random();
    const state = `${hash}${again ? ".again" : ""}:${redirect}`;
    const verifier = randomBytes(48).toString("base64url");
    const login = { state, nonce: random(), verifier, redirect, startedAt: now() };
    const name = this.#name(hash);
    const { nonce: n, startedAt: t } = login;
    const value = seal.seal(JSON.stringify({ s: state, n, v: verifier, r: redirect, t }), name);
    return {
      login,
      cookies: [setCookie(name, value, attributes, Math.ceil(life / 1000)), ...this.#surplus(header)],
    };
  }

  /** The login that a state belongs to, if this browser began it and it is not too old. */
  find(header: string, state: string): PendingLogin | undefined {
    const reading = readState(state);
    if (reading === undefined) return undefined;
    const name = this.#name(reading.hash);
    for (const [key, value] of cookiesWith(header, name).slice(0, 5)) {
      const login = key === name ? this.#open(name, value) : undefined;
      if (login !== undefined && equal(login.state, state)) return login;
    }
    return undefined;
  }

  /** `Set-Cookie` that ends a login. */
  end(login: PendingLogin): string {
    return setCookie(this.#name(readState(login.state)?.hash ?? ""), "", this.#options.attributes, 0);
  }

  #name(hash: string): string {
    return this.#options.perRequest
      ? `${this.#options.name}_${hash.slice(0, 8)}_csrf`
      : `${this.#options.name}_csrf`;
  }

  #open(name: string, value: string): PendingLogin | undefined {
    const { seal, life, now } = this.#options;
    const plain = seal.open(value, name);
    const parsed = plain === undefined ? undefined : v.safeParse(record, JSON.parse(plain));
    if (!parsed?.success) return undefined;
    const { s, n, v: verifier, r, t } = parsed.output;
    if (t + life <= now() || t > now() + 60_000) return undefined;
    return { state: s, nonce: n, verifier, redirect: r, startedAt: t };
  }

  /** Ends the oldest logins, and those that cannot be read, so that cookies do not pile up. */
  #surplus(header: string): string[] {
    const { name, limit, attributes, perRequest } = this.#options;
    if (!perRequest || limit === 0) return [];
    const pattern = /^_[\w-]{8}_csrf$/;
    const mine = cookiesWith(header, name).filter(([key]) => pattern.test(key.slice(name.length)));
    const aged = mine.map(([key, value]) => ({ key, startedAt: this.#open(key, value)?.startedAt ?? 0 }));
    const surplus = aged.sort((a, b) => b.startedAt - a.startedAt).slice(limit - 1);
    return surplus.slice(0, 50).map(({ key }) => setCookie(key, "", attributes, 0));
  }
}

function equal(one: string, other: string): boolean {
  const digest = (value: string) => createHash("sha256").update(value).digest();
  return timingSafeEqual(digest(one), digest(other));
}
