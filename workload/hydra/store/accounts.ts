import { randomBytes, randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { hashSecret, verifySecret } from "./password.ts";

/** Wrong passwords in a row after which an account rests. */
const MAX_FAILURES = 8;
const LOCK_MS = 60_000;

/** A person who can sign in, without the password. */
export interface Account {
  readonly id: string;
  readonly email: string;
  readonly name?: string;
  readonly groups: readonly string[];
}

interface Row {
  readonly id: string;
  readonly email: string;
  readonly password_hash: string;
  readonly claims: string;
  readonly failures: number;
  readonly locked_until: number;
}

/** The account cannot be made or changed as asked. */
export class AccountError extends Error {
  readonly code = "ERR_ACCOUNT";
  override readonly name = "AccountError";
}

/** A password nobody has to invent: 96 random bits, in four groups. */
export function generatePassword(): string {
  return randomBytes(12).toString("hex").match(/.{6}/g)?.join("-") ?? "";
}

/** The people the stand-in knows. */
export class Accounts {
  readonly #database: DatabaseSync;
  readonly #now: () => number;
  #decoy: Promise<string> | undefined;

  constructor(database: DatabaseSync, now: () => number = Date.now) {
    this.#database = database;
    this.#now = now;
  }

  /**
   * Adds a person, or sets the password, name and groups of one who is there.
   *
   * @throws {AccountError} `ERR_ACCOUNT` for text that is no e-mail address, or a password under 8 characters.
   */
  async save(account: {
    email: string;
    password: string;
    name?: string;
    groups?: readonly string[];
  }): Promise<Account> {
    const email = account.email.trim().toLowerCase();
    if (!/^[^\s@"<>]+@[^\s@"<>]+$/.test(email) || email.length > 254) {
      throw new AccountError(`Cannot save account "${email}": it is no e-mail address`);
    }
    if (account.password.length < 8 || account.password.length > 256) {
      throw new AccountError(`Cannot save account "${email}": the password must have 8 to 256 characters`);
    }
    const claims = JSON.stringify({ name: account.name, groups: account.groups ?? [] });
    this.#database
      .prepare(
        `INSERT INTO account (id, email, password_hash, claims) VALUES (?, ?, ?, ?)
         ON CONFLICT (email) DO UPDATE SET password_hash = excluded.password_hash, claims = excluded.claims,
           failures = 0, locked_until = 0`,
      )
      .run(randomUUID(), email, await hashSecret(account.password), claims);
    return this.#account(this.#row("email", email) as Row);
  }

  list(): Account[] {
    const rows = this.#database.prepare("SELECT * FROM account ORDER BY email").all() as unknown as Row[];
    return rows.map((row) => this.#account(row));
  }

  find(id: string): Account | undefined {
    const row = this.#row("id", id);
    return row && this.#account(row);
  }

  /** @returns Whether there was one to delete. */
  remove(email: string): boolean {
    return (
      this.#database.prepare("DELETE FROM account WHERE email = ?").run(email.trim().toLowerCase()).changes >
      0
    );
  }

  /**
   * Checks a sign-in. Takes as long for an unknown address as for a wrong password, and lets an account
   * rest for a minute after eight wrong ones.
   */
  async authenticate(email: string, password: string): Promise<Account | "locked" | undefined> {
    const row = this.#row("email", email.trim().toLowerCase());
    if (!row) {
      this.#decoy ??= hashSecret(generatePassword());
      await verifySecret(password, await this.#decoy);
      return undefined;
    }
    if (row.locked_until > this.#now()) return "locked";
    if (await verifySecret(password, row.password_hash)) {
      this.#database.prepare("UPDATE account SET failures = 0, locked_until = 0 WHERE id = ?").run(row.id);
      return this.#account(row);
    }
    this.#database
      .prepare(
        `UPDATE account SET failures = CASE WHEN failures + 1 >= ? THEN 0 ELSE failures + 1 END,
           locked_until = CASE WHEN failures + 1 >= ? THEN ? ELSE locked_until END WHERE id = ?`,
      )
      .run(MAX_FAILURES, MAX_FAILURES, this.#now() + LOCK_MS, row.id);
    return undefined;
  }

  #row(column: "id" | "email", value: string): Row | undefined {
    return this.#database.prepare(`SELECT * FROM account WHERE ${column} = ?`).get(value) as Row | undefined;
  }

  #account(row: Row): Account {
    const { name, groups } = JSON.parse(row.claims) as { name?: string; groups: string[] };
    return { id: row.id, email: row.email, groups, ...(name === undefined ? {} : { name }) };
  }
}
