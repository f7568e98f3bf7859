import { type ContentFiles, inlineFiles } from "./secret-files.ts";
import type { HookAnswer, HookRequest, HookTransport } from "./transport.ts";

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
      const files: ContentFiles = await inlineFiles(request);
      try {
        return await start(files.request, options);
      } finally {
        await files.remove();
      }
    },
    close() {},
  };
}

async function start(request: HookRequest, { env, dir }: ExecutablesOptions): Promise<HookAnswer> {
  const { execa } = await import("execa");
  const result = await execa(request.command, [...request.args], {
    cwd: dir ?? process.cwd(),
    env,
    extendEnv: false,
    reject: false,
    encoding: "buffer",
    stripFinalNewline: false,
    ...(request.stdin === undefined ? { stdin: "ignore" as const } : { input: request.stdin }),
  });
  const { exitCode, stdout, stderr } = result;
  if (exitCode !== undefined) return { exitCode, stdout, stderr };
  return notStarted(request.command, "code" in result ? result.code : undefined, result.signal);
}

/** Exit codes are the shell's: 127 not found, 126 found and not started. */
function notStarted(command: string, code: string | undefined, signal: string | undefined): HookAnswer {
  const [exitCode, reason] =
    code === "ENOENT"
      ? [127, "executable not found on PATH"]
      : signal !== undefined
        ? [1, `ended by ${signal}`]
        : [126, `cannot be started: ${code ?? "unknown reason"}`];
  const stderr = new TextEncoder().encode(`ERROR ${command}: ${reason}\n`);
  return { exitCode, stdout: new Uint8Array(), stderr };
}
