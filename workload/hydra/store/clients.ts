import { randomBytes, randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { AdapterPayload } from "oidc-provider";
import * as v from "valibot";
import { hashSecret } from "./password.ts";

const uri = v.pipe(v.string(), v.url("must be an absolute URL"));
const strings = v.optional(v.array(v.string()));

const schema = v.object({
  client_id: v.optional(
    v.pipe(v.string(), v.regex(/^[\w.~-]{1,255}$/, "must be 1 to 255 of A-Z a-z 0-9 . _ ~ -")),
  ),
  client_name: v.optional(v.string(), ""),
  client_secret: v.optional(v.pipe(v.string(), v.minLength(6, "must have at least 6 characters"))),
  redirect_uris: v.optional(v.nullable(v.array(uri)), []),
  grant_types: v.optional(v.nullable(v.array(v.string())), ["authorization_code"]),
  response_types: v.optional(v.nullable(v.array(v.string())), ["code"]),
  scope: v.optional(v.string(), "offline_access offline openid"),
  audience: v.optional(v.nullable(v.array(v.string())), []),
  contacts: v.optional(v.nullable(v.array(v.string())), []),
  client_uri: v.optional(v.string(), ""),
  logo_uri: v.optional(v.string(), ""),
  policy_uri: v.optional(v.string(), ""),
  tos_uri: v.optional(v.string(), ""),
  post_logout_redirect_uris: strings,
  metadata: v.optional(v.nullable(v.record(v.string(), v.unknown())), {}),
  token_endpoint_auth_method: v.optional(
    v.picklist(["client_secret_basic", "client_secret_post", "none"]),
    "client_secret_basic",
  ),
});

/** An OAuth 2.0 client as the admin API shows it; the secret is there only in the answer that sets it. */
export type Client = v.InferOutput<typeof schema> & {
  readonly client_id: string;
  readonly created_at: string;
  readonly updated_at: string;
};

interface Row {
  readonly id: string;
  readonly secret_hash: string | null;
  readonly body: string;
  readonly created_at: string;
  readonly updated_at: string;
}

/** The client cannot be saved; `faults` says why, one entry a key. */
export class ClientError extends Error {
  readonly code = "ERR_CLIENT";
  override readonly name = "ClientError";
  readonly status: 400 | 409;
  constructor(message: string, status: 400 | 409 = 400) {
    super(message);
    this.status = status;
  }
}

const known = ["authorization_code", "refresh_token", "client_credentials"];

/** The OAuth 2.0 clients, kept in SQLite with their secrets hashed. */
export class Clients {
  readonly #database: DatabaseSync;
  readonly #now: () => number;

  constructor(database: DatabaseSync, now: () => number = Date.now) {
    this.#database = database;
    this.#now = now;
  }

  /**
   * Adds a client. A confidential one without a secret gets one of 26 characters.
   *
   * @returns The client with its secret, which is not stored and not shown again.
   * @throws {ClientError} `ERR_CLIENT`, 400 for keys that do not fit, 409 for an id in use.
   */
  async create(input: unknown): Promise<Client> {
    const { client_secret: given, ...body } = this.#parse(input);
    const id = body.client_id ?? randomUUID();
    if (this.#row(id)) throw new ClientError(`Cannot create client "${id}": the id is in use`, 409);
    const open = body.token_endpoint_auth_method === "none";
    const secret = open ? undefined : (given ?? randomBytes(20).toString("base64url").slice(0, 26));
    await this.#write(id, { ...body, client_id: id }, secret, new Date(this.#now()).toISOString());
    return { ...(this.get(id) as Client), ...(secret === undefined ? {} : { client_secret: secret }) };
  }

  /** Replaces a client; the secret stays unless a new one is given. `undefined`: there is no such client. */
  async replace(id: string, input: unknown): Promise<Client | undefined> {
    const row = this.#row(id);
    if (!row) return undefined;
    const { client_secret: secret, ...body } = this.#parse(input);
    await this.#write(id, { ...body, client_id: id }, secret, row.created_at, row.secret_hash);
    return { ...(this.get(id) as Client), ...(secret === undefined ? {} : { client_secret: secret }) };
  }

  get(id: string): Client | undefined {
    const row = this.#row(id);
    return row && this.#client(row);
  }

  list(): Client[] {
    const rows = this.#database
      .prepare("SELECT * FROM client ORDER BY created_at, id")
      .all() as unknown as Row[];
    return rows.map((row) => this.#client(row));
  }

  /** @returns Whether there was one to delete. */
  remove(id: string): boolean {
    return this.#database.prepare("DELETE FROM client WHERE id = ?").run(id).changes > 0;
  }

  /** The client in the provider's own words; its `client_secret` is the stored hash. */
  metadata(id: string): AdapterPayload | undefined {
    const row = this.#row(id);
    if (!row) return undefined;
    const client = this.#client(row);
    const grants = (client.grant_types ?? []).filter((grant) => known.includes(grant));
    const code = grants.includes("authorization_code");
    return {
      client_id: id,
      ...(row.secret_hash === null ? {} : { client_secret: row.secret_hash }),
      ...(client.client_name ? { client_name: client.client_name } : {}),
      redirect_uris: code ? (client.redirect_uris ?? []) : [],
      grant_types: grants,
      response_types: code ? ["code"] : [],
      token_endpoint_auth_method: client.token_endpoint_auth_method,
      ...(client.post_logout_redirect_uris
        ? { post_logout_redirect_uris: client.post_logout_redirect_uris }
        : {}),
    } as AdapterPayload;
  }

  #parse(input: unknown): v.InferOutput<typeof schema> {
    const result = v.safeParse(schema, input);
    if (!result.success) {
      const faults = result.issues.map((issue) => `"${v.getDotPath(issue) ?? ""}": ${issue.message}`);
      throw new ClientError(`Cannot save client: ${faults.join("; ")}`);
    }
    const client = result.output;
    if (client.grant_types?.includes("authorization_code") && !client.redirect_uris?.length) {
      throw new ClientError('Cannot save client: "redirect_uris": must have an entry for authorization_code');
    }
    return client;
  }

  async #write(
    id: string,
    body: object,
    secret: string | undefined,
    createdAt: string,
    kept: string | null = null,
  ) {
    const hash = secret === undefined ? kept : await hashSecret(secret);
    this.#database
      .prepare(
        "INSERT OR REPLACE INTO client (id, secret_hash, body, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
      )
      .run(id, hash, JSON.stringify(body), createdAt, new Date(this.#now()).toISOString());
  }

  #row(id: string): Row | undefined {
    return this.#database.prepare("SELECT * FROM client WHERE id = ?").get(id) as Row | undefined;
  }

  #client(row: Row): Client {
    const body = JSON.parse(row.body) as Client;
    return { ...body, client_id: row.id, created_at: row.created_at, updated_at: row.updated_at };
  }
}
