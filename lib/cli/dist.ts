/**
 * Builds `dist/`, what the npm package is made of beside its papers: JavaScript, declarations and source maps of
 * the framework, the interfaces and the `iap` and `juju` commands. `npm pack` and `npm publish` run it first.
 *
 * Usage: `node lib/cli/dist.ts [FOLDER]`, default `dist` in the project.
 *
 * @module
 */

import { chmodSync, copyFileSync, globSync, mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";

const root = path.resolve(import.meta.dirname, "../..");
const dist = path.resolve(process.argv[2] ?? path.join(root, "dist"));

/** Files that run as they are. */
const copied = [
  "lib/local/bin/juju",
  "lib/local/preload.cjs",
  ...globSync("interfaces/*/v*/{README.md,interface.yaml}", { cwd: root }),
];

rmSync(dist, { recursive: true, force: true });
const compiler = path.join(root, "node_modules", "typescript", "bin", "tsc");
await execa(process.execPath, [compiler, "-p", "lib/cli/tsconfig.dist.json", "--outDir", dist], {
  cwd: root,
  stdio: ["ignore", 2, 2],
});
for (const file of copied) {
  const target = path.join(dist, file);
  mkdirSync(path.dirname(target), { recursive: true });
  copyFileSync(path.join(root, file), target);
  if (file.includes("/bin/")) chmodSync(target, 0o755);
}
