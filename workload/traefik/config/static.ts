/** The static configuration: what is read once, at the start. @module */

import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { parse } from "yaml";
import { durationMs } from "./duration.ts";
import { ConfigFault } from "./fault.ts";
import { spelled } from "./spelling.ts";

const flag = v.optional(
  v.pipe(
    v.unknown(),
    v.transform((value) => String(value) === "true"),
  ),
  false,
);
/** As `flag`, and left out when it is not given. */
const given = v.optional(
  v.pipe(
    v.unknown(),
    v.transform((value) => String(value) === "true"),
  ),
);
const duration = (ms: number) =>
  v.optional(
    v.pipe(
      v.unknown(),
      v.transform((value) => durationMs(value)),
      v.number("must be a duration"),
    ),
    `${ms}ms`,
  );

/** Options about escapes in a path: without one an escape is taken, with `false` it is refused. */
const ENCODED_CHARACTERS = [
  "allowEncodedSlash",
  "allowEncodedBackSlash",
  "allowEncodedNullCharacter",
  "allowEncodedSemicolon",
  "allowEncodedPercent",
  "allowEncodedQuestionMark",
  "allowEncodedHash",
] as const;
export type EncodedCharacter = (typeof ENCODED_CHARACTERS)[number];

const entryPoint = v.strictObject({
  address: v.string(),
  asDefault: flag,
  transport: v.optional(
    v.strictObject({
      respondingTimeouts: v.optional(
        v.strictObject({
          readTimeout: duration(60_000),
          writeTimeout: duration(0),
          idleTimeout: duration(180_000),
        }),
        {},
      ),
      lifeCycle: v.optional(
        v.strictObject({ requestAcceptGraceTimeout: duration(0), graceTimeOut: duration(10_000) }),
        {},
      ),
    }),
    {},
  ),
  http: v.optional(
    v.looseObject({
      encodedCharacters: v.nullish(v.looseObject(v.entriesFromList(ENCODED_CHARACTERS, given))),
      encodeQuerySemicolons: flag,
      maxHeaderBytes: v.optional(v.pipe(v.unknown(), v.transform(Number))),
      redirections: v.optional(
        v.strictObject({
          entryPoint: v.strictObject({
            to: v.string(),
            scheme: v.optional(v.string(), "https"),
            permanent: v.optional(
              v.pipe(
                v.unknown(),
                v.transform((value) => String(value) !== "false"),
              ),
              true,
            ),
            priority: v.optional(v.number()),
          }),
        }),
      ),
    }),
    {},
  ),
  forwardedHeaders: v.optional(
    v.looseObject({ insecure: flag, trustedIPs: v.optional(v.array(v.string()), []) }),
    {},
  ),
});

const schema = v.looseObject({
  log: v.optional(
    v.looseObject({ level: v.optional(v.string(), "ERROR"), format: v.optional(v.string(), "common") }),
    {},
  ),
  entryPoints: v.optional(v.record(v.string(), entryPoint), {}),
  ping: v.optional(v.nullable(v.looseObject({ entryPoint: v.optional(v.string(), "traefik") }))),
  api: v.optional(v.nullable(v.looseObject({ insecure: flag }))),
  metrics: v.optional(
    v.nullable(
      v.looseObject({
        prometheus: v.optional(v.nullable(v.looseObject({ entryPoint: v.optional(v.string(), "traefik") }))),
      }),
    ),
  ),
  providers: v.optional(
    v.looseObject({
      providersThrottleDuration: duration(2000),
      file: v.optional(
        v.looseObject({
          directory: v.optional(v.string()),
          filename: v.optional(v.string()),
          watch: v.optional(v.boolean(), true),
        }),
      ),
    }),
    {},
  ),
});

/** What Traefik was told at the start, defaults filled in. Durations in milliseconds. */
export type StaticConfig = v.InferOutput<typeof schema>;
export type EntryPointConfig = v.InferOutput<typeof entryPoint>;

/**
 * Reads a static configuration.
 *
 * @throws {ConfigFault} `ERR_CONFIG`, naming every key that does not fit.
 */
export async function readStatic(file: string): Promise<StaticConfig> {
  let raw: unknown;
  try {
    raw = parse(await readFile(file, "utf8")) ?? {};
  } catch (error) {
    throw new ConfigFault(`Cannot read ${file}: ${(error as Error).message.split("\n")[0]}`, {
      cause: error,
    });
  }
  const result = v.safeParse(schema, spelled(schema, raw));
  if (result.success) return result.output;
  const faults = result.issues.map((issue) => `${v.getDotPath(issue) ?? ""}: ${issue.message}`);
  throw new ConfigFault(`Cannot use ${file}: ${faults.join("; ")}`);
}
