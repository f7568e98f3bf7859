/** A real OpenID provider for tests, in process, with accounts that sign in with a name and any password. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import OidcProvider from "oidc-provider";

/** Claims of one account, by its name. */
export type Accounts = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A running provider. */
export interface TestProvider {
  readonly issuer: string;
  readonly port: number;
  /** Requests to the token endpoint so far, by grant type. */
  readonly tokenRequests: Map<string, number>;
  /** Answers everything with this status; undefined: as usual. */
  broken: number | undefined;
  readonly accounts: Record<string, Record<string, unknown>>;
  close(): Promise<void>;
}

/** What a test chooses. */
export interface TestProviderOptions {
  readonly accounts: Accounts;
  readonly redirectUris: readonly string[];
  /** Port to listen on, 0 for a free one. */
  readonly port?: number;
  /** Its name, which may have a path; by default the address that it listens on. With https and no certificate a gateway ends TLS. */
  readonly issuer?: string;
  /** PEM texts, for TLS. */
  readonly certificate?: { readonly cert: string; readonly key: string };
  readonly client?: { readonly id: string; readonly secret: string };
}

const CLIENT = { id: "forward-auth", secret: "client-secret-0123456789" };

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

function configuration(accounts: Accounts, { redirectUris, client = CLIENT }: TestProviderOptions) {
  return {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        grant_types: ["authorization_code", "refresh_token"],
        redirect_uris: [...redirectUris],
        response_types: ["code" as const],
      },
    ],
    claims: { email: ["email", "email_verified"], profile: ["preferred_username"], groups: ["groups"] },
    scopes: ["openid", "offline_access", "email", "profile", "groups"],
    cookies: { keys: ["test-cookie-key"] },
    features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: false } },
    issueRefreshToken: async () => true,
    rotateRefreshToken: true,
    pkce: { required: () => true },
    findAccount: (_: unknown, id: string) =>
      accounts[id] === undefined
        ? undefined
        : { accountId: id, claims: async () => ({ sub: id, ...accounts[id] }) },
  };
}

/** Consent is given before it is asked for. */
async function grantEverything(ctx: {
  oidc: { client?: { clientId: string }; session?: { accountId?: string }; provider: OidcProvider };
}) {
  const { client, session, provider } = ctx.oidc;
  const ids = {
    ...(client ? { clientId: client.clientId } : {}),
    ...(session?.accountId ? { accountId: session.accountId } : {}),
  };
  const grant = new provider.Grant(ids);
  grant.addOIDCScope("openid offline_access email profile groups");
  grant.addOIDCClaims(["email", "email_verified", "preferred_username", "groups"]);
  await grant.save();
  return grant;
}

/** Leaves the path of the issuer out of the request's, where a gateway has not done so. */
function mounted(request: IncomingMessage & { originalUrl?: string }, issuer: string): void {
  const prefix = new URL(issuer).pathname.replace(/\/$/, "");
  const url = request.url ?? "/";
  request.url = prefix !== "" && url.startsWith(`${prefix}/`) ? url.slice(prefix.length) : url;
  request.originalUrl = prefix + request.url;
}

/** Starts a provider. */
export async function startProvider(options: TestProviderOptions): Promise<TestProvider> {
  const accounts: Record<string, Record<string, unknown>> = structuredClone(options.accounts) as never;
  const tokenRequests = new Map<string, number>();
  let handle: ReturnType<OidcProvider["callback"]> | undefined;
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    if (test.broken !== undefined) {
      response.writeHead(test.broken).end();
      return;
    }
    mounted(request, issuer);
    void handle?.(request, response);
  };
  const { certificate } = options;
  const server = certificate === undefined ? createServer(serve) : createSecureServer(certificate, serve);
  const port = await listen(server, options.port ?? 0);
  const issuer = options.issuer ?? `http://127.0.0.1:${port}`;
  const base = configuration(accounts, options);
  const provider = new OidcProvider(issuer, {
    ...base,
    loadExistingGrant: grantEverything as never,
  } as never);
  provider.proxy = issuer.startsWith("https:") && certificate === undefined;
  provider.on("grant.success", (ctx) => count(tokenRequests, String(ctx.oidc.params?.["grant_type"])));
  provider.on("grant.error", (ctx) => count(tokenRequests, String(ctx.oidc.params?.["grant_type"])));
  handle = provider.callback();
  const test: TestProvider = {
    issuer,
    port,
    tokenRequests,
    broken: undefined,
    accounts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return test;
}

function count(map: Map<string, number>, key: string): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}
