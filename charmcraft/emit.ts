/**
 * Writes `charmcraft.yaml` of every charm from its contract; with `--check`, compares instead and exits 1 when
 * one differs.
 *
 * Usage: `node charmcraft/emit.ts [--check]`
 *
 * @module
 */

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { charmcraftYaml } from "../lib/charm/charmcraft.ts";
import { loadContract } from "./build.ts";

const charms = path.resolve(import.meta.dirname, "../charms");
const checking = process.argv.includes("--check");
let differing = 0;

for (const name of readdirSync(charms).sort()) {
  const directory = path.join(charms, name);
  if (!existsSync(path.join(directory, "contract.ts"))) continue;
  const file = path.join(directory, "charmcraft.yaml");
  const text = await charmcraftYaml(await loadContract(directory));
  const current = existsSync(file) ? readFileSync(file, "utf8") : undefined;
  if (text === current) continue;
  differing++;
  if (checking) console.error(`charms/${name}/charmcraft.yaml differs from contract.ts: run npm run emit`);
  else {
    writeFileSync(file, text);
    console.log(`charms/${name}/charmcraft.yaml written`);
  }
}
if (checking) console.log(`emitted files: ${differing} differ`);
process.exitCode = checking && differing > 0 ? 1 : 0;
