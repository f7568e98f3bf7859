import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { LogLine } from "../api.ts";
import { LocalError } from "../errors.ts";

const SCHEMA = `
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS models (uuid TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, snapshot TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS numbers (key TEXT PRIMARY KEY, number INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS processes (pid INTEGER PRIMARY KEY, started TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS objects (
  model TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (model, kind, name));
CREATE TABLE IF NOT EXISTS log (
  id INTEGER PRIMARY KEY, model TEXT NOT NULL, time INTEGER NOT NULL,
  entity TEXT NOT NULL, level TEXT NOT NULL, module TEXT NOT NULL, message TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS log_model ON log (model, id);
`;

/** Lines of the debug log that are kept for each model. */
const LOG_LINES = 100_000;

export interface StoredModel {
  readonly uuid: string;
  readonly name: string;
  readonly snapshot: string;
}

export interface StoredObject {
  readonly kind: string;
  readonly name: string;
  readonly value: string;
}

type Row = Record<string, string | number>;

/**
 * The durable state of a controller. Open, it is also the lock: SQLite holds the file for this process
 * alone, and the operating system lets go of it however the process ends.
 */
export class Store {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** @throws {LocalError} `ERR_CONTROLLER_LOCKED` while another process has it open. */
  constructor(path: string) {
    this.#db = new DatabaseSync(path);
    try {
      this.#db.exec(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL",
      );
      this.#db.exec(`BEGIN EXCLUSIVE; ${SCHEMA} COMMIT`);
    } catch (error) {
      this.#db.close();
      if (!/locked|busy/.test(String(error))) throw error;
      throw new LocalError("ERR_CONTROLLER_LOCKED", `Cannot open ${path}: another controller has it open`, {
        cause: error,
      });
    }
  }

  close(): void {
    this.#db.close();
  }

  /** All or nothing. */
  transaction(work: () => void): void {
    this.#db.exec("BEGIN");
    try {
      work();
      this.#db.exec("COMMIT");
    } catch (error) {
      this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  meta(key: string): string | undefined {
    return this.#get("SELECT value FROM meta WHERE key = ?", key)?.["value"] as string | undefined;
  }

  setMeta(key: string, value: string): void {
    this.#run("INSERT OR REPLACE INTO meta VALUES (?, ?)", key, value);
  }

  models(): StoredModel[] {
    return this.#all("SELECT uuid, name, snapshot FROM models ORDER BY name") as unknown as StoredModel[];
  }

  saveModel({ uuid, name, snapshot }: StoredModel): void {
    this.#run("INSERT OR REPLACE INTO models VALUES (?, ?, ?)", uuid, name, snapshot);
  }

  /** Forgets a model with its log and objects. */
  removeModel(uuid: string): void {
    this.transaction(() => {
      this.#run("DELETE FROM models WHERE uuid = ?", uuid);
      this.#run("DELETE FROM objects WHERE model = ?", uuid);
      this.#run("DELETE FROM log WHERE model = ?", uuid);
    });
  }

  /** The number given to a key, made by `next` when it has none; keys keep theirs. */
  number(key: string, next: (taken: ReadonlySet<number>) => number): number {
    const known = this.#get("SELECT number FROM numbers WHERE key = ?", key);
    if (known) return known["number"] as number;
    const taken = new Set(this.#all("SELECT number FROM numbers").map((row) => row["number"] as number));
    const number = next(taken);
    this.#run("INSERT INTO numbers VALUES (?, ?)", key, number);
    return number;
  }

  /** Forgets the numbers of keys that begin so. */
  forgetNumbers(prefix: string): void {
    this.#run("DELETE FROM numbers WHERE substr(key, 1, ?) = ?", prefix.length, prefix);
  }

  processes(): { readonly pid: number; readonly started: string }[] {
    return this.#all("SELECT pid, started FROM processes") as unknown as { pid: number; started: string }[];
  }

  addProcess(pid: number, started: string): void {
    this.#run("INSERT OR REPLACE INTO processes VALUES (?, ?)", pid, started);
  }

  removeProcess(pid: number): void {
    this.#run("DELETE FROM processes WHERE pid = ?", pid);
  }

  objects(model: string): StoredObject[] {
    return this.#all(
      "SELECT kind, name, value FROM objects WHERE model = ?",
      model,
    ) as unknown as StoredObject[];
  }

  saveObject(model: string, { kind, name, value }: StoredObject): void {
    this.#run("INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?)", model, kind, name, value);
  }

  removeObject(model: string, kind: string, name: string): void {
    this.#run("DELETE FROM objects WHERE model = ? AND kind = ? AND name = ?", model, kind, name);
  }

  /** @returns The line with its number. */
  addLog(model: string, line: Omit<LogLine, "id">): LogLine {
    const { time, entity, level, module, message } = line;
    const insert = "INSERT INTO log (model, time, entity, level, module, message) VALUES (?, ?, ?, ?, ?, ?)";
    const id = Number(this.#prepare(insert).run(model, time, entity, level, module, message).lastInsertRowid);
    if (id % 1000 === 0) this.#run("DELETE FROM log WHERE model = ? AND id <= ?", model, id - LOG_LINES);
    return { id, ...line };
  }

  /** Lines behind a number, oldest first. */
  log(model: string, after = 0): LogLine[] {
    const query =
      "SELECT id, time, entity, level, module, message FROM log WHERE model = ? AND id > ? ORDER BY id";
    return this.#all(query, model, after) as unknown as LogLine[];
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #run(sql: string, ...values: (string | number)[]): void {
    this.#prepare(sql).run(...values);
  }

  #get(sql: string, ...values: (string | number)[]): Row | undefined {
    return this.#prepare(sql).get(...values) as Row | undefined;
  }

  #all(sql: string, ...values: (string | number)[]): Row[] {
    return this.#prepare(sql).all(...values) as Row[];
  }
}
