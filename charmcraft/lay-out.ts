/** A charm's files for one architecture, as they are in its archive. */
import { copyFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { type BuiltCharm, buildCharm } from "./build.ts";
import type { Architecture } from "./runtime.ts";

/** What beside the built charm belongs into the archive, if the charm's folder has it. */
const COMPANIONS = ["README.md", "LICENSE", "icon.svg"];

/** For what to lay out. */
export interface LayOutOptions {
  readonly architecture: Architecture;
  /** The Node.js of the charm. */
  readonly runtime: string;
  /** Whether the runtime is copied; default a link to it. */
  readonly copy?: boolean;
}

/**
 * Builds a charm, and adds its papers and the version that `juju status` shows.
 *
 * @param charmDirectory Absolute path of the charm's folder, with `contract.ts` and `main.ts`.
 * @param outDirectory Absolute path; made, and emptied first.
 * @throws {TypeError} When the contract breaks a rule of Juju, with every rule it breaks.
 */
export async function layOutCharm(
  charmDirectory: string,
  outDirectory: string,
  { architecture, runtime, copy = false }: LayOutOptions,
): Promise<BuiltCharm> {
  const built = await buildCharm(charmDirectory, outDirectory, { runtime, architectures: [architecture] });
  if (copy) await copyRuntime(runtime, path.join(outDirectory, "runtime", "node"));
  await addCompanions(charmDirectory, outDirectory);
  return built;
}

async function copyRuntime(runtime: string, place: string): Promise<void> {
  await rm(place);
  await copyFile(runtime, place);
}

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
