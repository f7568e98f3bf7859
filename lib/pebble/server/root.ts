import { lstat, readlink } from "node:fs/promises";
import path from "node:path";
import { errorCode } from "./go-errors.ts";

const MAX_LINKS = 40;

/** Where a path of the container is on the machine. */
export interface Resolved {
  readonly host: string;
  readonly exists: boolean;
}

/**
 * The container's file system: a directory that no path leads out of, neither by `..` nor by a symbolic link.
 * Absolute links are taken from the container's root, as the container itself would.
 *
 * A path may also be given as it is on the machine (`containerPath()` makes such ones): it means the same.
 */
export class ContainerRoot {
  readonly directory: string;

  /** @param directory Absolute. */
  constructor(directory: string) {
    if (!path.isAbsolute(directory)) throw new TypeError(`Cannot use root "${directory}": must be absolute`);
    this.directory = path.resolve(directory);
  }

  /** The path as the container writes it, without `..` and doubled slashes. */
  inside(given: string): string {
    const clean = path.posix.normalize(given).replace(/(?<=.)\/+$/, "");
    if (clean === this.directory) return "/";
    return clean.startsWith(`${this.directory}/`) ? clean.slice(this.directory.length) : clean;
  }

  /**
   * Follows a path link by link. The last name is followed too unless `last` says otherwise.
   *
   * @throws {NodeJS.ErrnoException} `ELOOP`, `ENOTDIR` or `EACCES`; a missing file is no error.
   */
  async resolve(given: string, last: "follow" | "keep" = "follow"): Promise<Resolved> {
    if (given.includes("\0")) throw systemError("EINVAL", "invalid argument");
    const pending = this.inside(given).split("/").filter(Boolean);
    let at: string[] = [];
    let links = 0;
    while (pending.length > 0) {
      const name = pending.shift()!;
      if (name === "." || name === "..") {
        at = name === ".." ? at.slice(0, -1) : at;
        continue;
      }
      const host = this.#host([...at, name]);
      const found = await kind(host);
      if (found === "missing") return { host: this.#host([...at, name, ...safe(pending)]), exists: false };
      if (found === "link" && (pending.length > 0 || last === "follow")) {
        if (++links > MAX_LINKS) throw systemError("ELOOP", "too many levels of symbolic links");
        const target = await readlink(host);
        if (target.startsWith("/")) at = [];
        const from = target.startsWith("/") ? this.inside(target) : target;
        pending.unshift(...from.split("/").filter(Boolean));
        continue;
      }
      if (found === "other" && pending.length > 0) throw systemError("ENOTDIR", "not a directory");
      at.push(name);
    }
    return { host: this.#host(at), exists: true };
  }

  #host(names: readonly string[]): string {
    return path.join(this.directory, ...names);
  }
}

/** What follows a missing name, with `..` taken out of it. */
function safe(names: readonly string[]): string[] {
  const kept: string[] = [];
  for (const name of names) {
    if (name === "..") kept.pop();
    else if (name !== ".") kept.push(name);
  }
  return kept;
}

async function kind(host: string): Promise<"missing" | "link" | "directory" | "other"> {
  try {
    const found = await lstat(host);
    if (found.isSymbolicLink()) return "link";
    return found.isDirectory() ? "directory" : "other";
  } catch (error) {
    if (errorCode(error) === "ENOENT") return "missing";
    throw error;
  }
}

function systemError(code: string, message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code });
}
