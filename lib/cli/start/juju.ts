import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const JUJU = fileURLToPath(new URL("../../local/bin/juju", import.meta.url));

/** What a `juju` command printed, and how it ended. */
export interface JujuOutput {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `juju` command failed; the message is what it said. */
export class JujuFailedError extends Error {
  readonly code = "ERR_JUJU";
  override readonly name = "JujuFailedError";
}

/** Runs a command of the local model, as a person would type it. */
export function runJuju(args: readonly string[]): Promise<JujuOutput> {
  return new Promise((resolve, reject) => {
    const child = spawn(JUJU, args, { stdio: ["ignore", "pipe", "pipe"] });
    const text = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk: Buffer) => (text.stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (text.stderr += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code) => resolve({ exitCode: code ?? 1, ...text }));
  });
}

/** @throws {JujuFailedError} `ERR_JUJU` when it exits with another code than 0. */
export async function juju(...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runJuju(args);
  if (exitCode !== 0) throw new JujuFailedError(`Cannot run juju ${args.join(" ")}: ${stderr.trim()}`);
  return stdout;
}

/** Follows a command's output until the signal; what it prints goes to this terminal. */
export function followJuju(args: readonly string[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn(JUJU, args, { stdio: ["ignore", "inherit", "inherit"] });
    signal.addEventListener("abort", () => child.kill("SIGTERM"), { once: true });
    child.on("error", () => resolve());
    child.on("close", () => resolve());
  });
}
