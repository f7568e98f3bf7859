import { juju as command } from "../../local/cli/juju.ts";
import { connect } from "../../local/client.ts";

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

async function run(
  args: readonly string[],
  to: { readonly out: (text: string) => void; readonly err: (text: string) => void },
  signal: AbortSignal,
): Promise<number> {
  return command(args, {
    env: process.env,
    cwd: process.cwd(),
    signal,
    juju: process.env["CHARMED_IAP_JUJU_VERSION"] || "4.0.15",
    terminal: false,
    input: async () => "",
    connect: () => connect(),
    ...to,
  });
}

/** Runs a command line of the local model's `juju`, in this process: what a person types does the same. */
export async function runJuju(args: readonly string[]): Promise<JujuOutput> {
  const text = { stdout: "", stderr: "" };
  const to = {
    out: (part: string) => {
      text.stdout += part;
    },
    err: (part: string) => {
      text.stderr += part;
    },
  };
  return { exitCode: await run(args, to, new AbortController().signal), ...text };
}

/** @throws {JujuFailedError} `ERR_JUJU` when it exits with another code than 0. */
export async function juju(...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runJuju(args);
  if (exitCode !== 0) throw new JujuFailedError(`Cannot run juju ${args.join(" ")}: ${stderr.trim()}`);
  return stdout;
}

/** Follows a command's output until the signal; what it prints goes to this terminal. */
export async function followJuju(args: readonly string[], signal: AbortSignal): Promise<void> {
  const to = {
    out: (part: string) => void process.stdout.write(part),
    err: (part: string) => void process.stderr.write(part),
  };
  await run(args, to, signal);
}
