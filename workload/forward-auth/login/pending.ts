/**
 * A login under way: what the callback must find again, in a cookie of the browser that began it. Nothing is kept on the
 * server before the user has come back.
 *
 * state = `<hash>:<target>`, or `<hash>.again:<target>` for a second attempt; with `encode_state` the whole in base64url.
 *
 * @see RFC 6749, section 10.12 (CSRF); RFC 7636 (PKCE); OpenID Connect Core, section 3.1.2.1 (nonce)
 * @module
 */
import { hash, timingSafeEqual } from "node:crypto";
import { type CookieAttributes, cookiesWith, setCookie } from "../session/cookies.ts";
import { takeRandom, takeRandomText } from "../session/random.ts";
import type { LoginFormat, LoginRecord } from "./record.ts";

/** One login under way. */
export interface PendingLogin {
  /** The whole state parameter. */
  readonly state: string;
  /** The nonce parameter. */
  readonly nonce: string;
  /** Random bytes behind the nonce; the session keeps them. */
  readonly nonceBytes: Uint8Array;
  /** Undefined when no code challenge was sent. */
  readonly verifier?: string;
  /** Where to go afterwards; to be validated again. */
  readonly redirect: string;
  /** True when oauth2-proxy began it, which sends a nonce only where it is told to. */
  readonly foreign: boolean;
  /** Id of the provider that was asked; undefined when there was only one. */
  readonly provider?: string;
  /** Seconds that the authentication may be old; undefined: nobody asked. */
  readonly maxAge?: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** A login that begins. */
export interface LoginStart {
  /** Validated target for afterwards. */
  readonly redirect: string;
  /** Host of the request, for the cookie's domain. */
  readonly hostname: string;
  /** True when this is the second attempt. */
  readonly again?: boolean;
  /** Id of the provider that is asked. */
  readonly provider?: string;
  /** Seconds that the provider is told as `max_age`. */
  readonly maxAge?: number;
  /** False: no code challenge is sent. */
  readonly pkce?: boolean;
}

/** What the keeper of logins needs. */
export interface PendingOptions {
  /** Name of the session cookie. */
  readonly name: string;
  /** The first one writes; all read. */
  readonly formats: readonly [LoginFormat, ...LoginFormat[]];
  readonly attributes: (hostname: string) => CookieAttributes;
  readonly perRequest: boolean;
  /** Logins under way in one browser beside a new one; 0: no limit. */
  readonly limit: number;
  /** Milliseconds; 0: as long as the browser keeps the cookie. */
  readonly life: number;
  /** True: states are sent in base64url. */
  readonly encodeState: boolean;
  readonly now: () => number;
}

/** What a state says by itself; not to be believed, only to be offered as a target for a new login. */
export interface StateReading {
  readonly hash: string;
  /** True when this login was itself begun anew, so that it is not begun a third time. */
  readonly again: boolean;
  readonly redirect: string;
}

/** Longest state that is read, in characters. */
const MOST = 8000;

const STATE = /^([\w-]{43})(\.again)?:(.*)$/s;

/** Reads `<hash>:<target>` or `<hash>.again:<target>`, in base64url or not. */
export function readState(state: string): StateReading | undefined {
  if (state.length > MOST) return undefined;
  const encoded = /^[\w-]+$/.test(state);
  const text = encoded ? Buffer.from(state, "base64url").toString("utf8") : state;
  const [, digest, again, redirect = ""] = STATE.exec(text) ?? [];
  return digest === undefined ? undefined : { hash: digest, again: again !== undefined, redirect };
}

const sha256 = (bytes: Uint8Array): string => hash("sha256", bytes, "base64url");

/** What binds a target, and the mark of a second attempt, to the login's cookie. */
const digestOf = ({ again, redirect }: Pick<StateReading, "again" | "redirect">): Uint8Array =>
  Buffer.from(hash("sha256", `${again ? "again" : ""}:${redirect}`, "binary").slice(0, 16), "latin1");

/** A clock ahead of ours by this much, in milliseconds, is tolerated. */
const SKEW = 5 * 60_000;

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
   */
  begin(
    header: string,
    { redirect, hostname, again = false, provider, maxAge, pkce = true }: LoginStart,
  ): { readonly login: PendingLogin; readonly cookies: readonly string[] } {
    const { formats, attributes, life, encodeState, now } = this.#options;
    const [secret, nonceBytes] = [takeRandom(32), new Uint8Array(takeRandom(32))];
    const digest = sha256(secret);
    const state = `${digest}${again ? ".again" : ""}:${redirect}`;
    const chosen = {
      ...(pkce ? { verifier: takeRandomText(96) } : {}),
      ...(provider === undefined ? {} : { provider }),
      ...(maxAge === undefined ? {} : { maxAge }),
      startedAt: now(),
    };
    const name = this.#name(digest);
    const bound = digestOf({ again, redirect });
    const value = formats[0].write({ state: secret, nonce: nonceBytes, bound, ...chosen }, name);
    const lifeSeconds = life === 0 ? undefined : Math.ceil(life / 1000);
    return {
      login: {
        state: encodeState ? Buffer.from(state).toString("base64url") : state,
        nonce: sha256(nonceBytes),
        nonceBytes,
        redirect,
        foreign: false,
        ...chosen,
      },
      cookies: [
        ...this.#surplus(header, hostname),
        setCookie(name, value, attributes(hostname), lifeSeconds),
      ],
    };
  }

