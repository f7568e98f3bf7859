/**
 * Packs a charm: one `.charm` for each architecture, with the pinned Node.js inside, which `juju deploy ./x.charm` takes.
 *
 * @module
 */
import { copyFile, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { writeArchive } from "./archive.ts";
import { buildCharm } from "./build.ts";
import { type Architecture, runtimeOf } from "./runtime.ts";

/** What beside the built charm belongs into the archive, if the charm's folder has it. */
const COMPANIONS = ["README.md", "LICENSE", "icon.svg"];

/** Where and for what to pack. */
export interface PackOptions {
  readonly architecture: Architecture;
  /** Absolute path of the folder for the archive; made when it is missing. */
  readonly output: string;
  /** The Node.js to pack; default the pinned one of the architecture. */
  readonly runtime?: string;
}

/** A packed charm. */
export interface PackedCharm {
  readonly name: string;
  /** Absolute path of the archive, `<name>_<architecture>.charm`. */
  readonly file: string;
}

/**
 * Packs the charm of a folder. The same sources make the same bytes.
 *
 * @param charmDirectory Absolute path of the charm's folder, with `contract.ts` and `main.ts`.
 * @throws {TypeError} When the contract breaks a rule of Juju, with every rule it breaks.
 */
export async function packCharm(charmDirectory: string, options: PackOptions): Promise<PackedCharm> {
  const { architecture, output } = options;
  const runtime = options.runtime ?? (await runtimeOf(architecture));
  const work = await mkdtemp(path.join(tmpdir(), "iap-pack-"));
  try {
    const built = path.join(work, "charm");
    const { name } = await buildCharm(charmDirectory, built, { runtime, architectures: [architecture] });
    await addCompanions(charmDirectory, built);
    const archive = path.join(work, "packed.charm");
    await writeArchive(built, archive);
    await mkdir(output, { recursive: true });
    const file = path.join(output, `${name}_${architecture}.charm`);
    await moveFile(archive, file);
    return { name, file };
  } finally {
    await rm(work, { recursive: true });
  }
}

/** Adds the papers, and the version that `juju status` shows. */
async function addCompanions(charmDirectory: string, built: string): Promise<void> {
  const copies = COMPANIONS.map((name) =>
    copyFile(path.join(charmDirectory, name), path.join(built, name)).catch(ignoreMissing),
  );
  const version = await versionOf(charmDirectory);
  await Promise.all([
    ...copies,
    ...(version === undefined ? [] : [writeFile(path.join(built, "version"), `${version}\n`)]),
  ]);
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
}

/** What git calls the state of the folder; undefined outside a repository. */
async function versionOf(directory: string): Promise<string | undefined> {
  const { stdout, exitCode } = await execa("git", ["describe", "--always", "--dirty", "--tags"], {
    cwd: directory,
    reject: false,
  });
  return exitCode === 0 ? stdout.trim().slice(0, 100) : undefined;
}

/** Moves a file, also to another file system; readers of the new name never see half of it. */
async function moveFile(from: string, to: string): Promise<void> {
  const beside = `${to}.partial`;
  await copyFile(from, beside);
  await rename(beside, to);
}
