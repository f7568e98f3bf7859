import { randomBytes } from "node:crypto";
import type { Stats } from "node:fs";
import {
  chmod,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  unlink,
} from "node:fs/promises";
import path from "node:path";
import type { FileEntry, FileType } from "../types.ts";
import { accountName } from "./accounts.ts";
import { globMatches } from "./glob.ts";
import { FileFault, fileFault } from "./go-errors.ts";
import type { Programs } from "./programs.ts";
import type { ContainerRoot } from "./root.ts";

/** Reads, lists, writes and removes files of one container; paths never lead out of it. */
export class FileOperations {
  readonly #root: ContainerRoot;
  readonly #programs: Programs;

  constructor(root: ContainerRoot, programs: Programs) {
    this.#root = root;
    this.#programs = programs;
  }

  /** @throws {FileFault} */
  async read(given: string): Promise<Uint8Array> {
    mustBeAbsolute(given);
    const { host, found } = await this.#stat(given);
    if (!found.isFile())
      throw new FileFault("generic-file-error", `can only read a regular file: "${given}"`);
    return await attempt("open", given, () => readFile(host));
  }

  async #stat(given: string): Promise<{ host: string; found: Stats }> {
    return await attempt("stat", given, async () => {
      const { host, exists } = await this.#root.resolve(given);
      const program = exists ? undefined : await this.#programs.inImage(given);
      return { host: program ?? host, found: await stat(program ?? host) };
    });
  }

  /** @throws {FileFault} */
  async list(given: string, pattern: string, itself: boolean): Promise<readonly FileEntry[]> {
    const { host, found } = await this.#stat(given);
    const clean = path.posix.normalize(given).replace(/(?<=.)\/+$/, "");
    if (itself || !found.isDirectory()) return keep([await entry(clean, found)], pattern);
    const names = await attempt("open", given, () => readdir(host));
    const entries = names.sort(byBytes).map(async (name) => {
      const child = await attempt("lstat", path.posix.join(clean, name), () => lstat(path.join(host, name)));
      return await entry(path.posix.join(clean, name), child);
    });
    return keep(await Promise.all(entries), pattern);
  }

  /** Writes by a temporary file and a rename. @throws {FileFault} */
  async write(
    given: string,
    content: Uint8Array,
    options: { makeDirs: boolean; permissions: string },
  ): Promise<void> {
    mustBeAbsolute(given);
    if (options.makeDirs) await this.#makeParents(path.posix.dirname(this.#root.inside(given)));
    const mode = octal(options.permissions, 0o644);
    const { host } = await attempt("open", given, () => this.#root.resolve(given, "keep"));
    const temporary = `${host}.${randomBytes(6).toString("hex")}~`;
    try {
      await attempt("open", given, () => writeWhole(temporary, content, mode));
      await attempt("rename", given, () => rename(temporary, host));
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  async #makeParents(directory: string): Promise<void> {
    try {
      await this.#makeAll(directory, 0o755);
    } catch (error) {
      if (!(error instanceof FileFault)) throw error;
      throw new FileFault(error.kind, `cannot create directory: ${error.message}`);
    }
  }

  /** @throws {FileFault} */
  async makeDir(given: string, options: { makeParents: boolean; permissions: string }): Promise<void> {
    mustBeAbsolute(given);
    const mode = octal(options.permissions, 0o755);
    if (options.makeParents) await this.#makeAll(given, mode);
    else await this.#makeOne(given, mode);
  }

  async #makeAll(given: string, mode: number): Promise<void> {
    const names = this.#root.inside(given).split("/").filter(Boolean);
    for (let depth = 1; depth <= names.length; depth++) {
      const at = `/${names.slice(0, depth).join("/")}`;
      const { host, exists } = await attempt("mkdir", at, () => this.#root.resolve(at));
      if (!exists) await attempt("mkdir", at, () => makeWithMode(host, mode));
      else if (!(await attempt("stat", at, () => stat(host))).isDirectory()) {
        throw new FileFault("generic-file-error", `mkdir ${at}: not a directory`);
      }
    }
  }

  async #makeOne(given: string, mode: number): Promise<void> {
    await attempt("mkdir", given, async () => {
      const { host } = await this.#root.resolve(given, "keep");
      await makeWithMode(host, mode);
    });
  }

  /** @throws {FileFault} */
  async remove(given: string, recursive: boolean): Promise<void> {
    mustBeAbsolute(given);
    if (this.#root.inside(given) === "/")
      throw new FileFault("generic-file-error", "remove /: device or resource busy");
    await attempt("remove", given, async () => {
      const { host } = await this.#root.resolve(given, "keep");
      if (recursive) await rm(host, { recursive: true, force: true });
      else if ((await lstat(host)).isDirectory()) await rmdir(host);
      else await unlink(host);
    });
  }
}

function mustBeAbsolute(given: string): void {
  if (!given.startsWith("/"))
    throw new FileFault("generic-file-error", `paths must be absolute, got "${given}"`);
}

async function attempt<T>(verb: string, given: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw fileFault(verb, given, error);
  }
}

function octal(permissions: string, otherwise: number): number {
  if (permissions === "") return otherwise;
  if (/^[0-7]{3}$/.test(permissions)) return Number.parseInt(permissions, 8);
  throw new FileFault(
    "generic-file-error",
    `permissions must be a 3-digit octal string, got "${permissions}"`,
  );
}

async function writeWhole(host: string, content: Uint8Array, mode: number): Promise<void> {
  const file = await open(host, "wx", mode);
  try {
    await file.writeFile(content);
    await file.chmod(mode); // the umask had its say in open()
    await file.sync();
  } finally {
    await file.close();
  }
}

async function makeWithMode(host: string, mode: number): Promise<void> {
  await mkdir(host, { mode });
  await chmod(host, mode);
}

function keep(entries: readonly FileEntry[], pattern: string): readonly FileEntry[] {
  return pattern === "" ? entries : entries.filter(({ name }) => globMatches(pattern, name));
}

async function entry(full: string, found: Stats): Promise<FileEntry> {
  const [user, group] = await Promise.all([
    accountName("passwd", found.uid),
    accountName("group", found.gid),
  ]);
  return {
    path: full,
    name: full === "/" ? "/" : path.posix.basename(full),
    type: fileType(found),
    ...(found.isFile() && { size: found.size }),
    permissions: (found.mode & 0o777).toString(8).padStart(3, "0"),
    "last-modified": `${found.mtime.toISOString().slice(0, 19)}Z`,
    "user-id": found.uid,
    user,
    "group-id": found.gid,
    group,
  };
}

function fileType(found: Stats): FileType {
  if (found.isFile()) return "file";
  if (found.isDirectory()) return "directory";
  if (found.isSymbolicLink()) return "symlink";
  if (found.isSocket()) return "socket";
  if (found.isFIFO()) return "named-pipe";
  return found.isBlockDevice() || found.isCharacterDevice() ? "device" : "unknown";
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** HTTP status of a failed listing. */
export function faultStatus(fault: FileFault): number {
  return fault.kind === "not-found" ? 404 : fault.kind === "permission-denied" ? 403 : 400;
}
