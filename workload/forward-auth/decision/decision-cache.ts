/**
 * Decisions that were made lately, to be given again to the same cookies.
 *
 * Only an allow that follows from the session alone is kept: nothing about the original request may have had a part in it. What
 * else may change the answer is compared or looked up at each use: cookies, endpoint and query, host, the end of the session, its
 * next refresh, a sign-out. A change of the rules empties the cache. What none of this sees is bounded by the time to live.
 *
 * An entry is found by the last characters of its cookies, which are a signature, and must then agree in all of them. Cookies seen
 * lately are kept as text. Of others a SHA-256 digest stays, so that a hundred thousand sessions cost what their headers cost.
 * Of cookies that come for the first time only a mark stays, so that a crowd of strangers displaces nobody.
 *
 * @module
 */
import { hash } from "node:crypto";
import type { Outcome } from "../server/exchange.ts";
import { AnswerTexts } from "./answer-texts.ts";
import { ownCookies } from "./own-cookies.ts";
import { PackedAnswers } from "./packed-answers.ts";
import { SeenKeys } from "./seen-keys.ts";

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

/** Answers for the same cookies, while these are kept as text. */
interface Known {
  readonly text: string;
  answers: readonly KnownAnswer[];
}

/** The cookies of a header that may hold a session. */
interface Own {
  readonly text: string;
  /** What an entry is found by. */
  readonly tail: string;
}

/** Bounds of a cache. */
export interface DecisionCacheLimits {
  /** Characters of cookies that are kept as text. */
  readonly textLength: number;
  /** Bytes of answers to others. */
  readonly packedLength: number;
}

const LIMITS: DecisionCacheLimits = { textLength: 4 << 20, packedLength: 32 << 20 };

/** Characters at the end of the cookies that an entry is found by: an HMAC-SHA-256 in base64. */
const TAIL = 43;

/** Longest cookies that are kept, in characters. */
const LONGEST = 32_768;

/** Most answers for the same cookies. */
const MOST_ANSWERS = 8;

/** A copy that does not hold on to the longer text it was cut from. */
const flat = (text: string): string => Buffer.from(text, "latin1").toString("latin1");

const digestOf = (text: string): string => hash("sha256", text, "binary");

/** The cache. */
export class DecisionCache {
  readonly #name: string;
  readonly #limits: DecisionCacheLimits;
  readonly #seen = new SeenKeys();
  /** With text; oldest first. */
  #recent = new Map<string, Known>();
  #recentLength = 0;
  #walk = this.#recent.keys();
  /** The others, by a digest of their cookies. */
  readonly #packed: PackedAnswers;
  readonly #texts = new AnswerTexts();
  #turn = 0;
  /** The last header, with what was found in it: what is looked for in vain is mostly kept right afterwards. */
  #header = "";
  #own: Own | undefined;

  /** @param name Name of the session cookie. */
  constructor(name: string, limits: DecisionCacheLimits = LIMITS) {
    this.#name = name;
    this.#limits = limits;
    this.#packed = new PackedAnswers(limits.packedLength);
  }

  /** Sessions that are known. */
  get size(): number {
    return this.#recent.size + this.#packed.size;
  }

  /**
   * The answer that was given to these cookies at this address. The caller checks what may have changed since.
   *
   * @param header The request's `Cookie` header.
   */
  find(header: string, url: string, host: string | undefined): KnownAnswer | undefined {
    const own = this.#ownOf(header);
    const answers = own === undefined ? undefined : this.#answers(own);
    if (answers === undefined) return undefined;
    for (const answer of answers) if (answer.url === url && answer.host === host) return answer;
    return undefined;
  }

  /** Keeps an answer for these cookies, from the second time on. */
  keep(header: string, answer: KnownAnswer): void {
    const own = this.#ownOf(header);
    if (own === undefined || own.text.length > LONGEST) return;
    const { tail, text } = own;
    const others = (this.#answers(own) ?? []).filter(
      ({ url, host }) => url !== answer.url || host !== answer.host,
    );
    const answers = [answer, ...others].slice(0, MOST_ANSWERS);
    const known = this.#recent.get(tail);
    if (known?.text === text) known.answers = answers;
    else if (known !== undefined) this.#remember(tail, text, answers);
    else if (!this.#packed.has(tail) && !this.#seen.again(tail)) return;
    else if (this.#hasRoom(text)) this.#remember(tail, text, answers);
    else this.#pack(tail, text, answers);
  }

  /** Forgets everything: what decisions follow from has changed. */
  clear(): void {
    this.#recent = new Map();
    this.#recentLength = 0;
    this.#walk = this.#recent.keys();
    this.#packed.clear();
    this.#texts.clear();
  }

  #ownOf(header: string): Own | undefined {
    if (header === this.#header) return this.#own;
    const text = ownCookies(header, this.#name);
    this.#header = header;
    this.#own = text === undefined ? undefined : { text, tail: text.slice(-TAIL) };
    return this.#own;
  }

  #answers({ text, tail }: Own): readonly KnownAnswer[] | undefined {
    const recent = this.#recent.get(tail);
    if (recent === undefined) return this.#unpack(tail, text);
    return recent.text === text ? recent.answers : undefined;
  }

  #unpack(tail: string, text: string): readonly KnownAnswer[] | undefined {
    const packed = this.#packed.get(tail);
    if (packed === undefined || packed.digest !== digestOf(text)) return undefined;
    const answers = this.#texts.read(packed.text);
    // Those that are asked about often are soon among those with text, whose place is worth more than theirs.
    if (this.#hasRoom(text) || ++this.#turn % 8 === 0) this.#remember(tail, text, answers);
    return answers;
  }

  #hasRoom(text: string): boolean {
    return this.#recentLength + text.length <= this.#limits.textLength;
  }

  #remember(tail: string, text: string, answers: readonly KnownAnswer[]): void {
    this.#packed.delete(tail);
    this.#recentLength += text.length - (this.#recent.get(tail)?.text.length ?? 0);
    this.#recent.set(flat(tail), { text: flat(text), answers });
    while (this.#recentLength > this.#limits.textLength) this.#packOldest();
  }

  /** Packs the oldest of those with text, of which there is one. */
  #packOldest(): void {
    let step = this.#walk.next();
    if (step.done) {
      this.#walk = this.#recent.keys();
      step = this.#walk.next();
    }
    const tail = step.value ?? "";
    const known = this.#recent.get(tail);
    if (known === undefined) return;
    this.#recent.delete(tail);
    this.#recentLength -= known.text.length;
    this.#pack(tail, known.text, known.answers);
  }

  #pack(tail: string, text: string, answers: readonly KnownAnswer[]): void {
    const packed = this.#texts.write(answers);
    if (packed === undefined) {
      this.#packed.clear();
      this.#texts.clear();
    } else this.#packed.set(tail, digestOf(text), packed);
  }
}
