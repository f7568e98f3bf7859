import type { Dirent } from "node:fs";
import { CharmError, isCharmError } from "../hook/errors.ts";
import { listFiles, makeDir, readFile, writeFiles } from "./files.ts";
import type { PebbleTransport } from "./transport.ts";
import type { FileEntry } from "./types.ts";

/**
 * Whole directories, put together from single requests, because Pebble has none for them. As in `ops`,
 * `/a/dir` is copied as `dir` and `/a/dir/*` is copied as what is in it; one path or several.
 *
 * @see canonical/operator: ops/model.py, Container.push_path and pull_path
 *
 * @module
 */

/** One file or directory that was not copied. */
export interface TransferFault {
  readonly path: string;
  readonly error: Error;
}

/** Some paths could not be copied; all the others were. */
export class PathTransferError extends CharmError {
  readonly code = "ERR_PEBBLE_TRANSFER";
  readonly outcome = "fail";
  readonly faults: readonly TransferFault[];
  constructor(verb: "push" | "pull", faults: readonly TransferFault[]) {
    const [first] = faults;
    const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : "";
    super(`Cannot ${verb} "${first?.path}": ${first?.error.message}${more}`, { cause: first?.error });
    this.faults = faults;
  }
}

const fs = () => process.getBuiltinModule("node:fs/promises");
const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
const join = (directory: string, name: string): string => `${directory.replace(/\/+$/, "")}/${name}`;

/** A source without its ending `/*`, and what it is called at its destination: empty for what is in it. */
function sourceOf(given: string): { readonly path: string; readonly name: string } {
  if (given.endsWith("/*")) return { path: given.slice(0, -2) || "/", name: "" };
  const path = given.replace(/(?<=.)\/+$/, "");
  return { path, name: nameOf(path) };
}

const asList = (paths: string | readonly string[]): readonly string[] =>
  typeof paths === "string" ? [paths] : paths;

/** Copies on in spite of what fails, but not from a Pebble that is gone. */
class Faults {
  readonly all: TransferFault[] = [];

  async try(path: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (isCharmError(error) && error.outcome === "waiting") throw error;
      this.all.push({ path, error: error instanceof Error ? error : new Error(String(error)) });
    }
  }

  raise(verb: "push" | "pull"): void {
    if (this.all.length > 0) throw new PathTransferError(verb, this.all);
  }
}

/**
 * Copies files and directories of this machine into a directory of the container; parents are made. Links are
 * followed, modes and owners are not kept.
 *
 * @throws {PathTransferError} `ERR_PEBBLE_TRANSFER` with every path that failed.
 */
export async function pushPath(
  transport: PebbleTransport,
  sources: string | readonly string[],
  directory: string,
): Promise<void> {
  const faults = new Faults();
  const push = (from: string, to: string): Promise<void> =>
    faults.try(from, async () => {
      if (!(await fs().stat(from)).isDirectory()) {
        await writeFiles(transport, [{ path: to, content: await fs().readFile(from), makeDirs: true }]);
        return;
      }
      const entries: Dirent[] = await fs().readdir(from, { withFileTypes: true });
      await makeDir(transport, to, { makeParents: true });
      for (const { name } of entries.sort(byName)) await push(join(from, name), join(to, name));
    });
  for (const source of asList(sources)) {
    const { path, name } = sourceOf(source);
    await push(path, name === "" ? directory : join(directory, name));
  }
  faults.raise("push");
}

/**
 * Copies files and directories of the container into a directory of this machine, which is made. Links to files
 * are followed; modes and owners are not kept.
 *
 * @throws {PathTransferError} `ERR_PEBBLE_TRANSFER` with every path that failed.
 */
export async function pullPath(
  transport: PebbleTransport,
  sources: string | readonly string[],
  directory: string,
): Promise<void> {
  const faults = new Faults();
  const pull = (entry: Pick<FileEntry, "type" | "path">, to: string): Promise<void> =>
    faults.try(entry.path, async () => {
      if (entry.type !== "directory") {
        const content = await readFile(transport, entry.path);
        await fs().mkdir(to.slice(0, to.lastIndexOf("/") + 1) || ".", { recursive: true });
        await fs().writeFile(to, content);
        return;
      }
      await fs().mkdir(to, { recursive: true });
      for (const inside of await listFiles(transport, entry.path)) {
        await faults.try(join(entry.path, inside.name), () => {
          requireName(inside.name);
          return pull({ ...inside, path: join(entry.path, inside.name) }, join(to, inside.name));
        });
      }
    });
  for (const source of asList(sources)) {
    const { path, name } = sourceOf(source);
    await faults.try(path, async () => {
      const [entry] = await listFiles(transport, path, { itself: true });
      const type = name === "" ? "directory" : (entry?.type ?? "unknown");
      await pull({ type, path }, name === "" ? directory : join(directory, name));
    });
  }
  faults.raise("pull");
}

/** A name comes from the container, and must not lead out of the directory. */
function requireName(name: string): void {
  if (name === "" || name === "." || name === ".." || name.includes("/") || name.includes("\0")) {
    throw new RangeError(`Cannot use ${JSON.stringify(name)}: must be the name of a file`);
  }
}

function byName({ name: a }: Dirent, { name: b }: Dirent): number {
  return a < b ? -1 : 1;
}
