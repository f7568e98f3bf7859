/** One request and its answer. */
import { performance } from "node:perf_hooks";
import type { DecisionMode } from "../config.ts";
import type { Constraints } from "../decision/constraints.ts";
import { publicAddressOf } from "../login/addresses.ts";
import type { Page } from "../pages/pages.ts";
import type { ErrorView } from "../pages/views.ts";
import { hasAlias } from "../points/aliases.ts";
import type { Point } from "../points/point.ts";
import { tellOriginal } from "../points/told.ts";
import { isBelieved } from "./believed.ts";
import { peerAddress, realClient } from "./client.ts";
import type { Context } from "./context.ts";
import { firstHeader, type Head, readHead } from "./head.ts";
import { isHealthPath } from "./health.ts";
import { requestLine } from "./logged.ts";
import { type Asked, HttpReply, type Reply } from "./reply.ts";

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
  readonly user?: string | undefined;
  /** The original request. */
  readonly host?: string;
  readonly method?: string;
  readonly path?: string;
  /** Id of the upstream that answered. */
  readonly upstream?: string;
}

/** Most bytes of a form that is read. */
const MOST_FORM = 65_536;

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
  /** True for a ping or a readiness check, which are not counted. */
  readonly health: boolean;
  /** Who is signed in, as logs show it; undefined while that is not known, or nobody is. */
  user: string | undefined;
  #id = "";
  #trusted: boolean | undefined;

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
    this.health = isHealthPath(context.settings, this.path);
    if (!this.health) context.metrics.begin();
  }

  /** True when the peer is a gateway whose forwarded headers we believe. */
  get trusted(): boolean {
    this.#trusted ??= isBelieved(this.#asked.socket, this.context.settings.trusted);
    return this.#trusted;
  }

  /** Every value of a header, as sent; for names that {@link head} does not have. */
  header(name: string): readonly string[] {
    const { rawHeaders } = this.#asked;
    const wanted = name.toLowerCase();
    return rawHeaders.filter(
      (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === wanted,
    );
  }

  /** The body of a form, as text; empty when there is none. Undefined when it is longer than 64 KiB. */
  async form(): Promise<string | undefined> {
    const type = this.header("content-type")[0] ?? "";
    const body = this.#asked[Symbol.asyncIterator]?.();
    if (body === undefined || !/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type)) return "";
    const chunks: Buffer[] = [];
    let length = 0;
    for (let chunk = await body.next(); !chunk.done; chunk = await body.next()) {
      length += chunk.value.length;
      if (length > MOST_FORM) return undefined;
      chunks.push(chunk.value);
    }
    return Buffer.concat(chunks).toString("utf8");
  }

  /** True when X-Forwarded-Host and -Proto are the user's own request's. */
  get forwards(): boolean {
    return this.trusted && (this.mode !== "compat" || this.context.settings.options.reverse_proxy);
  }

  /** The caller's id for the request when it is harmless, else one of ours. */
  get id(): string {
    if (this.#id !== "") return this.#id;
    const { nextId, idHeader } = this.context;
    const sent =
      idHeader === "x-request-id" ? this.head["x-request-id"] : firstHeader(this.#asked.rawHeaders, idHeader);
    this.#id = sent !== undefined && this.trusted && /^[\w-]{1,128}$/.test(sent) ? sent : nextId();
    return this.#id;
  }

  /** The user's address, as far as it is known: what a trusted gateway says, else the peer's. */
  get client(): string {
    return this.#realClient() || this.#asked.socket.remoteAddress || "";
  }

  /** The same for what depends on it: empty when what a trusted gateway says is no address. */
  get provenClient(): string {
    return this.#realClient() ?? this.#asked.socket.remoteAddress ?? "";
  }

  #realClient(): string | undefined {
    if (!this.trusted) return undefined;
    return realClient(this.context.settings, this.mode, this.head, this.#asked.rawHeaders);
  }

  /** The peer's address, with its port. */
  get peerAddress(): string {
    return peerAddress(this.#asked.socket);
  }

  /** `HTTP/1.1`. */
  get protocol(): string {
    const { httpVersion = "1.1" } = this.#asked;
    return httpVersion === "1.1" ? "HTTP/1.1" : `HTTP/${httpVersion}`;
  }

  /** What the enforcement point asks of a session, where it says so beside the request. */
  get asks(): Constraints | undefined {
    return this.#asked.asks;
  }

  /** Address of whoever is connected; empty for a Unix socket. */
  get peer(): string {
    return this.#asked.socket.remoteAddress ?? "";
  }

  /** True when the request came over TLS. */
  get secure(): boolean {
    return this.#asked.socket.encrypted === true;
  }

  /** The HTTP connection that carries the request; undefined for other carriers. */
  get http(): HttpReply | undefined {
    return this.#reply instanceof HttpReply ? this.#reply : undefined;
  }

  /** True when a header is another spelling of an identity header that the configuration names. */
  get misspelt(): boolean {
    return hasAlias(this.#asked.rawHeaders, this.context.ownNames);
  }

  /** Milliseconds that the enforcement point waited for the answer when it asked, where it says so. */
  get timeLeft(): number | undefined {
    return this.#asked.timeLeft;
  }

  get answered(): boolean {
    return this.#reply.answered;
  }

  /** Answers. Headers are name, value, name, value; a body is bytes. */
  send(status: number, headers: readonly string[], body?: Buffer, outcome: Outcome = {}): void {
    this.#reply.send({ status, headers, body, allow: outcome.decision === "allow" }, this.head);
    this.record(status, body?.length ?? 0, outcome);
  }

  /** Answers with a page. */
  page(status: number, page: Page, headers: readonly string[] = [], outcome?: Outcome): void {
    this.send(status, [...page.headers, ...NO_STORE, ...headers], page.body, outcome);
  }

  /** Answers with an error page. */
  error(
    status: number,
    view: Omit<ErrorView, "status" | "prefix" | "redirect" | "requestId"> & { readonly redirect?: string },
    headers: readonly string[] = [],
    outcome?: Outcome,
  ): void {
    const prefix = publicAddressOf(this).path;
    const page = this.context.pages.error({ redirect: "", ...view, status, prefix, requestId: this.id });
    this.page(status, page, headers, outcome);
  }

  text(status: number, text: string, headers: readonly string[] = [], outcome?: Outcome): void {
    this.send(status, [...PLAIN_TEXT, ...headers], Buffer.from(text), outcome);
  }

  json(status: number, value: unknown, headers: readonly string[] = [], outcome?: Outcome): void {
    this.send(status, [...JSON_TYPE, ...headers], Buffer.from(JSON.stringify(value)), outcome);
  }

  /** To another address of the same resource: 301 or 308. @param page True: with a link for people. */
  moved(status: 301 | 308, location: string, page: boolean): void {
    const safe = location.replace(/[^\x21-\x7e]|["<>\\^`{|}]/g, (text) => encodeURIComponent(text));
    if (!page || !/^(?:GET|HEAD)$/.test(this.method)) {
      this.send(status, ["Location", safe]);
      return;
    }
    const words = status === 301 ? "Moved Permanently" : "Permanent Redirect";
    const link = safe.replaceAll("&", "&amp;").replaceAll("'", "&#39;");
    const body = Buffer.from(`<a href="${link}">${words}</a>.\n\n`);
    this.send(status, ["Content-Type", "text/html; charset=utf-8", "Location", safe], body);
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

  /** Counts and logs the answer. Whoever answers past `send` calls it. @param size Bytes of the body. */
  record(status: number, size: number, outcome: Outcome): void {
    const { metrics, log, settings, unlogged } = this.context;
    const seconds = (performance.now() - this.#startedAt) / 1000;
    if (!this.health) metrics.end(this.method, status, seconds);
    if (outcome.decision !== undefined) metrics.decision(outcome.decision, outcome.reason ?? "");
    if (!log.requests || (unlogged.size > 0 && unlogged.has(this.path))) return;
    if (this.health && settings.options.silence_ping_logging) return;
    log.request(requestLine(this, { status, size, seconds }, outcome));
  }
}

/** `Set-Cookie` headers. */
export function cookieHeaders(cookies: readonly string[]): string[] {
  const headers: string[] = [];
  for (const cookie of cookies) headers.push("Set-Cookie", cookie);
  return headers;
}
