/**
 * Records in Redis, under oauth2-proxy's names, with its lifetimes and its locks.
 *
 * @see oauth2-proxy/oauth2-proxy: pkg/sessions/redis/redis_store.go, lock.go
 * @module
 */
import { randomBytes } from "node:crypto";
import type { RecordKeeper } from "../keeper.ts";
import { type SessionLock, StoreUnavailableError } from "../store.ts";
import type { RedisConnection } from "./connection.ts";

/**
 * Milliseconds a lock lasts without being extended: longer than a provider may take to answer, and short enough that a
 * replica that died does not keep the others waiting.
 */
export const LOCK_LIFE = 15_000;

/** Milliseconds that the record of a health check lasts at most. */
const CHECK_LIFE = 10_000;

/** Replaces a value that is still the one given. */
export const SWAP =
  'if redis.call("get", KEYS[1]) == ARGV[1] then redis.call("set", KEYS[1], ARGV[2], "px", ARGV[3]) return 1 end return 0';
/** Deletes a lock that is still one's own. */
export const RELEASE =
  'if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("del", KEYS[1]) end return 0';
/** Lengthens a lock that is still one's own. */
export const EXTEND =
  'if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("pexpire", KEYS[1], ARGV[2]) end return 0';

/** The keeper. */
export class RedisKeeper implements RecordKeeper {
  readonly #connection: RedisConnection;
  readonly #checkKey: string;

  /** @param cookieName Name of the session cookie, which the names of records begin with. */
  constructor(connection: RedisConnection, cookieName: string) {
    this.#connection = connection;
    this.#checkKey = `${cookieName}-healthcheck-${randomBytes(8).toString("hex")}`;
  }

  async get(id: string): Promise<Buffer | undefined> {
    return (await this.#connection.run((redis) => redis.get(id))) ?? undefined;
  }

  async set(id: string, value: Buffer, life: number): Promise<void> {
    await this.#connection.run((redis) => redis.set(id, value, life));
  }

  async swap(id: string, before: Buffer, value: Buffer, life: number): Promise<boolean> {
    const args = [before, value, String(Math.round(life))];
    return (await this.#connection.run((redis) => redis.run(SWAP, id, args))) === 1;
  }

  async delete(id: string): Promise<void> {
    await this.#connection.run((redis) => redis.delete(id));
  }

  async lock(id: string): Promise<SessionLock | undefined> {
    const key = `${id}.lock`;
    const token = randomBytes(16).toString("base64url");
    const taken = await this.#connection.run((redis) => redis.setIfAbsent(key, token, LOCK_LIFE));
    return taken ? this.#lock(key, token) : undefined;
  }

  async check(): Promise<void> {
    const key = this.#checkKey;
    const value = randomBytes(8).toString("hex");
    await this.#connection.run((redis) => redis.set(key, value, CHECK_LIFE));
    const found = await this.#connection.run((redis) => redis.get(key));
    if (found?.toString() !== value) throw new StoreUnavailableError("what was written is not what is read");
    await this.#connection.run((redis) => redis.delete(key));
  }

  close(): void {
    this.#connection.close();
  }

  /** Extends a lock until it is released. */
  #lock(key: string, token: string): SessionLock {
    const attempt = async (script: string, args: readonly string[]) => {
      try {
        await this.#connection.run((redis) => redis.run(script, key, args));
      } catch (error) {
        // It runs out by itself, and whoever takes it then finds the record changed, or not.
        if (!(error instanceof StoreUnavailableError)) throw error;
      }
    };
    const timer = setInterval(() => void attempt(EXTEND, [token, String(LOCK_LIFE)]), LOCK_LIFE / 3).unref();
    return {
      async release() {
        clearInterval(timer);
        await attempt(RELEASE, [token]);
      },
    };
  }
}
