import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PebbleClient } from "../../pebble/client.ts";
import { PebbleUnreachableError } from "../../pebble/errors.ts";
import type { PebbleTransport } from "../../pebble/transport.ts";
import { unixSocket } from "../../pebble/unix-socket.ts";
import { type RootedPebble, rooted } from "./rooted.ts";

/** How a real Pebble is started. */
export interface StartPebbleOptions {
  /** The `pebble` program; default the one on PATH. */
  readonly program?: string;
  /** Folder that is the container's file system, made if missing; default a temporary one, which goes when Pebble is stopped. */
  readonly root?: string;
  /** Variables for Pebble and its programs, beside PATH, and HOME, which is the root. */
  readonly environment?: Readonly<Record<string, string>>;
  /** More arguments of `pebble run`. */
  readonly args?: readonly string[];
}

/** A real Pebble that runs on this machine; `await using` stops it where its block ends. */
export interface StartedPebble extends AsyncDisposable {
  /** For `containers.<name>.pebble`. */
  readonly transport: RootedPebble;
  /** The container's file system. */
  readonly root: string;
  readonly socket: string;
  /** Stops its services, waits for its end, and removes what it kept. */
  stop(): Promise<void>;
}

/**
 * Starts a real Pebble as Juju does, holding its services, with a folder as its container's file system and a socket of its own.
 * Programs are this machine's, and run as whoever runs the test.
 *
 * @throws {Error} When the program does not start; with what it said.
 *
 * @example
 * ```ts
 * await using pebble = await startPebble({ program: "/usr/bin/pebble" });
 * const containers = { web: { pebble: pebble.transport } };
 * const { status } = await transition(charm, "web-pebble-ready", { containers });
 * ```
 */
export async function startPebble(options: StartPebbleOptions = {}): Promise<StartedPebble> {
  const { program = "pebble", args = [] } = options;
  // In a folder with a short name: the path of a socket ends at 107 bytes.
  const home = await mkdtemp(path.join(tmpdir(), "pebble-"));
  const root = path.resolve(options.root ?? path.join(home, "root"));
  await mkdir(root, { recursive: true });
  const own = { PEBBLE: path.join(home, "p"), PEBBLE_SOCKET: undefined };
  const env = { PATH: process.env["PATH"] ?? "", HOME: root, ...options.environment, ...own };
  const stdio = ["ignore", "ignore", "pipe"] as const;
  const child = spawn(program, ["run", "--create-dirs", "--hold", ...args], { env, stdio: [...stdio] });
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-2000);
  });
  let isOver = false;
  const ended = new Promise<void>((resolve) => {
    const over = (why: string) => {
      isOver = true;
      said += why;
      resolve();
    };
    child.once("error", ({ message }) => over(message));
    child.once("close", (code) => over(`exit code ${code}`));
  });
  const kill = () => void child.kill("SIGTERM");
  process.once("exit", kill);
  const socket = path.join(home, "p", ".pebble.socket");
  const transport = unixSocket(socket);
  const stop = async () => {
    process.off("exit", kill);
    transport.close();
    kill();
    await ended;
    await rm(home, { recursive: true, force: true });
  };
  while (!(await answers(transport))) {
    if (isOver) {
      await stop();
      throw new Error(
        `Cannot start Pebble: "${program}" must be Canonical's pebble, by path or on PATH: ${said}`,
      );
    }
    await sleep(5);
  }
  return { transport: rooted(transport, root), root, socket, stop, [Symbol.asyncDispose]: stop };
}

async function answers(transport: PebbleTransport): Promise<boolean> {
  try {
    await new PebbleClient(transport).systemInfo();
    return true;
  } catch (error) {
    if (error instanceof PebbleUnreachableError) return false;
    throw error;
  }
}
