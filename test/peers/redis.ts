import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createClient } from "redis";
import { freePort } from "./oauth2-proxy.ts";

/** Milliseconds after which a server that does not answer counts as broken. */
const PATIENCE = 10_000;

/** Why there is no real Redis; undefined when there is one. */
export function missingRedis(): string | undefined {
  try {
    execFileSync("redis-server", ["--version"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "redis-server is not on PATH (Debian: redis-server)";
  }
}

/** A running Redis server or sentinel. */
export interface RunningRedis {
  readonly port: number;
  /** Path of its Unix socket. */
  readonly socket: string;
  /** `redis://127.0.0.1:<port>`. */
  readonly url: string;
  /** Runs a command with redis-cli and returns what it prints. */
  cli(...args: readonly string[]): string;
  /** Stops it as it is: connections stay, nothing is answered. */
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
}

/** How to start one. */
export interface RedisStart {
  readonly port?: number;
  /** Lines of the configuration. */
  readonly lines?: readonly string[];
  readonly sentinel?: boolean;
  /** Arguments for redis-cli beside the port, such as a password. */
  readonly cli?: readonly string[];
}

/** Starts a server and waits until it answers. */
export async function startRedis(start: RedisStart = {}): Promise<RunningRedis> {
  const port = start.port ?? (await freePort());
  const folder = await mkdtemp(path.join(tmpdir(), "iap-redis-"));
  const socket = path.join(folder, "redis.sock");
  const file = path.join(folder, "redis.conf");
  const plain = start.lines?.some((line) => line.startsWith("tls-port")) ? [] : [`port ${port}`];
  const lines = [
    ...plain,
    "bind 127.0.0.1",
    'save ""',
    `dir ${folder}`,
    `unixsocket ${socket}`,
    ...(start.lines ?? []),
  ];
  const own = start.sentinel ? lines.filter((line) => !/^(save|unixsocket)/.test(line)) : lines;
  await writeFile(file, `${own.join("\n")}\n`);
  const child = spawn("redis-server", [file, ...(start.sentinel ? ["--sentinel"] : [])], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      log += text;
    });
  }
  const ended = once(child, "exit");
  const place = start.sentinel ? ["-p", String(port)] : ["-s", socket];
  const cli = (...args: readonly string[]): string =>
    execFileSync("redis-cli", [...place, ...(start.cli ?? []), ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  const answers = (): boolean => {
    try {
      return cli("ping") === "PONG";
    } catch {
      return false;
    }
  };
  const deadline = Date.now() + PATIENCE;
  while (!answers()) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error(`Cannot start redis-server: ${log}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    port,
    socket,
    url: `redis://127.0.0.1:${port}`,
    cli,
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    async close() {
      child.kill("SIGCONT");
      child.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Bytes of a key, past all clients under test. */
export async function readKey(url: string, key: string): Promise<Buffer | null> {
  const client = createClient({ url });
  await client.connect();
  const value = await client.withTypeMapping({ 36: Buffer }).get(key);
  client.destroy();
  return value as Buffer | null;
}
