/** Everything that a recorded case needs around it: provider, application, and the program under test. @module */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createLog } from "../log/log.ts";
import { serve } from "../server/serve.ts";
import { readSettings } from "../settings.ts";
import { startTestRedis, type TestRedis } from "../testing/redis.ts";
import { type Peer, startPeer } from "./peer.ts";
import { filled, type Places } from "./places.ts";
import { type GoldenProvider, startGoldenProvider } from "./provider.ts";
import type { RecordedConfig } from "./recording.ts";
import type { ProviderKeys } from "./tokens.ts";
import { type EchoUpstream, startUpstream } from "./upstream.ts";

/** When the recorded sessions were signed, in milliseconds; the clock never shows less. */
const SIGNED_AT = 1_795_463_400_000;

/** A clock that a case can put forward. */
export interface Clock {
  readonly now: () => number;
  /** Lets time pass: at once where the program has our clock. */
  wait(milliseconds: number): Promise<void>;
}

function createClock(real: boolean): Clock {
  let ahead = Math.max(0, SIGNED_AT + 60_000 - Date.now());
  return {
    now: () => Date.now() + ahead,
    wait: async (milliseconds) => {
      if (real) await new Promise((resolve) => setTimeout(resolve, milliseconds));
      else ahead += milliseconds;
    },
  };
}

/** What cases share, one after the other. */
export interface Stage {
  /** The program to start; undefined: ours, in this process. */
  readonly program: string | undefined;
  readonly keys: ProviderKeys;
  readonly clock: Clock;
  readonly provider: GoldenProvider;
  readonly second: GoldenProvider;
  readonly upstream: EchoUpstream;
  readonly redis: TestRedis;
  close(): Promise<void>;
}

/** Starts what stands around the program. */
export async function startStage(keys: ProviderKeys, program?: string): Promise<Stage> {
  const clock = createClock(program !== undefined);
  const [provider, second, upstream, redis] = await Promise.all([
    startGoldenProvider(keys, clock.now),
    startGoldenProvider(keys, clock.now),
    startUpstream(),
    startTestRedis(clock.now),
  ]);
  return {
    program,
    keys,
    clock,
    provider,
    second,
    upstream,
    redis,
    close: async () => {
      await Promise.all([provider.close(), second.close(), upstream.close(), redis.close()]);
    },
  };
}

/** A program that serves under a recorded configuration. */
export interface Subject {
  readonly port: number;
  readonly secondPort: number;
  readonly places: Places;
  /** What the program wrote. */
  readonly log: string[];
  /** Its error lines. */
  readonly errors: string[];
  close(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const CERTIFICATES: Readonly<Record<string, string>> = {
  "@tls-cert": "issuer.pem",
  "@tls-key": "issuer-key.pem",
};

export function writeFiles(folder: string, files: Readonly<Record<string, string>>, places: Places): void {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    const stored = CERTIFICATES[content];
    const bytes =
      stored === undefined
        ? filled(content, places)
        : readFileSync(path.join(import.meta.dirname, "../testdata", stored));
    writeFileSync(file, bytes);
  }
}

export function environmentOf(
  base: Readonly<Record<string, string>>,
  config: RecordedConfig,
  places: Places,
): Record<string, string> {
  // Said aloud what oauth2-proxy takes for granted, so that requests to upstreams can be compared.
  const implied = {
    HTTP_ADDRESS: `127.0.0.1:${places["PORT"]}`,
    PASS_SESSION_COOKIES: "true",
  };
  const variables = { ...implied, ...base, ...config.env };
  const given = Object.entries(variables).flatMap(([name, value]) =>
    value === null ? [] : [[`OAUTH2_PROXY_${name}`, filled(value, places)]],
  );
  const raw = Object.entries(config.rawEnv ?? {}).map(([name, value]) => [name, filled(value, places)]);
  return Object.fromEntries([...given, ...raw]);
}

/** Starts the program as recorded. */
export async function startSubject(
  stage: Stage,
  base: Readonly<Record<string, string>>,
  config: RecordedConfig,
): Promise<Subject> {
  const folder = mkdtempSync(path.join(tmpdir(), "golden-"));
  const [port, secondPort, dead] = await Promise.all([freePort(), freePort(), freePort()]);
  const places: Places = {
    OP: stage.provider.issuer,
    OP2: stage.second.issuer,
    UP: stage.upstream.url,
    UPHOST: stage.upstream.url.slice("http://".length),
    DEAD: `http://127.0.0.1:${dead}`,
    DEADHOST: `127.0.0.1:${dead}`,
    DIR: folder,
    REDIS: stage.redis.url,
    PORT: String(port),
    PORT2: String(secondPort),
    SELF: `127.0.0.1:${port}`,
    SELF2: `127.0.0.1:${secondPort}`,
    SECRET: "0123456789abcdef0123456789abcdef",
  };
  try {
    writeFiles(folder, config.files ?? {}, places);
    const args = (config.args ?? []).map((arg) => filled(arg, places));
    const environment = environmentOf(base, config, places);
    const running = stage.program
      ? await startPeer(stage.program, args, environment, port)
      : await startOurs(stage, args, environment);
    return {
      port,
      secondPort,
      places,
      log: running.log,
      errors: running.errors,
      async close() {
        await running.close();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Our program, in this process. */
async function startOurs(
  stage: Stage,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Peer> {
  const log: string[] = [];
  const errors: string[] = [];
  const settings = readSettings(environment, args);
  const sink = createLog(settings.options, {
    output: { write: (line) => void log.push(line) },
    errors: { write: (line) => void errors.push(line) },
  });
  const serving = await serve(settings, sink, stage.clock.now);
  await serving.context.provider.start();
  return { log, errors, close: () => serving.close() };
}
