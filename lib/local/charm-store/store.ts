import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { LocalError } from "../errors.ts";
import { readCharm, type UnpackedCharm } from "./charm-files.ts";
import { unpackCharm } from "./unpack.ts";

/** Where a charm comes from. */
export interface CharmSource {
  readonly origin: "local" | "store";
  readonly charm: UnpackedCharm;
}

export interface CharmStoreOptions {
  /** Folder that gets a charm's files, one folder for each that is deployed. */
  readonly cache: string;
  /** Folder of charms by name. Default: `charms/` of this checkout. */
  readonly charms?: string;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const run = promisify(execFile);

/** The charms of this checkout by name, and charms by path. */
export class CharmStore {
  readonly #cache: string;
  readonly #charms: string;

  constructor(options: CharmStoreOptions) {
    this.#cache = options.cache;
    this.#charms = options.charms ?? here("../../../charms");
  }

  /**
   * Brings a charm into a folder of its own: built from source, unpacked, or copied.
   *
   * @param reference A name, or an absolute path.
   * @throws {LocalError} `ERR_CHARM_NOT_FOUND`, `ERR_CHARM_INVALID`, in Juju's words.
   */
  async fetch(reference: string): Promise<CharmSource> {
    const local = reference.startsWith("/");
    const source = local ? reference : this.#byName(reference.replace(/^ch:/, ""));
    const folder = mkdtempSync(join(this.#cache, "charm-"));
    try {
      await fill(folder, source, reference);
      return { origin: local ? "local" : "store", charm: readCharm(folder) };
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  #byName(name: string): string {
    const source = join(this.#charms, name);
    if (/^[a-z][a-z0-9-]*$/.test(name) && existsSync(join(source, "main.ts"))) return source;
    throw new LocalError("ERR_CHARM_NOT_FOUND", `charm or bundle "${name}" not found`);
  }

  /**
   * Puts a fetched charm in its lasting place for a change of the model, and puts back what was there when the
   * change is refused.
   *
   * @param folder Absolute.
   */
  keepFor<T>(charm: UnpackedCharm, folder: string, change: () => T): T {
    const before = `${folder}.before`;
    rmSync(before, { recursive: true, force: true });
    if (existsSync(folder)) renameSync(folder, before);
    renameSync(charm.directory, folder);
    try {
      const result = change();
      rmSync(before, { recursive: true, force: true });
      return result;
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      if (existsSync(before)) renameSync(before, folder);
      throw error;
    }
  }

  discard(charm: UnpackedCharm): void {
    rmSync(charm.directory, { recursive: true, force: true });
  }
}

async function fill(folder: string, source: string, reference: string): Promise<void> {
  const found = statSync(source, { throwIfNoEntry: false });
  if (!found) throw new LocalError("ERR_CHARM_NOT_FOUND", `no charm was found at "${reference}"`);
  if (found.isFile()) return unpackCharm(source, folder);
  if (existsSync(join(source, "metadata.yaml"))) {
    cpSync(source, folder, { recursive: true, verbatimSymlinks: true });
    return;
  }
  if (existsSync(join(source, "contract.ts")) && existsSync(join(source, "main.ts")))
    return build(source, folder);
  throw new LocalError("ERR_CHARM_NOT_FOUND", `no charm was found at "${reference}"`);
}

async function build(source: string, folder: string): Promise<void> {
  const typescript = import.meta.url.endsWith(".ts");
  const flags = [
    "--disable-warning=ExperimentalWarning",
    ...(typescript ? ["--conditions=charmed-iap:source"] : []),
  ];
  const program = here(`./build-child.${typescript ? "ts" : "js"}`);
  try {
    await run(process.execPath, [...flags, program, source, folder]);
  } catch (cause) {
    const said = (cause as { stderr?: string }).stderr?.trim();
    throw new LocalError("ERR_CHARM_INVALID", `cannot build ${source}: ${said || String(cause)}`, { cause });
  }
}
