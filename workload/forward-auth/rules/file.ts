/**
 * The rules file: read at start and again whenever it changes. A file that cannot be read, or only half of which is
 * there, changes nothing: the rules of before stay; if there were none, everything is denied.
 */
import { readFile, stat } from "node:fs/promises";
import { buildRules, NO_RULES, type Rules } from "./rules.ts";
import { type RulesIssue, readRules } from "./schema.ts";

/** Told about each reading. */
export interface RulesListener {
  loaded(applications: number, issues: readonly RulesIssue[]): void;
  refused(issues: readonly RulesIssue[]): void;
}

/** Changes whenever the file does. */
async function fingerprint(path: string): Promise<string> {
  const { mtimeNs, size, ino } = await stat(path, { bigint: true });
  return `${ino} ${size} ${mtimeNs}`;
}

/** The rules of a file. */
export class RulesSource {
  readonly #path: string;
  readonly #providers: readonly string[];
  readonly #listener: RulesListener;
  #rules: Rules = NO_RULES;
  #loaded = false;
  #seen = "";
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  /** @param providers Ids of the configured providers, the first one first. */
  constructor(path: string, providers: readonly string[], listener: RulesListener) {
    this.#path = path;
    this.#providers = providers;
    this.#listener = listener;
  }

  /** The rules in force. */
  get rules(): Rules {
    return this.#rules;
  }

  /** False until a file could be read: everything is denied until then. */
  get loaded(): boolean {
    return this.#loaded;
  }

  /** Reads the file now, and looks for changes every `interval` milliseconds. */
  async watch(interval: number): Promise<void> {
    await this.check();
    this.#timer = setInterval(() => void this.check(), interval).unref();
  }

  /** Stops looking. */
  close(): void {
    clearInterval(this.#timer);
  }

  /** Reads the file if it changed; one look after the other, so that none comes back with what was there before. */
  check(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look());
    return this.#looking;
  }

  async #look(): Promise<void> {
    try {
      const before = await fingerprint(this.#path);
      if (before === this.#seen) return;
      const text = await readFile(this.#path, "utf8");
      this.#seen = before;
      this.#take(text);
    } catch (error) {
      const reason = String((error as NodeJS.ErrnoException).code ?? error);
      if (this.#seen !== reason) this.#listener.refused([{ path: "", message: reason }]);
      this.#seen = reason;
    }
  }

  #take(text: string): void {
    const reading = readRules(text);
    if (!reading.ok) {
      this.#listener.refused(reading.issues);
      return;
    }
    const { rules, issues } = buildRules(reading, this.#providers);
    this.#rules = rules;
    this.#loaded = true;
    this.#listener.loaded(rules.applications.length, issues);
  }
}
