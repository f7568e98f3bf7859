import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { toCharmcraft } from "../lib/charm/charmcraft.ts";
import type { CharmContract } from "../lib/charm/contract.ts";
import { jujuYaml } from "../lib/charm/juju-yaml.ts";
import { bundle } from "./bundle.ts";
import { loadContract } from "./load.ts";
import { metadataFiles } from "./metadata.ts";
import type { Architecture } from "./runtime.ts";

/** A charm laid out as Juju unpacks it. */
export interface BuiltCharm {
  readonly name: string;
  /** The folder with `dispatch` in it. */
  readonly directory: string;
  /** Container → folder under `workload/` that stands for its image on the local model. */
  readonly localImages: Readonly<Record<string, string>>;
}

/**
 * Runs the bundle on the runtime that is packed beside it, or on the one on PATH. `exec`, so that the
 * agent's signals reach the charm. The first hook leaves compiled code for the next ones: `start.cjs` that of the bundle,
 * Node.js that of packages which are loaded late. Why so, and why without `--enable-source-maps`: decisions/0004. The last word is for charmcraft: its check of entry points reads nothing else.
 */
const DISPATCH = `#!/bin/sh
dir=\${0%/*}
node=$dir/runtime/node
[ -x "$node" ] || node=node
NODE_COMPILE_CACHE=$dir/.compiled exec "$node" "$dir/start.cjs"
# Entry point: runtime/node
`;

function localImagesOf(contract: CharmContract): Record<string, string> {
  return Object.fromEntries(
    Object.entries(contract.containers ?? {}).flatMap(([name, { localImage }]) =>
      localImage === undefined ? [] : [[name, localImage]],
    ),
  );
}

/** How to build. */
export interface BuildCharmOptions {
  /** The Node.js to link as the packed one; default the one that runs this. */
  readonly runtime?: string;
  /** What the charm says it runs on; default all. */
  readonly architectures?: readonly Architecture[];
}

/**
 * Builds a charm: bundles its code, and writes the metadata that Juju reads, from the contract.
 *
 * @param charmDirectory Absolute path of the charm's folder, with `contract.ts` and `main.ts`.
 * @param outDirectory Absolute path; made, and emptied first.
 * @throws {TypeError} When the contract breaks a rule of Juju, with every rule it breaks; when there is no `main.ts`.
 */
export async function buildCharm(
  charmDirectory: string,
  outDirectory: string,
  { runtime = process.execPath, architectures = ["amd64", "arm64"] }: BuildCharmOptions = {},
): Promise<BuiltCharm> {
  const contract = await loadContract(charmDirectory);
  const charmcraft = await toCharmcraft(contract);
  const entry = path.join(charmDirectory, "main.ts");
  if (!existsSync(entry)) {
    throw new TypeError(
      `Cannot build ${contract.name}: there is no ${entry}, it should dispatch the charm as that of iap init does`,
    );
  }
  await rm(outDirectory, { recursive: true, force: true });
  await mkdir(path.join(outDirectory, "runtime"), { recursive: true });
  const localImages = localImagesOf(contract);
  await Promise.all([
    bundle(entry, path.join(outDirectory, "main.cjs"), { late: true }),
    copyFile(path.join(import.meta.dirname, "start.cjs"), path.join(outDirectory, "start.cjs")),
    symlink(runtime, path.join(outDirectory, "runtime", "node")),
    writeFile(path.join(outDirectory, "dispatch"), DISPATCH).then(() =>
      chmod(path.join(outDirectory, "dispatch"), 0o755),
    ),
    writeFile(path.join(outDirectory, "local.json"), `${JSON.stringify({ images: localImages }, null, 2)}\n`),
    ...Object.entries(metadataFiles(charmcraft, architectures)).map(([name, value]) =>
      writeFile(path.join(outDirectory, name), jujuYaml(value)),
    ),
  ]);
  return { name: contract.name, directory: outDirectory, localImages };
}
