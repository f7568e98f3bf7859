/**
 * Packs a charm: one `.charm` for each architecture, with the pinned Node.js inside, which `juju deploy ./x.charm` takes.
 *
 * @module
 */
import { access, constants, copyFile, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { writeArchive } from "./archive.ts";
import { layOutCharm } from "./lay-out.ts";
import { type Architecture, runtimeOf } from "./runtime.ts";

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
 * @throws {TypeError} When the contract breaks a rule of Juju, with every rule it breaks; when nothing can be written to the output.
 */
export async function packCharm(charmDirectory: string, options: PackOptions): Promise<PackedCharm> {
  const { architecture, output } = options;
  await makeFolder(output); // First: whoever named a wrong one need not wait for the rest.
  const runtime = options.runtime ?? (await runtimeOf(architecture));
  const work = await mkdtemp(path.join(tmpdir(), "iap-pack-"));
  try {
    const built = path.join(work, "charm");
    const { name } = await layOutCharm(charmDirectory, built, { architecture, runtime });
    const archive = path.join(work, "packed.charm");
    await writeArchive(built, archive);
    const file = path.join(output, `${name}_${architecture}.charm`);
    await moveFile(archive, file);
    return { name, file };
  } finally {
    await rm(work, { recursive: true });
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new TypeError(`Cannot pack into ${folder}: ${code}, it should be a folder that can be written`, {
      cause,
    });
  }
}

/** Moves a file, also to another file system; readers of the new name never see half of it. */
async function moveFile(from: string, to: string): Promise<void> {
  const beside = `${to}.partial`;
  await copyFile(from, beside);
  await rename(beside, to);
}
