/** The gateway under comparison, as a process. @module */

import { type ChildProcess, spawn } from "node:child_process";
import net from "node:net";
import path from "node:path";

/** A program and its first arguments. */
export type Program = readonly string[];

export const standIn: Program = [process.execPath, path.join(import.meta.dirname, "../bin/traefik")];

/** A started gateway. */
export interface Gateway {
  readonly child: ChildProcess;
  /** Exit code; `null` after a signal. */
  readonly ended: Promise<number | null>;
  output(): string;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts it; the environment is only what is given. */
export function startGateway(
  [command = "", ...first]: Program,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Gateway {
  const child = spawn(command, [...first, ...args], {
    env: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    text += chunk;
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    text += chunk;
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once("close", (code) => resolve(code));
  });
  return {
    child,
    ended,
    output: () => text,
    async stop(signal = "SIGKILL") {
      if (child.exitCode === null) child.kill(signal);
      await ended;
    },
  };
}

const answers = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect({ host, port }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });

/** Waits until somebody listens; false when nobody does in time. */
export async function listening(host: string, port: number, timeout: number): Promise<boolean> {
  for (const end = performance.now() + timeout; performance.now() < end; ) {
    if (await answers(host, port)) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}
