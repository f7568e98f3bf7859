/** The OpenID provider that the recording was made with, rebuilt. @module */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ProviderCall, ProviderPlan, TokenAnswer } from "./recording.ts";
import { claimsOf, opaque, type ProviderKeys } from "./tokens.ts";

/** A login that the provider has seen. */
interface Authorization {
  readonly code: string;
  readonly nonce: string | null;
}

/** A running provider. */
export interface GoldenProvider {
  readonly issuer: string;
  /** Calls since the last reset, without discovery and keys. */
  readonly calls: ProviderCall[];
  /** Behaves as planned from now on. */
  plan(plan: ProviderPlan): void;
  /** Takes a login URL, as a browser would bring it, and yields code and state. */
  authorize(location: string): { readonly code: string; readonly state: string };
  close(): Promise<void>;
}

const listOf = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value as T];

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += (chunk as Buffer).toString("utf8");
  return text;
}

function send(response: ServerResponse, status: number, value: unknown, headers = {}): void {
  response.writeHead(status, { "Content-Type": "application/json", ...headers });
  response.end(typeof value === "string" ? value : JSON.stringify(value));
}

/** Who the client says it is: `basic`, `body` or `none`. */
function authenticationOf(request: IncomingMessage, form: URLSearchParams): string {
  if (request.headers.authorization?.startsWith("Basic ")) return "basic";
  return form.has("client_secret") ? "body" : "none";
}

class Provider {
  readonly calls: ProviderCall[] = [];
  issuer = "";
  readonly #keys: ProviderKeys;
  readonly #now: () => number;
  #plan: ProviderPlan = {};
  #authorization: Authorization | undefined;
  #asked = new Map<string, number>();

  constructor(keys: ProviderKeys, now: () => number) {
    this.#keys = keys;
    this.#now = now;
  }

  plan(plan: ProviderPlan): void {
    this.#plan = plan;
    this.#asked = new Map();
    this.calls.length = 0;
  }

  authorize(location: string): { readonly code: string; readonly state: string } {
    const parameters = new URL(location).searchParams;
    this.#authorization = { code: opaque("code"), nonce: parameters.get("nonce") };
    return { code: this.#authorization.code, state: parameters.get("state") ?? "" };
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "";
    if (path === "/.well-known/openid-configuration") return send(response, 200, this.#metadata());
    if (path === "/jwks") return send(response, 200, this.#keys.jwks);
    const form = new URLSearchParams(await bodyOf(request));
    if (path === "/token") return this.#token(request, response, form);
    const bearer = request.headers.authorization?.startsWith("Bearer ") === true;
    if (path === "/userinfo") return this.#userinfo(response, bearer);
    const [place = ""] = path.split("?", 1);
    this.calls.push({ path, method: request.method ?? "", bearer });
    if (place === "/validate") response.writeHead(Number(this.#plan.validate ?? 200)).end();
    else if (place === "/logout") response.writeHead(this.#plan.logout ?? 200).end();
    else response.writeHead(404).end();
  }

  #metadata() {
    const at = (path: string) => `${this.issuer}${path}`;
    return {
      issuer: this.issuer,
      authorization_endpoint: at("/authorize"),
      token_endpoint: at("/token"),
      jwks_uri: at("/jwks"),
      userinfo_endpoint: at("/userinfo"),
      end_session_endpoint: at("/end"),
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
      // As the configuration of the recording: PKCE only where an option asks for it.
      code_challenge_methods_supported: [],
    };
  }

  #userinfo(response: ServerResponse, bearer: boolean): void {
    this.calls.push({ path: "/userinfo", bearer });
    const { status, ...claims } = this.#plan.userinfo ?? {};
    if (typeof status === "number") send(response, status, {});
    else send(response, 200, { sub: "sub-alice", ...claims });
  }

  #token(request: IncomingMessage, response: ServerResponse, form: URLSearchParams): void {
    const grant = form.get("grant_type") ?? "";
    const redirect = form.get("redirect_uri");
    this.calls.push({
      path: "/token",
      grant_type: grant,
      client_auth: authenticationOf(request, form),
      params: [...new Set(form.keys())].sort(),
      ...(redirect === null ? {} : { redirect_uri: redirect }),
    });
    const planned = listOf(grant === "refresh_token" ? this.#plan.refresh : this.#plan.token);
    const count = this.#asked.get(grant) ?? 0;
    this.#asked.set(grant, count + 1);
    const answer: TokenAnswer = planned[Math.min(count, planned.length - 1)] ?? {};
    if (answer.delay !== undefined) {
      const { delay, ...late } = answer;
      setTimeout(() => this.#answer(late, { request, response, form }), delay);
    } else this.#answer(answer, { request, response, form });
  }

  #answer(
    answer: TokenAnswer,
    {
      request,
      response,
      form,
    }: {
      readonly request: IncomingMessage;
      readonly response: ServerResponse;
      readonly form: URLSearchParams;
    },
  ): void {
    const grant = form.get("grant_type") ?? "";
    if (answer.close) return void request.socket.destroy();
    if (answer.hang) return;
    const { status = 200, body, headers } = answer;
    const unknown = grant === "authorization_code" && form.get("code") !== this.#authorization?.code;
    if (body !== undefined) send(response, status, body, headers);
    else if (unknown) send(response, 400, { error: "invalid_grant" });
    else send(response, status, this.#tokens(answer, grant));
  }

  #tokens({ set = {}, claims = {} }: TokenAnswer, grant: string): Record<string, unknown> {
    const nonce = grant === "authorization_code" ? this.#authorization?.nonce : null;
    const over = { ...(nonce ? { nonce } : {}), ...this.#plan.claims, ...claims };
    const idToken = this.#keys.sign(this.#plan.sign ?? {}, claimsOf(this.issuer, over, this.#now()));
    const tokens: Record<string, unknown> = {
      token_type: "Bearer",
      expires_in: 3600,
      scope: "openid email profile",
      access_token: this.#plan.jwtAccess ? idToken : opaque("at"),
      refresh_token: opaque("rt"),
      id_token: idToken,
    };
    for (const [name, value] of Object.entries(set)) {
      if (value === null) delete tokens[name];
      else tokens[name] = value;
    }
    return tokens;
  }
}

/** Starts a provider. @param now Milliseconds, the clock of the program under test. */
export async function startGoldenProvider(keys: ProviderKeys, now: () => number): Promise<GoldenProvider> {
  const provider = new Provider(keys, now);
  const server = createServer((request, response) => {
    provider.answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  provider.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer: provider.issuer,
    calls: provider.calls,
    plan: (plan) => provider.plan(plan),
    authorize: (location) => provider.authorize(location),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
