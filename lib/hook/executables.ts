import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { type ContentFiles, inlineFiles } from "./secret-files.ts";
import type { HookAnswer, HookRequest, HookTransport } from "./transport.ts";

/** How the commands are run. */
export interface ExecutablesOptions {
  /** Environment of the commands; `PATH` finds them. */
  readonly env: NodeJS.ProcessEnv;
  /** Their working directory. Default: that of this process. */
  readonly dir?: string;
}

/** A transport that starts one process a command, as shell charms do. */
export function executables(options: ExecutablesOptions): HookTransport {
  return {
    async run(request) {
      if (request.content === undefined) return start(request, options);
      const files: ContentFiles = await inlineFiles(request, options.env["JUJU_UNIT_NAME"]);
      try {
        return await start(files.request, options);
      } finally {
        await files.remove();
      }
    },
    close() {},
  };
}

/** `node:child_process` by itself: loading a library for it costs a hook 20 ms. */
async function start(request: HookRequest, options: ExecutablesOptions): Promise<HookAnswer> {
  const { command, stdin } = request;
  let child: ChildProcess;
  try {
    child = begin(request, options);
  } catch (error) {
    return notStarted(command, (error as NodeJS.ErrnoException).code); // Arguments that are too long, for example.
  }
  return await new Promise((resolve) => {
    const stdout = collect(child.stdout as Readable);
    const stderr = collect(child.stderr as Readable);
    child.stdin?.on("error", () => undefined); // A command need not read what it is given.
    child.stdin?.end(stdin);
    child.once("error", ({ code }: NodeJS.ErrnoException) => resolve(notStarted(command, code)));
    child.once("close", (exitCode, signal) =>
      resolve(
        exitCode === null
          ? failed(1, command, `ended by ${signal}`)
          : { exitCode, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) },
      ),
    );
  });
}

function begin({ command, args, stdin }: HookRequest, { env, dir }: ExecutablesOptions): ChildProcess {
  const { spawn } = process.getBuiltinModule("node:child_process");
  return spawn(command, [...args], {
    cwd: dir ?? process.cwd(),
    env,
    stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
}

function collect(stream: Readable): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  stream.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  return chunks;
}

/** Exit codes are the shell's: 127 not found, 126 found and not started. */
function notStarted(command: string, code: string | undefined): HookAnswer {
  if (code === "ENOENT") return failed(127, command, "executable not found on PATH");
  return failed(126, command, `cannot be started: ${code ?? "unknown reason"}`);
}

function failed(exitCode: number, command: string, reason: string): HookAnswer {
  const stderr = new TextEncoder().encode(`ERROR ${command}: ${reason}\n`);
  return { exitCode, stdout: new Uint8Array(), stderr };
}
