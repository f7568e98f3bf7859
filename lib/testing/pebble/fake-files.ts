/** One file of a container in memory. */
export interface FakeFile {
  readonly content: Uint8Array;
  /** Three octal digits. */
  readonly permissions: string;
  readonly user: string;
  readonly group: string;
}

/** Why a file operation failed, in Pebble's kinds. */
export class FakeFileFault extends Error {
  readonly kind: string;
  constructor(kind: string, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** The files of one container: a table of paths. Directories exist where something is in them. */
export class FakeFiles {
  readonly #files = new Map<string, FakeFile>();
  readonly #directories = new Set<string>(["/"]);

  clear(): void {
    this.#files.clear();
    this.#directories.clear();
    this.#directories.add("/");
  }

  read(path: string): FakeFile {
    const file = this.#files.get(path);
    if (file !== undefined) return file;
    throw new FakeFileFault("not-found", `open ${path}: no such file or directory`);
  }

  write(path: string, file: Partial<FakeFile> & Pick<FakeFile, "content">): void {
    if (this.isDirectory(path)) throw new FakeFileFault("generic-file-error", `open ${path}: is a directory`);
    const defaults = { permissions: "644", user: "root", group: "root" };
    this.#files.set(path, { ...defaults, ...file });
  }

  makeDirectory(path: string): void {
    this.#directories.add(path);
  }

  isDirectory(path: string): boolean {
    const prefix = path === "/" ? "/" : `${path}/`;
    return this.#directories.has(path) || [...this.#files.keys()].some((file) => file.startsWith(prefix));
  }

  /** Names in a directory, sorted. */
  list(path: string): readonly string[] {
    const prefix = path === "/" ? "/" : `${path}/`;
    const below = [...this.#files.keys(), ...this.#directories].filter(
      (entry) => entry.startsWith(prefix) && entry !== prefix,
    );
    return [...new Set(below.map((entry) => entry.slice(prefix.length).split("/")[0] ?? ""))].sort();
  }

  remove(path: string, recursive: boolean): void {
    const inside = [...this.#files.keys()].filter((file) => file.startsWith(`${path}/`));
    if (!this.#files.has(path) && !this.isDirectory(path)) {
      if (recursive) return;
      throw new FakeFileFault("not-found", `remove ${path}: no such file or directory`);
    }
    if (inside.length > 0 && !recursive) {
      throw new FakeFileFault("generic-file-error", `remove ${path}: directory not empty`);
    }
    for (const file of [path, ...inside]) this.#files.delete(file);
    for (const directory of [...this.#directories]) {
      if (directory === path || directory.startsWith(`${path}/`)) this.#directories.delete(directory);
    }
  }

  /** Path → text, sorted by path. */
  texts(): Record<string, string> {
    const entries = [...this.#files].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(
      entries.map(([path, { content }]) => [path, new TextDecoder().decode(content)]),
    );
  }
}
