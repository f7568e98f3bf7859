/** One file of a container in memory. */
export interface FakeFile {
  readonly content: Uint8Array;
  /** Three octal digits. */
  readonly permissions: string;
  readonly user: string;
  readonly group: string;
}

/** Why a file operation failed, in Pebble's kinds. Ordinary answers, for which no stack need be collected. */
export class FakeFileFault {
  readonly kind: string;
  readonly message: string;
  constructor(kind: string, message: string) {
    this.kind = kind;
    this.message = message;
  }
}

/** A path and what it is in, outermost first, without the root. */
function ancestors(path: string): readonly string[] {
  const names = path.split("/").filter((name) => name !== "");
  return names.map((_, index) => `/${names.slice(0, index + 1).join("/")}`);
}

/** The files of one container: a table of paths. Directories exist where something is in them. */
export class FakeFiles {
  readonly #files = new Map<string, FakeFile>();
  /** Path → permissions. */
  readonly #directories = new Map<string, string>([["/", "755"]]);

  clear(): void {
    this.#files.clear();
    this.#directories.clear();
    this.#directories.set("/", "755");
  }

  /** Whether a regular file is there. */
  has(path: string): boolean {
    return this.#files.has(path);
  }

  read(path: string): FakeFile {
    const file = this.#files.get(path);
    if (file !== undefined) return file;
    if (this.isDirectory(path))
      throw new FakeFileFault("generic-file-error", `can only read a regular file: "${path}"`);
    throw new FakeFileFault("not-found", `stat ${path}: no such file or directory`);
  }

  write(path: string, file: Partial<FakeFile> & Pick<FakeFile, "content">): void {
    if (this.isDirectory(path)) throw new FakeFileFault("generic-file-error", `open ${path}: is a directory`);
    const defaults = { permissions: "644", user: "root", group: "root" };
    this.#files.set(path, { ...defaults, ...file });
  }

  /** Makes a directory; without `parents` it must be new, and its parent there. */
  makeDirectory(
    path: string,
    options: { readonly parents?: boolean; readonly permissions?: string } = {},
  ): void {
    const { parents = true, permissions = "755" } = options;
    const file = ancestors(path).find((one) => this.#files.has(one));
    if (file !== undefined) throw new FakeFileFault("generic-file-error", `mkdir ${file}: not a directory`);
    if (this.isDirectory(path)) {
      if (parents) return;
      throw new FakeFileFault("generic-file-error", `mkdir ${path}: file exists`);
    }
    if (!parents) this.requireParent(path, "mkdir");
    for (const one of ancestors(path)) {
      if (!this.isDirectory(one)) this.#directories.set(one, one === path ? permissions : "755");
    }
  }

  /** What is directly in the root is there in every image, and taken to be here too. */
  requireParent(path: string, verb: string): void {
    const parent = ancestors(path).at(-2);
    if (parent === undefined || ancestors(parent).length < 2 || this.isDirectory(parent)) return;
    throw new FakeFileFault("not-found", `${verb} ${path}: no such file or directory`);
  }

  /** Three octal digits, of a directory. */
  permissionsOf(path: string): string {
    return this.#directories.get(path) ?? "755";
  }

  isDirectory(path: string): boolean {
    const prefix = path === "/" ? "/" : `${path}/`;
    if (this.#directories.has(path)) return true;
    for (const file of this.#files.keys()) if (file.startsWith(prefix)) return true;
    return false;
  }

  /** Names in a directory, sorted. */
  list(path: string): readonly string[] {
    const prefix = path === "/" ? "/" : `${path}/`;
    const below = [...this.#files.keys(), ...this.#directories.keys()].filter(
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
    const full = inside.length > 0 || this.list(path).length > 0;
    if (full && !recursive) {
      throw new FakeFileFault("generic-file-error", `remove ${path}: directory not empty`);
    }
    for (const file of [path, ...inside]) this.#files.delete(file);
    for (const directory of [...this.#directories.keys()]) {
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
