/** The real program, for proving that the comparison itself is right. @module */

import { spawn } from "node:child_process";
import { connect } from "node:net";
import type { Readable } from "node:stream";

/** A program that serves. */
export interface Peer {
  /** Lines of standard output. */
  readonly log: string[];
  /** Lines of standard error. */
  readonly errors: string[];
  close(): Promise<void>;
}

/** Keeps the whole lines of a stream. */
function keepLines(stream: Readable, lines: string[]): void {
  let rest = "";
  stream.on("data", (chunk: Buffer) => {
    const parts = (rest + chunk.toString("utf8")).split(/(?<=\n)/);
    rest = parts.at(-1)?.endsWith("\n") ? "" : (parts.pop() ?? "");
    lines.push(...parts);
  });
}

/** Milliseconds to start in. */
const PATIENCE = 15_000;

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

/** Starts a program and waits until it listens. */
export async function startPeer(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  port: number,
): Promise<Peer> {
  const child = spawn(program, args, {
    env: { PATH: process.env["PATH"], TZ: "UTC", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [log, errors]: [string[], string[]] = [[], []];
  keepLines(child.stdout, log);
  keepLines(child.stderr, errors);
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const until = Date.now() + PATIENCE;
  while (child.exitCode === null && !(await listens(port))) {
    if (Date.now() > until) child.kill("SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  if (child.exitCode !== null)
    throw new Error(`ended with ${child.exitCode}: ${[...log, ...errors].join("").trim().slice(-300)}`);
  return {
    log,
    errors,
    close: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
