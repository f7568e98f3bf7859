/**
 * Writes the files that are made of each charm's contract; with `--check`, compares instead and exits 1 when one
 * differs.
 *
 * Usage: `node charmcraft/emit.ts [--check]`
 *
 * @module
 */

import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { emit } from "./emit/emitted-files.ts";

const charms = path.resolve(import.meta.dirname, "../charms");
const check = process.argv.includes("--check");
let differing = 0;

for (const name of readdirSync(charms).sort()) {
  const directory = path.join(charms, name);
  if (!existsSync(path.join(directory, "contract.ts"))) continue;
  for (const file of await emit(directory, { check })) {
    differing++;
    if (check) console.error(`charms/${name}/${file} differs from contract.ts: run npm run emit`);
    else console.log(`charms/${name}/${file} written`);
  }
}
if (check) console.log(`emitted files: ${differing} differ`);
process.exitCode = check && differing > 0 ? 1 : 0;
