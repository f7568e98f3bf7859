/** The global rules: who may sign in at all, whatever the application. */
import { readFile } from "node:fs/promises";
import type { Settings } from "../settings.ts";
import type { Subject } from "./access.ts";
import { type EmailRule, emailRule } from "./email.ts";

/** Addresses in a file: one a line, `#` begins a comment; `*` is no wildcard. */
function addresses(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return lines
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(",", 1)[0] ?? "");
}

/** Domains and addresses of the configuration. Groups are asked for by providers. */
export class Gate {
  readonly #settings: Settings;
  readonly #asked: boolean;
  /** As oauth2-proxy reads them: who has no address is not asked for one. */
  readonly #compat: boolean;
  #emails: EmailRule;
  #text: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(settings: Settings) {
    const { email_domains, authenticated_emails_file } = settings.options;
    this.#settings = settings;
    this.#asked = email_domains.length > 0 || authenticated_emails_file !== "";
    this.#compat = settings.mode === "compat";
    this.#emails = emailRule([], email_domains, this.#compat);
  }

  /** True when the address may pass. Without configured ones every one may: then the rules file decides. */
  admits({ email }: Pick<Subject, "email">): boolean {
    return !this.#asked || (this.#compat && email === "") || this.#emails.matches(email);
  }

  /**
   * Reads the file of addresses now and then every `interval` milliseconds.
   *
   * @param failed Told about a file that cannot be read.
   * @param changed Told when other people may pass.
   */
  async watch(interval: number, failed: (reason: string) => void, changed: () => void): Promise<void> {
    if (this.#settings.options.authenticated_emails_file === "") return;
    await this.check(failed, changed);
    this.#timer = setInterval(() => void this.check(failed, changed), interval).unref();
  }

  /** Stops looking. */
  close(): void {
    clearInterval(this.#timer);
  }

  /** Reads the file of addresses; one that cannot be read changes nothing. */
  async check(failed: (reason: string) => void, changed: () => void): Promise<void> {
    const { authenticated_emails_file, email_domains } = this.#settings.options;
    try {
      const text = await readFile(authenticated_emails_file, "utf8");
      if (text === this.#text) return;
      this.#text = text;
      this.#emails = emailRule(addresses(text), email_domains, this.#compat);
      changed();
    } catch (error) {
      failed(String((error as NodeJS.ErrnoException).code ?? error));
    }
  }
}
