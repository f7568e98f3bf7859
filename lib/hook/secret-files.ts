import type { HookRequest } from "./transport.ts";

/** A request whose secret content lies in private files. */
export interface ContentFiles {
  readonly request: HookRequest;
  remove(): Promise<void>;
}

/**
 * Writes secret content to files of mode 0600 in a folder of mode 0700 and names them in the arguments.
 * The paths are absolute: Juju resolves them against the agent's directory, not the caller's.
 *
 * What a killed process of the same unit has left is removed first.
 *
 * @param unit Name of the unit; more than one may share the machine.
 */
export async function inlineFiles(request: HookRequest, unit = ""): Promise<ContentFiles> {
  const { mkdtemp, rm, writeFile } = process.getBuiltinModule("node:fs/promises");
  const { join } = process.getBuiltinModule("node:path");
  const { tmpdir } = process.getBuiltinModule("node:os");
  const { content = {}, ...rest } = request;
  const prefix = `hook-secret-${unit.replaceAll("/", "-")}.`;
  await removeLeft(tmpdir(), prefix);
  const folder = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}.`));
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

/** Folders of processes that are gone; a parallel action of the unit may have one, too. */
async function removeLeft(parent: string, prefix: string): Promise<void> {
  const { readdir, rm } = process.getBuiltinModule("node:fs/promises");
  const { join } = process.getBuiltinModule("node:path");
  const left = (await readdir(parent)).filter(
    (name) => name.startsWith(prefix) && !isAlive(Number(name.slice(prefix.length).split(".")[0])),
  );
  // Another user may have taken the name: that is not ours to remove, and no reason to fail.
  await Promise.allSettled(left.map((name) => rm(join(parent, name), { recursive: true, force: true })));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
