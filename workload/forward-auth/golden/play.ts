/** Plays one recorded case against a running program. @module */

import { exchange, type Incoming } from "./client.ts";
import { callsDifference, cookieOf, cookiesOf, responseDifference } from "./compare.ts";
import { filled, type Places } from "./places.ts";
import type {
  HttpRecording,
  Pairs,
  RecordedCase,
  RecordedRequest,
  RecordedResponse,
  RecordedStep,
} from "./recording.ts";
import type { Stage, Subject } from "./stage.ts";
import { claimsOf } from "./tokens.ts";
import { type Outcome, SoftComparison } from "./tolerances.ts";

/** What a case refers to by name. */
export type Names = Pick<HttpRecording, "cookies" | "tokens">;

/** One case while it is played. */
export class Play {
  readonly #stage: Stage;
  readonly #subject: Subject;
  readonly #names: Names;
  readonly #jar = new Map<string, string>();
  readonly #comparison = new SoftComparison();
  #places: Places;
  #location = "";

  constructor(stage: Stage, subject: Subject, names: Names) {
    this.#stage = stage;
    this.#subject = subject;
    this.#names = names;
    this.#places = { ...subject.places, ...this.#tokens() };
  }

  /** Plays a case. */
  async run(recorded: RecordedCase): Promise<Outcome> {
    return this.#comparison.outcome(await this.#difference(recorded));
  }

  async #difference(recorded: RecordedCase): Promise<string | undefined> {
    const { provider, second } = this.#stage;
    provider.plan(recorded.provider ?? {});
    second.plan({});
    const steps: readonly RecordedStep[] = recorded.steps ?? [recorded];
    for (const [index, step] of steps.entries()) {
      const found = await this.#step(step);
      if (found !== undefined) return recorded.steps === undefined ? found : `step ${index + 1}: ${found}`;
    }
    if (recorded.provider_calls === undefined) return undefined;
    return callsDifference(recorded.provider_calls, provider.calls, this.#places);
  }

  async #step(step: RecordedStep): Promise<string | undefined> {
    if (step.wait !== undefined) await this.#stage.clock.wait(step.wait);
    else if (step.authorize) this.authorize();
    else if (step.setCookie !== undefined) this.#keep(this.#names.cookies[step.setCookie] ?? "");
    else if (step.provider !== undefined && step.request === undefined) this.#change(step);
    if (step.request === undefined) return undefined;
    try {
      const answer = await this.send(step.request);
      return step.response === undefined ? undefined : this.#compare(step.response, answer);
    } catch (error) {
      const why = (error as Error).message;
      return step.response?.error === why
        ? undefined
        : `response: recorded ${step.response?.status}, now ${why}`;
    }
  }

  /** Compares; what a deviation explains is put right first and noted. */
  #compare(recorded: RecordedResponse, answer: Incoming): string | undefined {
    return this.#stage.program === undefined
      ? this.#comparison.difference(recorded, answer, this.#places)
      : responseDifference(recorded, answer, this.#places);
  }

  #change(step: RecordedStep): void {
    const { provider } = this.#stage;
    const calls = [...provider.calls];
    provider.plan(step.provider ?? {});
    provider.calls.push(...calls);
  }

  /** Has the provider take the login that the last answer led to. */
  authorize(): { readonly code: string; readonly state: string } {
    const { code, state } = this.#stage.provider.authorize(this.#location);
    this.#places = { ...this.#places, code, state, "state:enc": encodeURIComponent(state) };
    return { code, state };
  }

  /** Sends a request and remembers what its answer set. */
  async send(request: RecordedRequest): Promise<Incoming> {
    const port = request.listener === "second" ? this.#subject.secondPort : this.#subject.port;
    const fill = (text: string) => filled(text, this.#places);
    const answer = await exchange(port, {
      method: request.method ?? "GET",
      target: fill(request.target),
      headers: this.#headers(request).map(([name, value]) => [name, fill(value)]),
      ...(request.body === undefined ? {} : { body: fill(request.body) }),
    });
    this.#location = answer.headers.find(([name]) => name.toLowerCase() === "location")?.[1] ?? "";
    for (const text of cookiesOf(answer.headers)) {
      const { name, value, attrs } = cookieOf(text);
      if (/Max-Age=0\b/.test(attrs)) this.#jar.delete(name);
      else this.#jar.set(name, value);
    }
    return answer;
  }

  #headers(request: RecordedRequest): Pairs {
    const sent = request.headers ?? [];
    const host = request.host === undefined ? "app.example.com" : request.host;
    const ownHost = sent.some(([name]) => name.toLowerCase() === "host");
    const cookies = this.#cookies(request);
    const length = Buffer.byteLength(filled(request.body ?? "", this.#places));
    return [
      ...(host === null || ownHost ? [] : [["Host", host] as const]),
      ...sent,
      ...(cookies === "" ? [] : [["Cookie", cookies] as const]),
      ...(request.auth_basic === undefined
        ? []
        : [
            [
              "Authorization",
              `Basic ${Buffer.from(filled(request.auth_basic, this.#places)).toString("base64")}`,
            ] as const,
          ]),
      ...(request.body === undefined
        ? []
        : [
            ["Content-Type", "application/x-www-form-urlencoded"] as const,
            ["Content-Length", String(length)] as const,
          ]),
    ];
  }

  #cookies({ cookie, jar }: RecordedRequest): string {
    const names = cookie === undefined ? [] : typeof cookie === "string" ? [cookie] : cookie;
    const recorded = names.map((name) => {
      const text = this.#names.cookies[name];
      if (text === undefined) throw new Error(`no recorded cookie "${name}"`);
      return text;
    });
    const kept = jar ? Array.from(this.#jar, ([name, value]) => `${name}=${value}`) : [];
    return [...recorded, ...kept].join("; ");
  }

  #keep(text: string): void {
    for (const pair of text.split("; ")) {
      const equals = pair.indexOf("=");
      this.#jar.set(pair.slice(0, equals), pair.slice(equals + 1));
    }
  }

  #tokens(): Record<string, string> {
    const { keys, clock, provider, second } = this.#stage;
    const places: Places = { OP: provider.issuer, OP2: second.issuer };
    const made = Object.entries(this.#names.tokens).map(([name, plan]) => {
      const claims = JSON.parse(filled(JSON.stringify(plan.claims ?? {}), places));
      return [`tok:${name}`, keys.sign(plan, claimsOf(provider.issuer, claims, clock.now()))];
    });
    return Object.fromEntries(made);
  }
}
