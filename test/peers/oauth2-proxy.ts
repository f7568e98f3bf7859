import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import path from "node:path";
import { buildGoProgram, type Peer } from "./go-program.ts";

export const OAUTH2_PROXY_VERSION = "7.15.3";

/** Milliseconds after which a program that does not listen counts as broken. */
const PATIENCE = 15_000;

/** The real oauth2-proxy. */
export const buildOauth2Proxy = (): Promise<Peer> =>
  buildGoProgram({
    name: "oauth2-proxy",
    version: OAUTH2_PROXY_VERSION,
    module: "github.com/oauth2-proxy/oauth2-proxy/v7",
    package: ".",
  });

/** Our program as it runs from its sources: program and leading arguments. */
export const OURS = [
  process.execPath,
  "--conditions=charmed-iap:source",
  "--disable-warning=ExperimentalWarning",
  path.resolve(import.meta.dirname, "../../workload/forward-auth/bin/oauth2-proxy"),
] as const;

/** A running oauth2-proxy, the real one or ours. */
export interface RunningProxy {
  readonly port: number;
  readonly pid: number;
  /** `http://127.0.0.1:<port>`. */
  readonly origin: string;
  /** Everything it wrote to standard output and standard error so far. */
  log(): string;
  /** SIGTERM, then waits for its end; the exit code. */
  close(): Promise<number | null>;
}

/** How to start it. */
export interface ProxyStart {
  /** Program and its leading arguments: `[program]`, or `[process.execPath, ..., "main.ts"]`. */
  readonly command: readonly [string, ...string[]];
  /** Flags; `--http-address` is added. */
  readonly flags: readonly string[];
  /** Variables beside PATH and HOME; nothing else of our environment is handed on. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Port to listen on; a free one otherwise. */
  readonly port?: number;
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/**
 * Starts an oauth2-proxy and waits until `/ready` answers 200: ours listens before it has found its provider.
 *
 * @throws {Error} When it ends or is silent for 15 s; the message holds its log.
 */
export async function startProxy({ command, flags, environment, port }: ProxyStart): Promise<RunningProxy> {
  const [program, ...leading] = command;
  const chosen = port ?? (await freePort());
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(program, [...leading, `--http-address=127.0.0.1:${chosen}`, ...flags], {
    env: { PATH, HOME, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      log += text;
    });
  }
  const ended = once(child, "exit") as Promise<[number | null]>;
  const origin = `http://127.0.0.1:${chosen}`;
  const deadline = Date.now() + PATIENCE;
  while (!(await answers(`${origin}/ready`))) {
    const gone = child.exitCode !== null || child.signalCode !== null;
    if (!gone && Date.now() < deadline) continue;
    child.kill("SIGKILL");
    throw new Error(`Cannot start ${program}: ${gone ? `exit code ${child.exitCode}` : "silent"}\n${log}`);
  }
  return {
    port: chosen,
    pid: child.pid ?? 0,
    origin,
    log: () => log,
    async close() {
      child.kill("SIGTERM");
      return (await ended)[0];
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).status === 200;
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 10));
    return false;
  }
}
