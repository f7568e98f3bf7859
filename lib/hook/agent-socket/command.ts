/**
 * The hook commands as one program: the name it is started by says which command is meant. It does what
 * Juju's small client `jujuc` does: forwards its arguments to the agent, prints the answer and ends with
 * the same code. Standard input is read only when the command asks for it.
 *
 * Bundled to one CommonJS file whose first line names the runtime, with one link a command on the PATH of the
 * local model's hooks.
 *
 * @module
 */
import { basename } from "node:path";
import { connectAgent } from "./connect.ts";
import { ConnectionFault, RefusedCall } from "./connection.ts";

const required = ["JUJU_CONTEXT_ID", "JUJU_AGENT_SOCKET_ADDRESS", "JUJU_AGENT_SOCKET_NETWORK"] as const;

async function main(env: NodeJS.ProcessEnv, argv: readonly string[]): Promise<number> {
  for (const name of required) if (!env[name]) return fail(`${name} not set`);
  const network = env["JUJU_AGENT_SOCKET_NETWORK"];
  if (network !== "unix") return fail(`dial ${network}: unknown network ${network}`);
  const token = env["JUJU_AGENT_TOKEN"];
  try {
    const connection = await connectAgent({
      address: env["JUJU_AGENT_SOCKET_ADDRESS"]!,
      contextId: env["JUJU_CONTEXT_ID"]!,
      dir: process.cwd(),
      ...(token ? { token } : {}),
    });
    const call = { command: basename(argv[1] ?? ""), args: argv.slice(2), stdin: readStdin };
    const answer = await connection.call(call);
    connection.close();
    await Promise.all([print(process.stdout, answer.stdout), print(process.stderr, answer.stderr)]);
    return answer.exitCode;
  } catch (error) {
    if (error instanceof RefusedCall || error instanceof ConnectionFault) return fail(error.message);
    throw error;
  }
}

async function fail(message: string): Promise<number> {
  await print(process.stderr, new TextEncoder().encode(`ERROR ${message}\n`));
  return 1;
}

/** A reader that is gone is its own affair, as for any program in a pipe. */
function print(stream: NodeJS.WriteStream, bytes: Uint8Array): Promise<void> {
  if (bytes.length === 0) return Promise.resolve();
  return new Promise((resolve) => {
    stream.once("error", () => resolve());
    stream.write(bytes, () => resolve());
  });
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks);
}

// Not awaited at the top level: the bundle is a CommonJS file, which starts faster than a module.
main(process.env, process.argv).then((code) => process.exit(code));
