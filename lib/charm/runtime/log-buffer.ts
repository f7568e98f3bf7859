import type { HookCommands } from "../../hook/hook-commands.ts";
import { type Log, type LogLevel, logLine } from "../log.ts";
import type { Redactor } from "./redactor.ts";

/**
 * Log lines of one hook, sent in few calls: neighbours of one level travel together. Sent whatever happens
 * to the hook, for Juju keeps them also when it fails.
 */
export class LogBuffer {
  readonly #redactor: Redactor;
  #groups: { readonly level: LogLevel; readonly lines: string[] }[] = [];

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  readonly log: Log = {
    debug: (message, keys) => this.add("DEBUG", logLine(message, keys)),
    info: (message, keys) => this.add("INFO", logLine(message, keys)),
    warning: (message, keys) => this.add("WARNING", logLine(message, keys)),
    error: (message, keys) => this.add("ERROR", logLine(message, keys)),
  };

  add(level: LogLevel, line: string): void {
    const last = this.#groups.at(-1);
    if (last?.level === level) last.lines.push(line);
    else this.#groups.push({ level, lines: [line] });
  }

  /** Sends what there is; values of secrets seen until now do not appear. */
  async flush(juju: HookCommands): Promise<void> {
    const groups = this.#groups;
    this.#groups = [];
    for (const { level, lines } of groups) await juju.jujuLog(level, this.#redactor.clean(lines.join("\n")));
  }
}
