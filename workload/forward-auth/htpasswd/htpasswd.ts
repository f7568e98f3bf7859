/** Local users with passwords, by the form of the sign-in page and by HTTP Basic. */
import { createHmac, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { tellPassword } from "../log/events.ts";
import type { Log } from "../log/log.ts";
import type { Exchange } from "../server/exchange.ts";
import { Bounded } from "../session/bounded.ts";
import { newSessionId, type Session } from "../session/session.ts";
import type { Entry, SessionStore } from "../session/store.ts";
import type { Settings } from "../settings.ts";
import { type HtpasswdReading, readHtpasswd } from "./file.ts";
import { BcryptThread, type StoredPassword, verify } from "./passwords.ts";

/** Milliseconds for which a verified password is believed without computing it again. */
const REMEMBER = 60_000;

/** Wrong passwords for one user from one address before we stop to look, and milliseconds until we look again. */
const MOST_FAILURES = 10;
const PAUSE = 60_000;

/** Costs as much as a real one, so that nobody learns which users there are. */
const NOBODY: StoredPassword = {
  kind: "bcrypt",
  hash: "$2b$10$abcdefghijklmnopqrstuuJUtXPv7vmF8GFGJBRWTtTDZ3ZbkzI9m",
};

/** What local users need. */
export interface HtpasswdOptions {
  readonly settings: Settings;
  readonly sessions: SessionStore;
  readonly log: Log;
  readonly now: () => number;
}

/** The local users. */
export class Htpasswd {
  readonly #options: HtpasswdOptions;
  readonly #thread = new BcryptThread();
  readonly #key = randomBytes(32);
  readonly #failures = new Bounded<string, { readonly count: number; readonly until: number }>(10_000);
  #known = new Bounded<string, { readonly entry: Entry; readonly until: number }>(1000);
  #reading: HtpasswdReading = { users: new Map(), issues: [], weak: false };
  #text: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: HtpasswdOptions) {
    this.#options = options;
  }

  /** Reads the file now and then every `interval` milliseconds; one that cannot be read changes nothing. */
  async watch(interval: number): Promise<void> {
    await this.check();
    this.#timer = setInterval(() => void this.check(), interval).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#thread.close();
  }

  /** Reads the file when it has changed. */
  async check(): Promise<void> {
    const { settings, log } = this.#options;
    const file = settings.options.htpasswd_file;
    try {
      const text = await readFile(file, "utf8");
      if (text === this.#text) return;
      this.#text = text;
      this.#reading = readHtpasswd(text);
      this.#known = new Bounded(1000);
      for (const issue of this.#reading.issues)
        log.warn("htpasswd_file has a line that does not count", { issue });
      if (this.#reading.weak)
        log.warn("htpasswd_file has {SHA} passwords, which are quickly guessed: use bcrypt");
    } catch (error) {
      log.error("htpasswd_file cannot be read", {
        reason: String((error as NodeJS.ErrnoException).code ?? error),
      });
    }
  }

  /** The session of a user who filled in the form; undefined when user or password are wrong. */
  async form(user: string, password: string, exchange: Exchange): Promise<Entry | undefined> {
    if (user === "") return undefined;
    const good = await this.#verify(user, password, "form", exchange);
    return good ? this.#options.sessions.entry(this.#session(user, "")) : undefined;
  }

  /** The session of `Authorization: Basic`; undefined when it is none of a local user. */
  async basic(authorization: string, exchange: Exchange): Promise<Entry | undefined> {
    const [, credentials] = /^Basic ([A-Za-z0-9+/]+={0,2})$/.exec(authorization) ?? [];
    const text = Buffer.from(credentials ?? "", "base64").toString("utf8");
    const colon = text.indexOf(":");
    if (colon < 1) return undefined;
    const { now, settings, sessions } = this.#options;
    const key = createHmac("sha256", this.#key).update(text).digest("base64url");
    const known = this.#known.get(key);
    if (known !== undefined && known.until > now()) return known.entry;
    const user = text.slice(0, colon);
    if (!(await this.#verify(user, text.slice(colon + 1), "basic", exchange))) return undefined;
    const email = settings.options.prefer_email_to_user ? user : "";
    const entry = sessions.entry(this.#session(user, email));
    this.#known.set(key, { entry, until: now() + REMEMBER });
    return entry;
  }

  async #verify(user: string, password: string, how: "form" | "basic", exchange: Exchange): Promise<boolean> {
    const { now } = this.#options;
    const client = exchange.client;
    const key = `${client} ${user.slice(0, 256)}`;
    const failures = this.#failures.get(key);
    if (failures !== undefined && failures.until > now() && failures.count >= MOST_FAILURES) return false;
    const stored = this.#reading.users.get(user);
    const same = await verify(password, stored ?? NOBODY, this.#thread);
    if (same && stored !== undefined) {
      tellPassword(exchange, user, how, true);
      return true;
    }
    const count = failures !== undefined && failures.until > now() ? failures.count + 1 : 1;
    this.#failures.set(key, { count, until: now() + PAUSE });
    tellPassword(exchange, user, how, false);
    return false;
  }

  #session(user: string, email: string): Session {
    const at = this.#options.now();
    const groups = this.#options.settings.options.htpasswd_user_groups;
    return {
      id: newSessionId(),
      issuer: "",
      subject: user,
      email,
      preferredUsername: "",
      groups,
      createdAt: at,
      refreshedAt: at,
    };
  }
}
