/** All upstreams: which one a request belongs to, and how it gets there. */
import type { IncomingMessage } from "node:http";
import { withHeaders } from "../identity/application-headers.ts";
import { gapAuth } from "../identity/header-set.ts";
import type { Identity } from "../identity/identity.ts";
import { gapSignature, type SignatureKey } from "../identity/signature.ts";
import type { UpstreamSettings } from "../options/structure.ts";
import { Files } from "./files.ts";
import { HttpUpstream } from "./http-upstream.ts";
import { ownCookieNames } from "./own-cookie-names.ts";
import type { Passed } from "./passed.ts";
import { readBody } from "./read-body.ts";
import { RequestHeaders, type UpstreamHeaders } from "./request-headers.ts";
import { Routing } from "./routing.ts";
import { cleanPath, decodePath, encodePath, isUnclean, type RequestTarget, readTarget } from "./target.ts";
import { isUpgrade } from "./upgrade.ts";

/** Bytes of a body that is signed: it has to be read before it is sent. */
const MOST_SIGNED = 16 * 1024 * 1024;

/** Headers of a text of ours. */
const TEXT = ["Content-Type", "text/plain; charset=utf-8"];

/** What an upstream is made into. */
type Compiled =
  | { readonly kind: "static"; readonly status: number }
  | { readonly kind: "files"; readonly files: Files }
  | { readonly kind: "http"; readonly http: HttpUpstream };

type Rule = UpstreamSettings & { readonly compiled: Compiled };

/** Where a request will go if it may pass. */
export type Plan =
  | { readonly kind: "bad" }
  | { readonly kind: "none" }
  | { readonly kind: "moved"; readonly location: string; readonly page: boolean }
  | {
      readonly kind: "upstream";
      readonly id: string;
      readonly compiled: Compiled;
      readonly target: RequestTarget;
      /** Decoded, latin1. */
      readonly decoded: string;
      /** What the upstream is asked for. */
      readonly sent: string;
    };

/** What the upstreams of a configuration are made of. */
export interface UpstreamsOptions {
  readonly upstreams: readonly UpstreamSettings[];
  readonly proxyRawPath: boolean;
  readonly identity: Identity;
  readonly signature: SignatureKey | undefined;
  /** Name of the session cookie; undefined: our cookies go to upstreams like others. */
  readonly cookieName: string | undefined;
}

const BAD: Plan = { kind: "bad" };
const NONE: Plan = { kind: "none" };

