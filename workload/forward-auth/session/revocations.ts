/**
 * Sessions that a provider has ended: one of its own, or all of a person. What is remembered is when; a session that began
 * later is another one.
 *
 * With a store that replicas share, all of them know; else the replica that was told.
 *
 * @see OpenID Connect Back-Channel Logout 1.0, section 2.7
 * @module
 */
import { hash } from "node:crypto";
import { Bounded } from "./bounded.ts";
import type { RecordKeeper } from "./keeper.ts";
import type { Session } from "./session.ts";
import { type Eventually, whenThere } from "./store.ts";

/** What was ended. */
export interface Revoked {
  readonly issuer: string;
  /** Empty: every session of `subject`. */
  readonly sid: string;
  readonly subject: string;
}

/** What the memory of ended sessions needs. */
export interface RevocationsOptions {
  /** Where replicas share what they know; undefined: they do not. */
  readonly keeper: RecordKeeper | undefined;
  /** Name of the session cookie, which the names of records begin with. */
  readonly name: string;
  /** Longest life of a session, in milliseconds. */
  readonly life: number;
  /** Issuer of sessions that name none. */
  readonly issuer: string;
  /** The memory of an older configuration, which goes on. */
  readonly before?: Revocations | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Ends that are remembered here. */
const MOST = 100_000;

/** Milliseconds for which an answer of the shared store holds. */
const REMEMBER = 1000;

/** When something was ended, as the shared store said; 0: it was not. */
interface Told {
  readonly at: number;
  readonly until: number;
}

type Marks = Pick<Session, "issuer" | "sid" | "subject" | "createdAt">;

/** Remembers what providers ended. */
export class Revocations {
  readonly #options: RevocationsOptions;
  readonly #here: Bounded<string, number>;
  readonly #told = new Bounded<string, Told>(MOST);

  constructor(options: RevocationsOptions) {
    this.#options = options;
    this.#here = options.before === undefined ? new Bounded(MOST) : options.before.#here;
  }

  /**
   * Ends sessions.
   *
   * @throws {StoreUnavailableError} When the other replicas cannot be told.
   */
  revoke({ issuer, sid, subject }: Revoked): Eventually<void> {
    const { keeper, now, life } = this.#options;
    const key = this.#key(issuer, sid === "" ? "sub" : "sid", sid || subject);
    this.#here.set(key, now());
    return keeper?.set(key, Buffer.from(String(now())), life);
  }

  /**
   * True when the provider ended the session.
   *
   * @throws {StoreUnavailableError} When nobody can say.
   */
  has(session: Marks): Eventually<boolean> {
    const keys = this.#keys(session);
    const ended = (at: number | undefined) => at !== undefined && session.createdAt <= at;
    if (keys.some((key) => ended(this.#here.get(key)))) return true;
    if (this.#options.keeper === undefined) return false;
    return whenThere(this.#ask(keys), (times) => times.some((at) => at !== 0 && ended(at)));
  }

  #keys({ issuer, sid, subject }: Marks): readonly string[] {
    const named = issuer || this.#options.issuer;
    if (named === "") return [];
    return [
      ...(sid ? [this.#key(named, "sid", sid)] : []),
      ...(subject === "" ? [] : [this.#key(named, "sub", subject)]),
    ];
  }

  #key(issuer: string, what: "sid" | "sub", name: string): string {
    const digest = hash("sha256", JSON.stringify([issuer, what, name]), "base64url");
    return `${this.#options.name}-ended-${digest}`;
  }

  #ask(keys: readonly string[]): Eventually<readonly number[]> {
    const known = keys.map((key) => this.#told.get(key));
    const fresh = known.every((told) => told !== undefined && told.until > this.#options.now());
    return fresh ? known.map((told) => told?.at ?? 0) : Promise.all(keys.map((key) => this.#askFor(key)));
  }

  async #askFor(key: string): Promise<number> {
    const { keeper, now } = this.#options;
    const text = (await keeper?.get(key))?.toString("latin1") ?? "";
    const at = /^\d{1,15}$/.test(text) ? Number(text) : 0;
    this.#told.set(key, { at, until: now() + REMEMBER });
    return at;
  }
}
