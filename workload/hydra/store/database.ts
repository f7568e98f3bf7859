import { mkdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ConfigError } from "../config.ts";

const schema = `
  CREATE TABLE IF NOT EXISTS artifact (
    model TEXT NOT NULL, id TEXT NOT NULL, payload TEXT NOT NULL, grant_id TEXT, user_code TEXT, uid TEXT,
    expires_at INTEGER, consumed_at INTEGER, PRIMARY KEY (model, id)) STRICT;
  CREATE INDEX IF NOT EXISTS artifact_grant ON artifact (grant_id);
  CREATE INDEX IF NOT EXISTS artifact_uid ON artifact (uid);
  CREATE TABLE IF NOT EXISTS client (
    id TEXT PRIMARY KEY, secret_hash TEXT, body TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS signing_key (kid TEXT PRIMARY KEY, jwk TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS account (
    id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, password_hash TEXT NOT NULL, claims TEXT NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0, locked_until INTEGER NOT NULL DEFAULT 0) STRICT;
`;

/**
 * Opens the database a DSN names and makes its tables.
 *
 * @param dsn `memory`, or `sqlite:///absolute/path?_fk=true`; anything after `?` is for Ory Hydra's driver.
 * @throws {ConfigError} For any other DSN: the stand-in has SQLite only.
 */
export function openDatabase(dsn: string): DatabaseSync {
  const file = /^sqlite:\/\/(\/[^?]*)(\?.*)?$/.exec(dsn)?.[1];
  if (dsn !== "memory" && !file) {
    throw new ConfigError(
      'Cannot use "dsn": the stand-in for Hydra has SQLite only, use sqlite:///PATH or memory',
    );
  }
  if (file) mkdirSync(path.dirname(file), { recursive: true });
  const database = new DatabaseSync(file ?? ":memory:");
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000");
  database.exec(schema);
  return database;
}