function compile(settings: UpstreamSettings): Compiled {
  if (settings.static) return { kind: "static", status: settings.staticCode };
  const file = /^file:(?:\/\/)?(\/[^?#]*)/i.exec(settings.uri)?.[1];
  if (file !== undefined) return { kind: "files", files: new Files(decodeURIComponent(file), settings.path) };
  return { kind: "http", http: new HttpUpstream(settings) };
}

/** The upstreams of a configuration. */
export class Upstreams {
  readonly #options: UpstreamsOptions;
  readonly #routing: Routing<Rule>;
  readonly #rules: readonly Rule[];
  readonly #headers: RequestHeaders;

  /** @throws {RangeError} When an upstream is none. */
  constructor(options: UpstreamsOptions) {
    this.#options = options;
    this.#rules = options.upstreams.map((settings) => ({ ...settings, compiled: compile(settings) }));
    this.#routing = new Routing(this.#rules);
    const answers = options.identity.response.headers.map(({ name }) => name);
    this.#headers = new RequestHeaders({
      owned: options.identity.request.headers,
      // The client's own credentials are for the application, although we may set a header of that name in answers.
      answers: ["Gap-Auth", "Gap-Signature", ...answers.filter((name) => name !== "Authorization")],
      isOwnCookie: options.cookieName === undefined ? () => false : ownCookieNames(options.cookieName),
    });
  }

  /** Finds out where a request will go. */
  plan(url: string): Plan {
    const target = readTarget(url);
    if (target === undefined) return BAD;
    const decoded = decodePath(target.path);
    const routed = this.#options.proxyRawPath ? target.path : decoded;
    if (isUnclean(routed))
      return { kind: "moved", location: encodePath(cleanPath(routed)) + target.query, page: false };
    const route = this.#routing.find(routed, decoded);
    if (route === undefined) return NONE;
    if (route.kind === "slash")
      return { kind: "moved", location: `${target.path}/${target.query}`, page: true };
    const { upstream, rewrite } = route;
    const sent = rewrite === undefined ? url : rewrite.target(decoded, target.query);
    return { kind: "upstream", id: upstream.id, compiled: upstream.compiled, target, decoded, sent };
  }

  /** True for a request for another protocol that an upstream might speak. */
  wantsUpgrade(request: IncomingMessage): boolean {
    if (!isUpgrade(request)) return false;
    const plan = this.plan(request.url ?? "");
    return plan.kind === "upstream" && plan.compiled.kind === "http";
  }

  /** Answers a request that may pass. */
  pass(plan: Plan, passed: Passed): void | Promise<void> {
    switch (plan.kind) {
      case "bad":
        return passed.fail(400, "bad-target", "the target is no path");
      case "none":
        return passed.reply(
          404,
          [...TEXT, "X-Content-Type-Options", "nosniff"],
          Buffer.from("404 page not found\n"),
        );
      case "moved":
        return moved(passed, plan.location, plan.page);
      case "upstream":
        return this.#serve(plan, passed);
    }
  }

  #serve(plan: Extract<Plan, { kind: "upstream" }>, passed: Passed): void | Promise<void> {
    const { compiled, target, decoded, sent } = plan;
    if (compiled.kind === "static") return passed.reply(compiled.status, TEXT, Buffer.from("Authenticated"));
    if (compiled.kind === "files") return compiled.files.serve(passed, decoded, target.query);
    const { request } = passed;
    const { identity, signature } = this.#options;
    const headers = this.#headers.build({
      method: request.method ?? "GET",
      rawHeaders: request.rawHeaders,
      peer: passed.peer,
      host: compiled.http.host ?? passed.host,
      identity: withHeaders(identity.requestHeaders(passed.session), passed.wanted),
      foreign: passed.foreign,
    });
    if (signature === undefined) return compiled.http.forward(passed, sent, headers);
    headers.flat.push("Gap-Auth", gapAuth(passed.session));
    const signed = { method: request.method ?? "GET", target: decoded + target.query, headers: headers.flat };
    return readBody(passed, MOST_SIGNED).then((body) => {
      // Without a body the request was answered, or its client is gone.
      if (body === undefined) return;
      const whole = withLength(headers, body);
      whole.flat.push("Gap-Signature", gapSignature(signature, { ...signed, body }));
      compiled.http.forward(passed, sent, whole, body);
    });
  }

  /** Ends the connections to upstreams, when the requests under way have ended. */
  async close(): Promise<void> {
    await Promise.all(
      this.#rules.map(({ compiled }) => (compiled.kind === "http" ? compiled.http.close() : undefined)),
    );
  }
}

/** A body of unknown length has one once it was read; the signature covers the header that the client sent. */
function withLength(headers: UpstreamHeaders, body: Buffer): UpstreamHeaders {
  if (headers.body === "chunked") headers.flat.push("Content-Length", String(body.length));
  return { ...headers, body: body.length > 0 ? "length" : "none" };
}

/** To the path that names the resource, with a page for people where oauth2-proxy has one. */
function moved(passed: Passed, location: string, page: boolean): void {
  const safe = location.replace(
    /[^\x21-\x7e]|["<>\\^`{|}]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16)}`,
  );
  if (!page || !/^(?:GET|HEAD)$/.test(passed.request.method ?? "")) {
    passed.reply(301, ["Location", safe]);
    return;
  }
  const link = safe.replaceAll("&", "&amp;").replaceAll("'", "&#39;");
  const body = Buffer.from(`<a href="${link}">Moved Permanently</a>.\n\n`);
  passed.reply(301, ["Content-Type", "text/html; charset=utf-8", "Location", safe], body);
}
