/** One request and its answer. */
import { performance } from "node:perf_hooks";
import type { DecisionMode } from "../config.ts";
import type { Constraints } from "../decision/constraints.ts";
import type { Point } from "../points/point.ts";
import { tellOriginal } from "../points/told.ts";
import type { Context } from "./context.ts";
import { type Head, readHead } from "./head.ts";
import { type ErrorText, errorPage, PAGE_HEADERS } from "./pages.ts";
import type { Asked, Reply } from "./reply.ts";

/** Headers that keep an answer out of every cache. */
export const NO_STORE: readonly string[] = [
  "Cache-Control",
  "no-cache, no-store, must-revalidate, max-age=0",
  "Expires",
  "Thu, 01 Jan 1970 00:00:00 GMT",
  "X-Accel-Expires",
  "0",
];

/** Headers of an answer in plain text. */
export const PLAIN_TEXT: readonly string[] = [
  "Content-Type",
  "text/plain; charset=utf-8",
  "X-Content-Type-Options",
  "nosniff",
];

const JSON_TYPE: readonly string[] = [
  "Content-Type",
  "application/json",
  "X-Content-Type-Options",
  "nosniff",
];

/** A request was answered, or will be. */
export type Answered = void | Promise<void>;

/** What a log line says about a request beside the obvious. */
export interface Outcome {
  readonly decision?: string;
  readonly reason?: string;
  readonly user?: string;
  /** The original request. */
  readonly host?: string;
  readonly method?: string;
  readonly path?: string;
}

const trust = new WeakMap<Asked["socket"], boolean>();

/** A request being answered. */
export class Exchange {
  readonly context: Context;
  readonly head: Head;
  readonly method: string;
  /** Path as sent, without query. */
  readonly path: string;
  /** Text behind the first `?`. */
  readonly query: string;
  readonly url: string;
  /** How the enforcement point that asks tells the original request. */
  readonly mode: DecisionMode;
  /** Undefined: a request to the listener itself, not to an enforcement point's own path. */
  readonly point: Point | undefined;
  readonly #asked: Asked;
  readonly #reply: Reply;
  readonly #startedAt = performance.now();
  #id = "";

  /** @param point Unset: the listener's mode holds. */
  constructor(context: Context, asked: Asked, reply: Reply, point?: Point) {
    this.context = context;
    this.point = point;
    this.mode = point?.mode ?? context.settings.mode;
    this.#asked = asked;
    this.#reply = reply;
    this.method = asked.method ?? "";
    this.url = asked.url ?? "";
    const secure = context.settings.publicAddress?.origin.startsWith("http:") !== true;
    this.head = tellOriginal(readHead(asked.rawHeaders), this, { mode: this.mode, secure });
    const mark = this.url.indexOf("?");
    this.path = mark === -1 ? this.url : this.url.slice(0, mark);
    this.query = mark === -1 ? "" : this.url.slice(mark + 1);
    context.metrics.begin();
  }

  /** True when the peer is a gateway whose forwarded headers we believe. */
  get trusted(): boolean {
    const { socket } = this.#asked;
    const known = trust.get(socket);
    if (known !== undefined) return known;
    const answer = this.context.settings.trusted.has(socket.remoteAddress ?? "");
    trust.set(socket, answer);
    return answer;
  }

  /** True when X-Forwarded-Host and -Proto are the user's own request's. */
  get forwards(): boolean {
    return this.trusted && (this.mode !== "compat" || this.context.settings.options.reverse_proxy);
  }

  /** The caller's id for the request when it is harmless, else one of ours. */
  get id(): string {
    if (this.#id !== "") return this.#id;
    const sent = this.head["x-request-id"];
    this.#id =
      sent !== undefined && this.trusted && /^[\w-]{1,128}$/.test(sent) ? sent : this.context.nextId();
    return this.#id;
  }

  /** The user's address: the last one in X-Forwarded-For that is no trusted proxy; the peer's when the peer is none. */
  get client(): string {
    const peer = this.#asked.socket.remoteAddress ?? "";
    const sent = this.head["x-forwarded-for"];
    if (sent === undefined || !this.trusted) return peer;
    const hops = sent.split(",").map((hop) => hop.trim());
    return (hops.findLast((hop) => !this.context.settings.trusted.has(hop)) ?? hops[0] ?? peer).slice(0, 64);
  }

  /** What the enforcement point asks of a session, where it says so beside the request. */
  get asks(): Constraints | undefined {
    return this.#asked.asks;
  }

  get answered(): boolean {
    return this.#reply.answered;
  }

  /** Answers. Headers are name, value, name, value; a body is bytes. */
  send(status: number, headers: readonly string[], body?: Buffer, outcome: Outcome = {}): void {
    this.#reply.send({ status, headers, body, allow: outcome.decision === "allow" }, this.head);
    this.#record(status, outcome);
  }

  /** Answers with a page of ours. */
  page(status: number, body: Buffer, headers: readonly string[] = [], outcome?: Outcome): void {
    this.send(status, [...PAGE_HEADERS, ...NO_STORE, ...headers], body, outcome);
  }

  /** Answers with an error page. */
  error(
    status: number,
    text: Omit<ErrorText, "requestId">,
    headers: readonly string[] = [],
    outcome?: Outcome,
  ): void {
    this.page(status, errorPage({ ...text, requestId: this.id }), headers, outcome);
  }

  text(status: number, text: string, headers: readonly string[] = [], outcome?: Outcome): void {
    this.send(status, [...PLAIN_TEXT, ...headers], Buffer.from(text), outcome);
  }

  json(status: number, value: unknown, headers: readonly string[] = [], outcome?: Outcome): void {
    this.send(status, [...JSON_TYPE, ...headers], Buffer.from(JSON.stringify(value)), outcome);
  }

  redirect(location: string, headers: readonly string[] = [], outcome?: Outcome): void {
    const safe = location.replace(/[^\x21-\x7e]/g, (character) => encodeURIComponent(character));
    this.send(
      302,
      ["Location", safe, ...NO_STORE, "Referrer-Policy", "no-referrer", ...headers],
      undefined,
      outcome,
    );
  }

  #record(status: number, outcome: Outcome): void {
    const { metrics, log, settings } = this.context;
    const milliseconds = performance.now() - this.#startedAt;
    const { silence_ping_logging, ping_path, ready_path, request_logging } = settings.options;
    const health = this.path === ping_path || this.path === ready_path;
    metrics.end(this.method, status, milliseconds / 1000);
    if (outcome.decision !== undefined) metrics.decision(outcome.decision, outcome.reason ?? "");
    if (!request_logging || (health && silence_ping_logging)) return;
    log.request({
      id: this.id,
      client: this.client,
      method: outcome.method ?? this.method,
      host: outcome.host ?? this.head.host,
      path: outcome.path ?? this.path,
      status,
      ms: Math.round(milliseconds * 1000) / 1000,
      decision: outcome.decision,
      reason: outcome.reason,
      user: outcome.user,
      agent: this.head["user-agent"],
    });
  }
}

/** `Set-Cookie` headers. */
export function cookieHeaders(cookies: readonly string[]): string[] {
  return cookies.flatMap((cookie) => ["Set-Cookie", cookie]);
}
