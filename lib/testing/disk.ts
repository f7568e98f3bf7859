import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** Files that a charm finds on its own disk in one event: a temporary folder, made when something is put there. */
export class Disk {
  #root: string | undefined;

  /** Puts a file into a folder of the disk. @returns Its path. */
  file(folder: string, name: string, content: string | Uint8Array): string {
    const file = path.join(this.folder(folder), name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  }

  /** A folder of the disk. @returns Its path. */
  folder(name: string): string {
    this.#root ??= mkdtempSync(path.join(tmpdir(), "transition-"));
    const folder = path.join(this.#root, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** Relative path → text of the files in a folder. */
  texts(folder: string): Record<string, string> {
    const entries = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((one) =>
      one.isFile(),
    );
    const files = entries.map(({ parentPath, name }) => path.join(parentPath, name)).sort();
    return Object.fromEntries(files.map((file) => [path.relative(folder, file), readFileSync(file, "utf8")]));
  }

  remove(): void {
    if (this.#root !== undefined) rmSync(this.#root, { recursive: true, force: true });
  }
}
