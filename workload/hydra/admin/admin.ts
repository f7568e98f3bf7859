import type { IncomingMessage, ServerResponse } from "node:http";
import type { DatabaseSync } from "node:sqlite";
import type Provider from "oidc-provider";
import { BodyTooLargeError, readBody } from "../server/body.ts";
import { AccountError, type Accounts, generatePassword } from "../store/accounts.ts";
import { revokeWhere } from "../store/artifacts.ts";
import { ClientError, type Clients } from "../store/clients.ts";
import { addKey, signingKeys } from "../store/keys.ts";
import { VERSION } from "../version.ts";

/** What the admin API works on. */
export interface AdminParts {
  readonly database: DatabaseSync;
  readonly clients: Clients;
  readonly accounts: Accounts;
  readonly provider: Provider;
}

interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

type Handle = (call: {
  parts: AdminParts;
  id: string;
  query: URLSearchParams;
  body: unknown;
}) => Answer | Promise<Answer>;

const notFound: Answer = {
  status: 404,
  body: { error: "Not Found", error_description: "Unable to locate the resource", status_code: 404 },
};
const failure = (status: number, error: string, description: string): Answer => ({
  status,
  body: { error, error_description: description, status_code: status },
});

const saveAccount: Handle = async ({ parts, body }) => {
  const { email = "", password, name, groups } = (body ?? {}) as Record<string, unknown>;
  const chosen = typeof password === "string" && password !== "" ? password : generatePassword();
  const account = await parts.accounts.save({
    email: String(email),
    password: chosen,
    ...(typeof name === "string" ? { name } : {}),
    groups: Array.isArray(groups) ? groups.map(String) : [],
  });
  return { status: 201, body: { ...account, ...(chosen === password ? {} : { password: chosen }) } };
};

const introspect: Handle = async ({ parts, body }) => {
  const value = String((body as Record<string, string> | null)?.["token"] ?? "");
  const { AccessToken, ClientCredentials, RefreshToken } = parts.provider;
  const token =
    (await AccessToken.find(value)) ??
    (await ClientCredentials.find(value)) ??
    (await RefreshToken.find(value));
  if (!token?.isValid) return { status: 200, body: { active: false } };
  const { clientId, scope, iat, exp, accountId } = token as typeof token & { accountId?: string };
  const use = token.kind === "RefreshToken" ? "refresh_token" : "access_token";
  return {
    status: 200,
    body: {
      active: true,
      client_id: clientId,
      scope,
      iat,
      exp,
      sub: accountId ?? clientId,
      iss: parts.provider.issuer,
      token_type: "Bearer",
      token_use: use,
    },
  };
};

const publicPart = ({ kty, kid, use, alg, n, e }: Record<string, unknown>) => ({ kty, kid, use, alg, n, e });

/** Method and path (a last `*` stands for one segment) → what answers. */
const table: Readonly<Record<string, Handle>> = {
  "GET /health/alive": () => ({ status: 200, body: { status: "ok" } }),
  "GET /health/ready": ({ parts }) => {
    parts.database.prepare("SELECT 1").get();
    return { status: 200, body: { status: "ok" } };
  },
  "GET /version": () => ({ status: 200, body: { version: VERSION } }),
  "GET /admin/clients": ({ parts }) => ({ status: 200, body: parts.clients.list() }),
  "POST /admin/clients": async ({ parts, body }) => ({ status: 201, body: await parts.clients.create(body) }),
  "GET /admin/clients/*": ({ parts, id }) => {
    const client = parts.clients.get(id);
    return client ? { status: 200, body: client } : notFound;
  },
  "PUT /admin/clients/*": async ({ parts, id, body }) => {
    const client = await parts.clients.replace(id, body);
    return client ? { status: 200, body: client } : notFound;
  },
  "DELETE /admin/clients/*": ({ parts, id }) => {
    if (!parts.clients.remove(id)) return notFound;
    revokeWhere(parts.database, "clientId", id);
    return { status: 204 };
  },
  "DELETE /admin/oauth2/tokens": ({ parts, query }) => {
    const id = query.get("client_id");
    if (!id) return failure(400, "invalid_request", "Query parameter 'client_id' is missing");
    revokeWhere(parts.database, "clientId", id);
    return { status: 204 };
  },
  "DELETE /admin/oauth2/auth/sessions/login": ({ parts, query }) => {
    const subject = query.get("subject");
    if (!subject) return failure(400, "invalid_request", "Query parameter 'subject' is missing");
    revokeWhere(parts.database, "accountId", subject);
    return { status: 204 };
  },
  "POST /admin/oauth2/introspect": introspect,
  "GET /admin/keys/*": async ({ parts }) => ({
    status: 200,
    body: { keys: (await signingKeys(parts.database)).map(publicPart) },
  }),
  "POST /admin/keys/*": async ({ parts }) => ({
    status: 201,
    body: { keys: [publicPart(await addKey(parts.database))] },
  }),
  "GET /admin/accounts": ({ parts }) => ({ status: 200, body: parts.accounts.list() }),
  "POST /admin/accounts": saveAccount,
  "DELETE /admin/accounts/*": ({ parts, id }) => (parts.accounts.remove(id) ? { status: 204 } : notFound),
};

async function parseBody(request: IncomingMessage): Promise<unknown> {
  const text = (await readBody(request, 1_048_576)).toString("utf8");
  if (text === "") return null;
  if (request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  return JSON.parse(text);
}

async function answer(parts: AdminParts, request: IncomingMessage): Promise<Answer> {
  const url = new URL(request.url ?? "/", "http://host");
  const path = url.pathname.replace(/\/$/, "");
  const last = path.slice(path.lastIndexOf("/") + 1);
  const exact = table[`${request.method} ${path}`];
  const handle = exact ?? table[`${request.method} ${path.slice(0, path.length - last.length)}*`];
  if (!handle) return notFound;
  try {
    const body = await parseBody(request);
    return await handle({ parts, id: decodeURIComponent(last), query: url.searchParams, body });
  } catch (error) {
    if (error instanceof ClientError) return failure(error.status, "invalid_client_metadata", error.message);
    if (error instanceof AccountError) return failure(400, "invalid_request", error.message);
    if (error instanceof BodyTooLargeError) return failure(413, "invalid_request", error.message);
    if (error instanceof SyntaxError || error instanceof URIError) {
      return failure(400, "invalid_request", "The request is not well-formed");
    }
    throw error;
  }
}

/** Answers one request of the admin API; the network in front of it is what protects it, as with Hydra. */
export async function admin(
  parts: AdminParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, body } = await answer(parts, request);
  if (body === undefined) {
    response.writeHead(status).end();
    return;
  }
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
  });
  response.end(`${JSON.stringify(body)}\n`);
}
