import type { DatabaseSync } from "node:sqlite";
import type { Adapter, AdapterConstructor, AdapterPayload } from "oidc-provider";
import type { Clients } from "./clients.ts";

const nowSeconds = (): number => Math.floor(Date.now() / 1000);

interface Row {
  readonly payload: string;
  readonly expires_at: number | null;
  readonly consumed_at: number | null;
}

function payloadOf(row: Row | undefined): AdapterPayload | undefined {
  if (!row || (row.expires_at !== null && row.expires_at <= nowSeconds())) return undefined;
  const payload = JSON.parse(row.payload) as AdapterPayload;
  return row.consumed_at === null ? payload : { ...payload, consumed: row.consumed_at };
}

/**
 * Keeps what the provider remembers (sessions, grants, codes, tokens) in SQLite. Clients come from their
 * own table, which the admin API writes.
 *
 * @see oidc-provider: documentation of the adapter contract
 */
export function artifactAdapter(database: DatabaseSync, clients: Clients): AdapterConstructor {
  const upsert = database.prepare(
    `INSERT INTO artifact (model, id, payload, grant_id, user_code, uid, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (model, id) DO UPDATE SET payload = excluded.payload, grant_id = excluded.grant_id,
       user_code = excluded.user_code, uid = excluded.uid, expires_at = excluded.expires_at`,
  );
  const columns = "payload, expires_at, consumed_at";
  const byId = database.prepare(`SELECT ${columns} FROM artifact WHERE model = ? AND id = ?`);
  const byUid = database.prepare(`SELECT ${columns} FROM artifact WHERE model = ? AND uid = ?`);
  const byUserCode = database.prepare(`SELECT ${columns} FROM artifact WHERE model = ? AND user_code = ?`);
  const consume = database.prepare("UPDATE artifact SET consumed_at = ? WHERE model = ? AND id = ?");
  const destroy = database.prepare("DELETE FROM artifact WHERE model = ? AND id = ?");
  const revoke = database.prepare("DELETE FROM artifact WHERE grant_id = ?");

  return class implements Adapter {
    readonly #model: string;
    constructor(model: string) {
      this.#model = model;
    }
    async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
      const expiresAt = expiresIn ? nowSeconds() + expiresIn : null;
      const { grantId = null, userCode = null, uid = null } = payload;
      upsert.run(this.#model, id, JSON.stringify(payload), grantId, userCode, uid, expiresAt);
    }
    async find(id: string): Promise<AdapterPayload | undefined> {
      if (this.#model === "Client") return clients.metadata(id);
      return payloadOf(byId.get(this.#model, id) as Row | undefined);
    }
    async findByUid(uid: string): Promise<AdapterPayload | undefined> {
      return payloadOf(byUid.get(this.#model, uid) as Row | undefined);
    }
    async findByUserCode(code: string): Promise<AdapterPayload | undefined> {
      return payloadOf(byUserCode.get(this.#model, code) as Row | undefined);
    }
    async consume(id: string): Promise<void> {
      consume.run(nowSeconds(), this.#model, id);
    }
    async destroy(id: string): Promise<void> {
      destroy.run(this.#model, id);
    }
    async revokeByGrantId(grantId: string): Promise<void> {
      revoke.run(grantId);
    }
  };
}

/** Deletes what has expired; called now and then by the server. */
export function sweep(database: DatabaseSync): void {
  database.prepare("DELETE FROM artifact WHERE expires_at IS NOT NULL AND expires_at <= ?").run(nowSeconds());
}

/** Ends every token and session of one client, or of one subject. */
export function revokeWhere(database: DatabaseSync, field: "clientId" | "accountId", value: string): number {
  return Number(
    database.prepare("DELETE FROM artifact WHERE json_extract(payload, ?) = ?").run(`$.${field}`, value)
      .changes,
  );
}
