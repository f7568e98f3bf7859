/** Plays a recorded refresh: a session of a certain age, what the provider does, and requests. @module */

import { cookieSecret } from "../session/cookie-secret.ts";
import { packLz4 } from "../session/lz4.ts";
import { MsgpackWriter } from "../session/msgpack-writer.ts";
import { readRecord } from "../session/record.ts";
import type { Session } from "../session/session.ts";
import { signValue } from "../session/signed-value.ts";
import { formatTicket, newTicket, openRecord, sealRecord, type Ticket } from "../session/ticket.ts";
import { createUpstreamFormat } from "../session/upstream-format.ts";
import { exchange, type Incoming } from "./client.ts";
import { callsDifference, cookieOf, cookiesOf } from "./compare.ts";
import type { RecordedResponse, RecordedState, RefreshCase, RefreshStep } from "./recording.ts";
import type { Stage, Subject } from "./stage.ts";
import { claimsOf } from "./tokens.ts";
import { type Outcome, SoftComparison } from "./tolerances.ts";

const NAME = "_oauth2_proxy";
const SECRET = cookieSecret("0123456789abcdef0123456789abcdef");

/** Fields that were recorded: the others of these answers are in `http.json`. */
const RECORDED = /^(?:authorization|gap-auth|location|set-cookie|x-auth-request-.*)$/i;

/** Of them, those in which answers to many requests at once differ from one to the next. */
const BY_TURN = /^(?:set-cookie|x-auth-request-access-token)$/i;

/** Milliseconds that the recorded sessions had left in Redis. */
const LIFE = 600_000_000;

const said = (where: string, recorded: unknown, now: unknown): string =>
  `${where}: recorded ${JSON.stringify(recorded)?.slice(0, 300)}, now ${JSON.stringify(now)?.slice(0, 300)}`;

/** Seconds before or after now: `now-7200s`. */
const offset = (text: string): number => Number(/^now([+-]\d+)s$/.exec(text)?.[1] ?? 0);

/** Values that the recording writes as what they are. */
function matches(recorded: string | undefined, now: string | undefined): boolean {
  if (recorded === "<access_token>") return /^at-[\da-f-]{36}$/.test(now ?? "");
  if (recorded === "<refresh_token>") return /^rt-[\da-f-]{36}$/.test(now ?? "");
  return (recorded ?? "") === (now ?? "");
}

/** One case while it is played. */
export class RefreshPlay {
  readonly #recorded: RefreshCase;
  readonly #stage: Stage;
  readonly #subject: Subject;
  readonly #comparison = new SoftComparison();
  readonly #jar = new Map<string, string>();
  readonly #ticket: Ticket = newTicket(NAME);
  readonly #idToken: string;
  readonly #first: string;

  constructor(recorded: RefreshCase, stage: Stage, subject: Subject) {
    this.#recorded = recorded;
    this.#stage = stage;
    this.#subject = subject;
    const { it } = recorded.given.session;
    const claims = (it as { claims?: Record<string, string> } | null | undefined)?.claims;
    this.#idToken =
      claims === undefined
        ? ""
        : stage.keys.sign({}, claimsOf(stage.provider.issuer, claims, stage.clock.now()));
    this.#first = this.#mint();
    this.#jar.set(NAME, this.#first);
  }

  /** Where the case differs first; undefined when it agrees. */
  async run(): Promise<Outcome> {
    return this.#comparison.outcome(await this.#play());
  }

