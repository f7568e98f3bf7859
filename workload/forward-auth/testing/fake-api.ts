/** A provider made of routes, for tests: it answers what a test says and remembers what it was asked. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";
import { PROVIDER_DEFAULTS } from "../options/flat/provider.ts";
import type { ProviderSettings, ProviderType } from "../options/structure.ts";
import type { Kind } from "../provider/kind.ts";
import { KINDS } from "../provider/kinds.ts";
import { OAuthProvider } from "../provider/oauth-provider.ts";
import { type Provider, ProviderError } from "../provider/provider.ts";

/** A request that came. */
export interface Call {
  readonly method: string;
  /** Path with query. */
  readonly url: string;
  readonly authorization: string;
  readonly headers: IncomingMessage["headers"];
  readonly form: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An answer: JSON unless it is text. */
export interface Reply {
  readonly status?: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Never answers. */
  readonly hang?: true;
  /** Closes the connection. */
  readonly close?: true;
}

/** What a route answers. */
export type Route = Reply | ((call: Call) => Reply | Promise<Reply>);

/** A running fake. */
export interface FakeApi {
  readonly origin: string;
  readonly calls: Call[];
  /** By path without query, or by path with query. */
  readonly routes: Record<string, Route>;
  /** `GET /user/orgs?page=1` and so on, since the last call of this. */
  asked(): string[];
  /** A token signed with the provider's key, over claims that are good. */
  sign(
    claims?: Readonly<Record<string, unknown>>,
    header?: Record<string, unknown>,
    key?: CryptoKey,
  ): Promise<string>;
  readonly jwk: JWK;
  close(): Promise<void>;
}

const keys = generateKeyPair("RS256", { extractable: true });

async function readCall(request: IncomingMessage): Promise<Call> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  const isForm = request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true;
  return {
    method: request.method ?? "",
    url: request.url ?? "",
    authorization: request.headers.authorization ?? "",
    headers: request.headers,
    form: isForm ? Object.fromEntries(new URLSearchParams(body)) : {},
    body,
  };
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply.hang) return;
  if (reply.close) {
    response.destroy();
    return;
  }
  const type = reply.text === undefined ? "application/json" : "text/plain";
  response.writeHead(reply.status ?? 200, { "content-type": type, ...reply.headers });
  response.end(reply.text ?? (reply.json === undefined ? "" : JSON.stringify(reply.json)));
}

/** Starts a fake with discovery, keys and a token endpoint, all of which a test may replace. */
export async function startFakeApi(routes: Readonly<Record<string, Route>> = {}): Promise<FakeApi> {
  const calls: Call[] = [];
  const { publicKey, privateKey } = await keys;
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid: "k1", use: "sig", alg: "RS256" };
  const table: Record<string, Route> = {};
  const server = createServer((request, response) => {
    void readCall(request).then(async (call) => {
      calls.push(call);
      const route = table[call.url] ?? table[call.url.split("?", 1)[0] ?? ""] ?? { status: 404, json: {} };
      send(response, typeof route === "function" ? await route(call) : route);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sign: FakeApi["sign"] = (claims = {}, header = {}, key = privateKey) => {
    const at = Math.floor(Date.now() / 1000);
    const good = {
      iss: origin,
      aud: "client",
      sub: "sub-ada",
      email: "ada@example.com",
      email_verified: true,
    };
    const over = { ...good, groups: ["ops"], preferred_username: "ada", iat: at, exp: at + 600, ...claims };
    const payload = Object.fromEntries(Object.entries(over).filter(([, value]) => value !== undefined));
    return new SignJWT(payload as JWTPayload)
      .setProtectedHeader({ alg: "RS256", kid: "k1", ...header })
      .sign(key);
  };
  Object.assign(table, {
    "/.well-known/openid-configuration": { json: discovery(origin) },
    "/jwks": { json: { keys: [jwk] } },
    "/token": async () => ({
      json: { access_token: "access", refresh_token: "refresh", id_token: await sign(), expires_in: 3600 },
    }),
    ...routes,
  });
  let seen = 0;
  return {
    origin,
    calls,
    routes: table,
    asked() {
      const fresh = calls.slice(seen).map(({ method, url }) => `${method} ${url}`);
      seen = calls.length;
      return fresh;
    },
    sign,
    jwk,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A discovery document whose endpoints are all there. */
export function discovery(origin: string): Record<string, unknown> {
  return {
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    userinfo_endpoint: `${origin}/userinfo`,
    jwks_uri: `${origin}/jwks`,
    end_session_endpoint: `${origin}/end`,
    revocation_endpoint: `${origin}/revoke`,
    introspection_endpoint: `${origin}/introspect`,
    id_token_signing_alg_values_supported: ["RS256"],
    code_challenge_methods_supported: ["S256"],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
  };
}

/** What a test chooses about a provider. */
export interface TestProviderChoice {
  readonly type?: ProviderType;
  readonly kind?: Kind;
  readonly settings?: Partial<ProviderSettings>;
  readonly revokes?: boolean;
  readonly hosts?: readonly string[];
  readonly now?: () => number;
  readonly warnings?: string[];
}

/** A provider at a fake. Its addresses, also those that everybody knows, are the fake's. */
export async function providerAt(api: FakeApi, choice: TestProviderChoice = {}): Promise<OAuthProvider> {
  const { type = "oidc", settings: over = {}, warnings = [] } = choice;
  const settings: ProviderSettings = {
    ...PROVIDER_DEFAULTS,
    id: type,
    type,
    clientId: "client",
    clientSecret: "secret",
    ...over,
    oidc: { ...PROVIDER_DEFAULTS.oidc, issuerUrl: api.origin, ...over.oidc },
  };
  const provider = new OAuthProvider({
    settings,
    kind: choice.kind ?? KINDS[type],
    listener: {
      found: () => {},
      failed: (_, __, reason) => warnings.push(reason),
      warn: (_, message) => warnings.push(message),
    },
    extraClaims: () => [],
    revokes: choice.revokes ?? false,
    hosts: choice.hosts,
    now: choice.now ?? Date.now,
  });
  await provider.start();
  return provider;
}

/** Addresses of a provider that is not discovered. */
export function fixedAt(origin: string): Partial<ProviderSettings> {
  return { loginUrl: `${origin}/authorize`, redeemUrl: `${origin}/token` };
}

/** An authorization answer as a login of ours expects it. */
export const ANSWER = {
  code: "code",
  redirectUri: "https://app.example.com/oauth2/callback",
  verifier: "v".repeat(43),
  nonce: undefined,
  iss: undefined,
} as const;

/** A token answer without an ID token. */
export const OPAQUE: Route = { json: { access_token: "access" } };

/** The fakes of one test. */
export class Fakes {
  readonly #open: FakeApi[] = [];

  async start(routes: Readonly<Record<string, Route>> = {}): Promise<FakeApi> {
    const api = await startFakeApi(routes);
    this.#open.push(api);
    return api;
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((api) => api.close()));
  }
}

/** Signs in: who it was and whether the configured groups admit them, or the reason of the refusal. Closes the provider. */
export async function signIn(provider: Provider): Promise<unknown> {
  try {
    const { identity } = await provider.redeem(ANSWER);
    const { subject, email, groups, preferredUsername } = identity;
    return { subject, email, groups, preferredUsername, admitted: provider.authorizes(identity) };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return error.reason;
  } finally {
    provider.close();
  }
}
