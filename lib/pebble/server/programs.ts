import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import path from "node:path";
import { errorCode, systemErrorText } from "./go-errors.ts";
import type { ContainerRoot } from "./root.ts";

/** Folders of a container whose programs come from the image. */
const IMAGE_FOLDERS = ["/bin", "/usr/bin", "/usr/local/bin", "/sbin", "/usr/sbin"];

/** Folders of the container's own files that PATH has. */
const OWN_FOLDERS = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/**
 * Finds programs as the container would: the image's `bin/` answers for `/bin/NAME` and `/usr/bin/NAME`, then the
 * container's own files, then the machine's (so that `/bin/sh` is there).
 */
export class Programs {
  readonly #root: ContainerRoot;
  readonly #imageBin: string;

  constructor(root: ContainerRoot, image: string) {
    this.#root = root;
    this.#imageBin = path.join(image, "bin");
  }

  /** The image's program of that container path, if the image has one. */
  async inImage(containerPath: string): Promise<string | undefined> {
    const inside = this.#root.inside(containerPath);
    if (!IMAGE_FOLDERS.includes(path.posix.dirname(inside))) return undefined;
    const host = path.join(this.#imageBin, path.posix.basename(inside));
    return (await isFile(host)) ? host : undefined;
  }

  /** PATH with the image's programs first. */
  searchPath(rest: string | undefined): string {
    const own = OWN_FOLDERS.map((folder) => path.join(this.#root.directory, folder));
    return [this.#imageBin, ...own, rest ?? "/usr/local/bin:/usr/bin:/bin"].join(":");
  }

  /**
   * The file to run for the first word of a command.
   *
   * @throws {Error} In Go's words when there is none, or it is not executable.
   */
  async find(word: string, searchPath: string): Promise<string> {
    if (word.includes("/")) return await this.#byPath(word);
    for (const folder of searchPath.split(":")) {
      const host = path.join(folder || ".", word);
      if (await isExecutable(host)) return host;
    }
    throw new Error(`exec: "${word}": executable file not found in $PATH`);
  }

  async #byPath(word: string): Promise<string> {
    const candidates = [
      await this.inImage(word),
      await this.#inRoot(word),
      word.startsWith("/") ? word : undefined,
    ].filter((one) => one !== undefined);
    for (const host of candidates) {
      if (!(await isFile(host))) continue;
      if (await isExecutable(host)) return host;
      throw new Error(`fork/exec ${word}: permission denied`);
    }
    throw new Error(`fork/exec ${word}: no such file or directory`);
  }

  async #inRoot(word: string): Promise<string | undefined> {
    try {
      const { host, exists } = await this.#root.resolve(word);
      return exists ? host : undefined;
    } catch (error) {
      throw new Error(`fork/exec ${word}: ${systemErrorText(error)}`, { cause: error });
    }
  }
}

async function isFile(host: string): Promise<boolean> {
  try {
    return (await stat(host)).isFile();
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES", "ELOOP"].includes(errorCode(error))) return false;
    throw error;
  }
}

async function isExecutable(host: string): Promise<boolean> {
  if (!(await isFile(host))) return false;
  try {
    await access(host, constants.X_OK);
    return true;
  } catch (error) {
    if (errorCode(error) === "EACCES") return false;
    throw error;
  }
}