  async #play(): Promise<string | undefined> {
    this.#stage.provider.plan(this.#recorded.provider ?? {});
    for (const [index, step] of this.#recorded.steps.entries()) {
      const found = await this.#step(step);
      if (found !== undefined) return `step ${index + 1}: ${found}`;
    }
    return undefined;
  }

  /** The session as the real program would have stored it; its cookie's value. */
  #mint(): string {
    const { session } = this.#recorded.given;
    const now = this.#stage.clock.now();
    const writer = new MsgpackWriter();
    const fields = Object.entries(session).filter(([, value]) => value !== null);
    writer.map(fields.length);
    for (const [key, value] of fields) {
      writer.string(key);
      if (key === "ca" || key === "eo") writer.time(now + offset(String(value)) * 1000);
      else if (key === "it") writer.string(this.#idToken);
      else writer.value(value);
    }
    const record = writer.finish();
    const savedAt = Math.floor(now / 1000) + offset(String(session["ca"]));
    if (this.#recorded.store === "cookie")
      return signValue(SECRET.signing, NAME, SECRET.encrypt(packLz4(record)), savedAt);
    this.#stage.redis.set(this.#ticket.id, sealRecord(this.#ticket, record), LIFE);
    return signValue(SECRET.signing, NAME, Buffer.from(formatTicket(this.#ticket)), savedAt);
  }

  async #step(step: RefreshStep): Promise<string | undefined> {
    const { provider, redis } = this.#stage;
    if (step.request === undefined) {
      if (step.provider !== undefined) provider.plan(step.provider);
      if (typeof step.redis === "string")
        redis.set(
          `${this.#ticket.id}.lock`,
          Buffer.from("somebody else"),
          Number(/(\d+) ms$/.exec(step.redis)?.[1]),
        );
      return undefined;
    }
    provider.calls.length = 0;
    const { concurrent = 1 } = step.request;
    const answers = await Promise.all(Array.from({ length: concurrent }, () => this.#send(step)));
    return (
      this.#answersDifference(step, answers) ??
      this.#callsDifference(step) ??
      this.#newSessionDifference(step, answers) ??
      this.#redisDifference(step)
    );
  }

  async #send({ request }: RefreshStep): Promise<Incoming | string> {
    const { method = "GET", target = "", cookie } = request ?? {};
    const jar = Array.from(this.#jar, ([name, value]) => `${name}=${value}`).join("; ");
    const sent = cookie === "browser" ? jar : cookie === "none" ? "" : `${NAME}=${this.#first}`;
    const headers: [string, string][] = [["Host", "app.example.com"]];
    if (sent !== "") headers.push(["Cookie", sent]);
    try {
      const answer = await exchange(this.#subject.port, { method, target, headers });
      this.#keep(answer);
      return answer;
    } catch (error) {
      return (error as Error).message;
    }
  }

  #keep(answer: Incoming): void {
    for (const text of cookiesOf(answer.headers)) {
      const { name, value, attrs } = cookieOf(text);
      if (/Max-Age=0\b/.test(attrs)) this.#jar.delete(name);
      else this.#jar.set(name, value);
    }
  }

  /** Answers of one step: one, or several of which so many look so. */
  #answersDifference(step: RefreshStep, answers: readonly (Incoming | string)[]): string | undefined {
    const wanted: readonly RecordedResponse[] = step.responses?.flatMap((each) =>
      Array(each.count).fill(each),
    ) ?? [step.response ?? {}];
    const left = [...answers];
    for (const recorded of wanted) {
      const together = (step.request?.concurrent ?? 1) > 1;
      const differences = left.map((answer) => this.#difference(recorded, answer, together));
      const same = differences.indexOf(undefined);
      if (same === -1) return differences[0];
      left.splice(same, 1);
    }
    return undefined;
  }

  #difference(recorded: RecordedResponse, answer: Incoming | string, together: boolean): string | undefined {
    if (typeof answer === "string")
      return recorded.error === answer ? undefined : said("response", recorded.status, answer);
    const headers = answer.headers.filter(([name]) => RECORDED.test(name));
    if (!together) return this.#comparison.difference(recorded, { ...answer, headers }, this.#subject.places);
    // Who of many comes first, and so gets the cookie and the new token, is another one each time.
    const { cookies: _, headers: wanted = {}, ...rest } = recorded;
    const kept = Object.entries(wanted).filter(([name]) => !BY_TURN.test(name));
    const others = headers.filter(([name]) => !BY_TURN.test(name));
    const same = { ...rest, headers: Object.fromEntries(kept) };
    return this.#comparison.difference(same, { ...answer, headers: others }, this.#subject.places);
  }

  #callsDifference({ token_requests, provider_calls }: RefreshStep): string | undefined {
    const { calls } = this.#stage.provider;
    const count = calls.filter(({ path }) => path === "/token").length;
    if (token_requests !== undefined && count !== token_requests)
      return said("token requests", token_requests, count);
    return provider_calls === undefined
      ? undefined
      : callsDifference(provider_calls, calls, this.#subject.places);
  }

  #newSessionDifference(
    { new_session }: RefreshStep,
    answers: readonly (Incoming | string)[],
  ): string | undefined {
    if (new_session === undefined || this.#recorded.store === "redis") return undefined;
    const format = createUpstreamFormat({ name: NAME, secrets: [SECRET], minimal: false });
    const session = format.read(this.#jar.get(NAME) ?? "")?.session;
    if (session === undefined) return said("new session", new_session, answers.length);
    return this.#stateDifference(new_session, session, true);
  }

  #stateDifference(recorded: RecordedState, session: Session, whole: boolean): string | undefined {
    const { created = "now", at, rt, groups = [], email = "", id_token_changed } = recorded;
    const age = Math.round((session.refreshedAt - this.#stage.clock.now()) / 1000);
    // Sessions from the future were recorded as of now.
    if (Math.abs(age - offset(created)) > 5 && !(created === "now" && age > 0))
      return said("created", created, age);
    if (!matches(at, session.accessToken)) return said("access token", at, session.accessToken);
    if (!matches(rt, session.refreshToken)) return said("refresh token", rt, session.refreshToken);
    if (!whole) return undefined;
    const changed = session.idToken !== this.#idToken;
    if (id_token_changed !== undefined && changed !== id_token_changed)
      return said("ID token changed", id_token_changed, changed);
    if (JSON.stringify(groups) !== JSON.stringify(session.groups))
      return said("groups", groups, session.groups);
    return email === session.email ? undefined : said("e-mail", email, session.email);
  }

  #redisDifference({ redis: recorded }: RefreshStep): string | undefined {
    if (typeof recorded !== "object") return undefined;
    const { redis } = this.#stage;
    const { id } = this.#ticket;
    const left = redis.left(id);
    const key = left === undefined ? "absent" : this.#life(recorded.session_key, left);
    if (key !== recorded.session_key) return said("key", recorded.session_key, key);
    if (recorded.lock_key === "absent" && redis.left(`${id}.lock`) !== undefined)
      return said("lock", "absent", "held");
    if (recorded.record === undefined) return undefined;
    const value = redis.get(id);
    const record = value === undefined ? undefined : openRecord(this.#ticket, value);
    const session = record === undefined ? undefined : readRecord(record, 0);
    if (session === undefined) return said("record", recorded.record, "none");
    return this.#stateDifference(recorded.record, session, false);
  }

  /** `TTL 600000`, or `TTL <cookie_expire>` when that is meant. */
  #life(recorded: string, left: number): string {
    const seconds = Math.ceil(left / 1000);
    const expire = 876_000 * 3600;
    if (recorded === "TTL <cookie_expire>")
      return Math.abs(seconds - expire) < 30 ? recorded : `TTL ${seconds}`;
    return Math.abs(seconds - Number(recorded.slice(4))) < 30 ? recorded : `TTL ${seconds}`;
  }
}
