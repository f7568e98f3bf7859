/**
 * Decisions that were made lately, to be given again to the same cookies.
 *
 * Only an allow that follows from the session alone is kept: nothing about the original request may have had a part in it. What
 * else may change the answer is compared or looked up at each use: cookies, endpoint and query, host, the end of the session, its
 * next refresh, a sign-out. A change of the rules empties the cache. What none of this sees is bounded by the time to live.
 *
 * An entry is found by the last characters of its cookies, which are a signature, and must then agree in all of them. Cookies seen
 * lately are kept as text. Of others a SHA-256 digest stays, so that a hundred thousand sessions cost what their headers cost.
 * Cookies that do not come back soon are forgotten first, so that a crowd of strangers displaces nobody.
 *
 * @module
 */
import { hash } from "node:crypto";
import type { Outcome } from "../server/exchange.ts";
import { Bounded } from "../session/bounded.ts";
import { ownCookies } from "./own-cookies.ts";

/** An answer that may be given again. */
export interface KnownAnswer {
  /** Path and query of the decision request. */
  readonly url: string;
  /** Its `Host` header. */
  readonly host: string | undefined;
  readonly status: number;
  /** Name, value, name, value. */
  readonly headers: readonly string[];
  /** What metrics and logs say. */
  readonly outcome: Outcome;
  readonly session: { readonly id: string; readonly refreshedAt: number };
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** Answers for the same cookies. */
interface Known {
  /** All of the cookies, while they are among those seen lately. */
  text: string | undefined;
  digest: string | undefined;
  /** Times that it was looked up by its digest. */
  uses: number;
  answers: KnownAnswer[];
}

/** Bounds of a cache. */
export interface DecisionCacheLimits {
  /** Sessions that were asked about once. */
  readonly once: number;
  /** Characters of cookies that are kept as text. */
  readonly textLength: number;
  /** Sessions beyond those. */
  readonly sessions: number;
  /** Characters of their answers' headers. */
  readonly headerLength: number;
}

const LIMITS: DecisionCacheLimits = {
  once: 512,
  textLength: 8 << 20,
  sessions: 100_000,
  headerLength: 48 << 20,
};

/** Characters at the end of the cookies that an entry is found by: an HMAC-SHA-256 in base64. */
const TAIL = 43;

/** Longest cookies that are kept, in characters. */
const LONGEST = 32_768;

/** Most answers for the same cookies. */
const MOST_ANSWERS = 8;

/** A copy that does not hold on to the longer text it was cut from. */
const flat = (text: string): string => Buffer.from(text, "latin1").toString("latin1");

const lengthOf = ({ answers }: Known): number =>
  answers.reduce((sum, { headers }) => headers.reduce((part, text) => part + text.length, sum), 0);

/** The cache. */
export class DecisionCache {
  readonly #name: string;
  readonly #limits: DecisionCacheLimits;
  /** Asked about once. */
  #once: Bounded<string, Known>;
  /** Asked about again, with text; oldest first. */
  #recent = new Map<string, Known>();
  #recentLength = 0;
  #walk = this.#recent.keys();
  /** With a digest, in two generations: the older one is dropped as a whole. */
  #young = new Map<string, Known>();
  #youngLength = 0;
  #old = new Map<string, Known>();

  /** @param name Name of the session cookie. */
  constructor(name: string, limits: DecisionCacheLimits = LIMITS) {
    this.#name = name;
    this.#limits = limits;
    this.#once = new Bounded(limits.once);
  }

  /** Sessions that are known. */
  get size(): number {
    return this.#once.size + this.#recent.size + this.#young.size + this.#old.size;
  }

  /**
   * The answer that was given to these cookies at this address. The caller checks what may have changed since.
   *
   * @param header The request's `Cookie` header.
   */
  find(header: string, url: string, host: string | undefined): KnownAnswer | undefined {
    const text = ownCookies(header, this.#name);
    const known = text === undefined ? undefined : this.#known(text);
    if (known === undefined) return undefined;
    for (const answer of known.answers) if (answer.url === url && answer.host === host) return answer;
    return undefined;
  }

  /** Keeps an answer for these cookies. */
  keep(header: string, answer: KnownAnswer): void {
    const text = ownCookies(header, this.#name);
    if (text === undefined || text.length > LONGEST) return;
    const known = this.#known(text);
    if (known === undefined) {
      // Not copied: most of these are forgotten soon, with the header that they are a part of.
      this.#once.set(text.slice(-TAIL), { text, digest: undefined, uses: 0, answers: [answer] });
    } else {
      const others = known.answers.filter(({ url, host }) => url !== answer.url || host !== answer.host);
      known.answers = [answer, ...others].slice(0, MOST_ANSWERS);
    }
  }

  /** Forgets everything: what decisions follow from has changed. */
  clear(): void {
    this.#once = new Bounded(this.#limits.once);
    this.#recent = new Map();
    this.#recentLength = 0;
    this.#walk = this.#recent.keys();
    this.#young = new Map();
    this.#youngLength = 0;
    this.#old = new Map();
  }

  #known(text: string): Known | undefined {
    const tail = text.slice(-TAIL);
    const recent = this.#recent.get(tail);
    if (recent !== undefined) return recent.text === text ? recent : undefined;
    const once = this.#once.get(tail);
    if (once !== undefined) return once.text === text ? this.#again(tail, once) : undefined;
    const known = this.#young.get(tail) ?? this.#old.get(tail);
    if (known === undefined || known.digest !== hash("sha256", text, "base64url")) return undefined;
    this.#promote(tail, text, known);
    return known;
  }

  #again(tail: string, known: Known): Known {
    this.#once.delete(tail);
    this.#remember(flat(tail), known, flat(known.text ?? ""));
    return known;
  }

  /** Puts what is used often among those with text; what is used seldom only when there is room. */
  #promote(tail: string, text: string, known: Known): void {
    known.uses++;
    const room = this.#recentLength + text.length <= this.#limits.textLength;
    if (!room && known.uses % 8 !== 0) return;
    if (!this.#young.delete(tail)) this.#old.delete(tail);
    this.#remember(flat(tail), known, flat(text));
  }

  #remember(tail: string, known: Known, text: string): void {
    known.text = text;
    this.#recent.set(tail, known);
    this.#recentLength += text.length;
    while (this.#recentLength > this.#limits.textLength) this.#demote(this.#oldest());
  }

  /** The oldest of those with text, of which there is one. */
  #oldest(): string {
    let step = this.#walk.next();
    if (step.done) {
      this.#walk = this.#recent.keys();
      step = this.#walk.next();
    }
    return step.value ?? "";
  }

  #demote(tail: string): void {
    const known = this.#recent.get(tail);
    if (known?.text === undefined) return;
    this.#recent.delete(tail);
    this.#recentLength -= known.text.length;
    known.digest ??= hash("sha256", known.text, "base64url");
    known.text = undefined;
    this.#young.set(tail, known);
    this.#youngLength += lengthOf(known);
    const { sessions, headerLength } = this.#limits;
    if (this.#young.size * 2 < sessions && this.#youngLength * 2 < headerLength) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#youngLength = 0;
  }
}
