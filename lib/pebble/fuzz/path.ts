/**
 * Fuzz target: no path leads out of a container whatever links are in it.
 *
 * `node --conditions=charmed-iap:source lib/pebble/fuzz/path.ts [--runs N | --seconds N] [--seed N]`
 *
 * @module
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { errorCode } from "../server/go-errors.ts";
import { ContainerRoot } from "../server/root.ts";
import { fuzz, type Random } from "./run.ts";

const NAMES = ["a", "b", "c", "..", ".", "", "etc", "file"];

function anyPath(random: Random, base: string): string {
  const start = random.pick(["/", "", "/../", base, `${base}/../`, "../".repeat(12)]);
  return `${start}${Array.from({ length: random.below(6) }, () => random.pick(NAMES)).join("/")}`;
}

function plant(random: Random, base: string): void {
  for (const name of ["a", "b", "c"]) {
    for (const folder of [base, path.join(base, "dir")]) {
      if (random.below(2) === 0) symlinkSync(anyPath(random, base) || "/", path.join(folder, name));
    }
  }
}

await fuzz("path", async (random) => {
  const outer = realpathSync(mkdtempSync(path.join(tmpdir(), "iap-fuzz-")));
  const base = path.join(outer, "root");
  mkdirSync(path.join(base, "dir"), { recursive: true });
  writeFileSync(path.join(base, "file"), "");
  try {
    plant(random, base);
    for (let count = 0; count < 10; count++)
      await probe(new ContainerRoot(base), `/${anyPath(random, base)}`, base);
  } finally {
    rmSync(outer, { recursive: true });
  }
});

async function probe(root: ContainerRoot, given: string, base: string): Promise<void> {
  try {
    const { host, exists } = await root.resolve(given);
    const real = exists ? realpathSync(host) : host;
    if (real !== base && !real.startsWith(`${base}/`)) throw new Error(`${given} leads to ${real}`);
  } catch (error) {
    if (!["ELOOP", "ENOTDIR"].includes(errorCode(error))) throw error;
  }
}
