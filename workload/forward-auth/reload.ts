/** Reading the configuration again, on SIGHUP or when one of its files changes, without dropping a request. */
import { statSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import type { Log } from "./log/log.ts";
import { openLog } from "./log/open.ts";
import type { Switches } from "./options/flags.ts";
import { grpcTls } from "./options/flat/servers.ts";
import { LOGGING } from "./options/groups/logging.ts";
import type { OptionKey } from "./options/table.ts";
import type { Serving } from "./server/serve.ts";
import { ConfigurationError, readSettings, type Settings, UsageError } from "./settings.ts";

/** What a reloader needs. */
export interface ReloaderOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly args: readonly string[];
  readonly switches: Switches;
  readonly serving: Serving;
  readonly log: Log;
}

const stamp = (file: string): string => {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? "absent" : `${found.ino} ${found.size} ${found.mtimeMs}`;
};

const sameLog = (one: Settings, other: Settings): boolean =>
  (Object.keys(LOGGING) as OptionKey[]).every((key) =>
    isDeepStrictEqual(one.options[key], other.options[key]),
  );

/** True when listeners would have to be opened anew. */
const sameListeners = (one: Settings, other: Settings): boolean =>
  isDeepStrictEqual(one.structure.server, other.structure.server) &&
  isDeepStrictEqual(one.structure.metricsServer, other.structure.metricsServer) &&
  one.options.grpc_address === other.options.grpc_address &&
  isDeepStrictEqual(grpcTls(one.options), grpcTls(other.options));

/** Reads the configuration again. Files that others watch (rules, addresses, CAs, certificates, headers' secrets) are not its matter. */
export class Reloader {
  readonly #options: ReloaderOptions;
  readonly #first: Settings;
  #settings: Settings;
  #log: Log;
  #seen: string;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: ReloaderOptions) {
    this.#options = options;
    this.#first = options.serving.context.settings;
    this.#settings = this.#first;
    this.#log = options.log;
    this.#seen = this.#stamps();
  }

  /** Looks at the files every `interval` milliseconds. */
  watch(interval: number): void {
    this.#timer = setInterval(() => void this.check(), interval).unref();
  }

  /** Stops looking. */
  close(): void {
    clearInterval(this.#timer);
  }

  #stamps(): string {
    const { config, alphaConfig } = this.#options.switches;
    const files = [config, alphaConfig, this.#settings.options.cookie_secret_file];
    return files
      .filter((file) => file !== "")
      .map(stamp)
      .join();
  }

  /** Reads again when a file has changed. */
  async check(): Promise<void> {
    if (this.#stamps() !== this.#seen) await this.reload("a file changed");
  }

  /** Reads again; one after the other. What does not hold together changes nothing and is logged. */
  reload(reason: string): Promise<void> {
    this.#seen = this.#stamps();
    this.#running = this.#running.then(() => this.#reload(reason));
    return this.#running;
  }

  async #reload(reason: string): Promise<void> {
    const { environment, args, serving } = this.#options;
    try {
      const settings = readSettings(environment, args);
      const log = sameLog(settings, this.#settings) ? this.#log : openLog(settings.options);
      await serving.reload(settings, log);
      if (log !== this.#log) this.#log.flush();
      this.#log = log;
      this.#settings = settings;
      this.#seen = this.#stamps();
      for (const warning of settings.warnings) log.warn(warning);
      if (!sameListeners(settings, this.#first)) {
        log.warn("addresses and TLS options of listeners stay as they are until the program is restarted");
      }
      log.info("configuration read again", { reason });
    } catch (error) {
      this.#refuse(error, reason);
    }
  }

  #refuse(error: unknown, reason: string): void {
    const told = error instanceof ConfigurationError || error instanceof UsageError;
    if (!told && !(error instanceof RangeError)) throw error;
    const problems = told ? error.problems : [error.message];
    this.#log.error("configuration not read again: the one of before stays", { reason, problems });
  }
}
