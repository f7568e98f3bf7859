import type { HookRequest } from "./transport.ts";

/** A request whose secret content lies in private files. */
export interface ContentFiles {
  readonly request: HookRequest;
  remove(): Promise<void>;
}

/**
 * Writes secret content to files of mode 0600 in a folder of mode 0700 and names them in the arguments.
 * The paths are absolute: Juju resolves them against the agent's directory, not the caller's.
 */
export async function inlineFiles(request: HookRequest): Promise<ContentFiles> {
  const { mkdtemp, rm, writeFile } = process.getBuiltinModule("node:fs/promises");
  const { join } = process.getBuiltinModule("node:path");
  const { tmpdir } = process.getBuiltinModule("node:os");
  const { content = {}, ...rest } = request;
  const folder = await mkdtemp(join(tmpdir(), "hook-secret-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const pairs: string[] = [];
    for (const [index, [key, value]] of Object.entries(content).entries()) {
      const path = join(folder, String(index));
      await writeFile(path, value, { mode: 0o600, flag: "wx" });
      pairs.push(`${key}#file=${path}`);
    }
    return { request: { ...rest, args: [...request.args, ...pairs] }, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
