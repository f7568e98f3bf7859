/** What the benchmark runs beside ours, and with: ops from the Python Package Index, and two small C programs. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The ops that is measured. */
export const OPS_VERSION = "3.9.0";

/** A Python with ops and its byte code. */
export interface OpsPeer {
  /** Absolute path of the interpreter, not of a link to it: what a link costs would be ops's loss. */
  readonly python: string;
  /** Folder with the packages, for PYTHONPATH. */
  readonly packages: string;
}

/**
 * Installs ops once into the cache of peers, outside the checkout, with its byte code compiled.
 *
 * @throws When Python 3 with `venv` is missing, or the package index is out of reach.
 */
export async function installOps(): Promise<OpsPeer> {
  const cache = process.env["XDG_CACHE_HOME"] || path.join(homedir(), ".cache");
  const folder = path.join(cache, "charmed-iap", "peers", `ops-${OPS_VERSION}`);
  const packages = path.join(folder, "packages");
  if (!existsSync(packages)) await install(folder, packages);
  const { stdout } = await run("python3", ["-c", "import os, sys; print(os.path.realpath(sys.executable))"]);
  return { python: stdout.trim(), packages };
}

async function install(folder: string, packages: string): Promise<void> {
  const work = path.join(folder, "installing");
  await mkdir(work, { recursive: true });
  try {
    await run("python3", ["-m", "venv", path.join(work, "venv")]);
    const python = path.join(work, "venv", "bin", "python");
    const pip = ["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--only-binary", ":all:"];
    await run(python, [...pip, "--target", path.join(work, "packages"), `ops==${OPS_VERSION}`]);
    await rename(path.join(work, "packages"), packages);
    await run("python3", ["-m", "compileall", "-q", packages]);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * Compiles a program of `native/` statically.
 *
 * @param outfile Absolute path.
 * @throws When there is no C compiler.
 */
export async function compile(name: "hook-command" | "measure", outfile: string): Promise<void> {
  const source = path.join(import.meta.dirname, "native", `${name}.c`);
  await run("cc", ["-O2", "-static", "-o", outfile, source]);
}