  /** The login that a state belongs to, if this browser began it and it is not too old. */
  find(header: string, state: string): PendingLogin | undefined {
    const reading = readState(state);
    if (reading === undefined) return undefined;
    const name = this.#name(reading.hash);
    const same = cookiesWith(header, name).filter(([key]) => key === name);
    for (const [, value] of same.slice(0, 5)) {
      const record = this.#open(name, value);
      if (record !== undefined && belongs(record, reading)) return this.#login(record, reading, state);
    }
    return undefined;
  }

  /** `Set-Cookie` that ends a login. */
  end(login: PendingLogin, hostname: string): string {
    return setCookie(
      this.#name(readState(login.state)?.hash ?? ""),
      "",
      this.#options.attributes(hostname),
      0,
    );
  }

  #login(record: LoginRecord, { redirect }: StateReading, state: string): PendingLogin {
    const { nonce, verifier, bound, provider, maxAge, startedAt } = record;
    return {
      state,
      nonce: sha256(nonce),
      nonceBytes: nonce,
      ...(verifier === undefined ? {} : { verifier }),
      redirect,
      foreign: bound === undefined,
      ...(provider === undefined ? {} : { provider }),
      ...(maxAge === undefined ? {} : { maxAge }),
      startedAt,
    };
  }

  #name(digest: string): string {
    return this.#options.perRequest
      ? `${this.#options.name}_${digest.slice(0, 8)}_csrf`
      : `${this.#options.name}_csrf`;
  }

  #open(name: string, value: string): LoginRecord | undefined {
    const { formats, life, now } = this.#options;
    for (const format of formats) {
      const record = format.read(value, name);
      if (record === undefined) continue;
      const current = life === 0 || (record.startedAt + life > now() && record.startedAt < now() + SKEW);
      return current ? record : undefined;
    }
    return undefined;
  }

  /** Ends the oldest logins when there are more than allowed, and with them those that cannot be read. */
  #surplus(header: string, hostname: string): string[] {
    const { name, limit, attributes, perRequest } = this.#options;
    if (!perRequest || limit === 0) return [];
    const pattern = /^_[\w-]{8}_csrf$/;
    const mine = cookiesWith(header, name).filter(([key]) => pattern.test(key.slice(name.length)));
    const aged = mine.map(([key, value]) => ({ key, startedAt: this.#open(key, value)?.startedAt ?? 0 }));
    const surplus = aged.sort((a, b) => b.startedAt - a.startedAt).slice(limit);
    return surplus.slice(0, 50).map(({ key }) => setCookie(key, "", attributes(hostname), 0));
  }
}

/** True when the state is the record's, and the target the one that the login was begun with, as far as that is told. */
function belongs({ state, bound }: LoginRecord, reading: StateReading): boolean {
  const same = timingSafeEqual(Buffer.from(sha256(state)), Buffer.from(reading.hash));
  return same && (bound === undefined || Buffer.compare(bound, digestOf(reading)) === 0);
}
