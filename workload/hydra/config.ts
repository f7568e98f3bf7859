/**
 * The configuration file, of which the stand-in reads the keys that the charm writes. Spelling and
 * defaults are those of Ory Hydra's configuration reference; keys it does not know are left alone.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { parse } from "yaml";

const listener = (port: number) =>
  v.optional(
    v.object({ host: v.optional(v.string(), ""), port: v.optional(v.pipe(v.number(), v.integer()), port) }),
    {},
  );

const secret = v.pipe(v.string(), v.minLength(16, "must have at least 16 characters"));

const schema = v.object({
  dsn: v.string(),
  dev: v.optional(v.boolean(), false),
  log: v.optional(v.object({ level: v.optional(v.string(), "info") }), {}),
  serve: v.optional(v.object({ public: listener(4444), admin: listener(4445) }), {}),
  secrets: v.object({
    system: v.pipe(v.array(secret), v.minLength(1, "must have an entry")),
    cookie: v.optional(v.array(secret), []),
  }),
  urls: v.object({ self: v.object({ issuer: v.pipe(v.string(), v.url()) }) }),
});

/** What the stand-in was told, with defaults filled in. */
export type HydraConfig = v.InferOutput<typeof schema>;

/** The file cannot be used; every fault is in the message, one a line. */
export class ConfigError extends Error {
  readonly code = "ERR_CONFIG";
  override readonly name = "ConfigError";
}

/**
 * Checks the text of a configuration file.
 *
 * @param text YAML.
 * @param options.dsn Overrides the key `dsn`, as the variable `DSN` does.
 * @param options.dev Allows an issuer with plain HTTP.
 * @throws {ConfigError} `ERR_CONFIG`, naming every key that does not fit.
 */
export function parseConfig(
  text: string,
  options: { dsn?: string | undefined; dev?: boolean } = {},
): HydraConfig {
  let raw: unknown;
  try {
    raw = parse(text);
  } catch (error) {
    throw new ConfigError(`Cannot parse the configuration: ${(error as Error).message}`, { cause: error });
  }
  const input = raw !== null && typeof raw === "object" && !Array.isArray(raw) ? { ...raw } : {};
  if (options.dsn) Object.assign(input, { dsn: options.dsn });
  const result = v.safeParse(schema, input);
  if (!result.success) {
    const faults = result.issues.map((issue) => `"${v.getDotPath(issue) ?? ""}": ${issue.message}`);
    throw new ConfigError(`Cannot use the configuration:\n${faults.join("\n")}`);
  }
  const config = { ...result.output, dev: result.output.dev || options.dev === true };
  if (!config.dev && new URL(config.urls.self.issuer).protocol !== "https:") {
    throw new ConfigError('Cannot use "urls.self.issuer": it is not https, set "dev: true" for plain HTTP');
  }
  return config;
}

/** Reads and checks a configuration file; see {@link parseConfig}. */
export async function readConfig(
  file: string,
  options: { dsn?: string | undefined; dev?: boolean } = {},
): Promise<HydraConfig> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new ConfigError(
      `Cannot read the configuration "${file}": ${(error as NodeJS.ErrnoException).code}`,
      {
        cause: error,
      },
    );
  }
  return parseConfig(text, options);
}
