import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildGoProgram, type Peer } from "./go-program.ts";

export const PEBBLE_VERSION = "1.32.1";

/** The real Pebble. */
export const buildPebble = (): Promise<Peer> =>
  buildGoProgram({
    name: "pebble",
    version: PEBBLE_VERSION,
    module: "github.com/canonical/pebble",
    package: "cmd/pebble",
  });

/** The file of a socket is there before anybody listens on it. */
function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socket, () => {
      probe.destroy();
      resolve(true);
    });
    probe.on("error", () => resolve(false));
  });
}

/** A running real Pebble with a home of its own. */
export interface RealPebble {
  readonly socket: string;
  readonly home: string;
  /** SIGTERM, which stops its services, and waits for its end. */
  close(): Promise<void>;
}

/** Starts a built Pebble as Juju does, holding its services; with a TCP port if one is given. */
export async function startPebble(
  program: string,
  options: { readonly httpAddress?: string } = {},
): Promise<RealPebble> {
  const home = await mkdtemp(path.join(tmpdir(), "iap-real-"));
  const env = { PATH: process.env["PATH"] ?? "", HOME: home, PEBBLE: path.join(home, "p") };
  const http = options.httpAddress === undefined ? [] : ["--http", options.httpAddress];
  const child = spawn(program, ["run", "--create-dirs", "--hold", ...http], { env, stdio: "ignore" });
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
  });
  const socket = path.join(home, "p", ".pebble.socket");
  while (!(await answers(socket))) {
    if (child.exitCode !== null) throw new Error(`Cannot start ${program}: exit code ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return {
    socket,
    home,
    async close() {
      child.kill("SIGTERM");
      await ended;
      await rm(home, { recursive: true });
    },
  };
}
