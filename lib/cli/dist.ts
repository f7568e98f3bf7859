/**
 * Builds `dist/`, what the npm package is made of beside its papers: JavaScript, declarations and source maps of
 * the framework, the interfaces and the `iap` and `juju` commands. `npm pack` and `npm publish` run it first.
 *
 * Usage: `node lib/cli/dist.ts [FOLDER]`, default `dist` in the project.
 *
 * @module
 */

import { chmodSync, copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";

const root = path.resolve(import.meta.dirname, "../..");
const dist = path.resolve(process.argv[2] ?? path.join(root, "dist"));

/** What is run by its file, beside what is exported. */
const PROGRAMS = [
  "lib/cli/main.ts",
  "lib/hook/agent-socket/command.ts",
  "lib/local/charm-store/build-child.ts",
  "lib/local/cli/main.ts",
  "lib/local/controller/main.ts",
  "lib/local/image/update-ca-certificates.ts",
  "lib/pebble/command.ts",
];

/** Files that run, or are read, as they are. */
const copied = [
  "charmcraft/start.cjs",
  "lib/local/bin/juju",
  "lib/local/preload.cjs",
  ...globSync("interfaces/*/v*/{README.md,interface.yaml}", { cwd: root }),
];

/** Sources of everything that is exported. */
function exported(): readonly string[] {
  const { exports } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
    readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  };
  return Object.values(exports).flatMap((target) => {
    const source = typeof target === "string" ? undefined : target["charmed-iap:source"];
    return source === undefined ? [] : [source];
  });
}

/** Compiles the given files and what they import, so that nothing else gets into the package. */
async function compile(files: readonly string[]): Promise<void> {
  const config = path.join(root, "tsconfig.dist.json");
  const compilerOptions = {
    noEmit: false,
    rootDir: root,
    outDir: dist,
    declaration: true,
    sourceMap: true,
    inlineSources: true,
    rewriteRelativeImportExtensions: true,
  };
  writeFileSync(config, JSON.stringify({ extends: "./tsconfig.json", compilerOptions, files, include: [] }));
  try {
    const compiler = path.join(root, "node_modules", "typescript", "bin", "tsc");
    await execa(process.execPath, [compiler, "-p", config], { cwd: root, stdio: ["ignore", 2, 2] });
  } finally {
    rmSync(config);
  }
}

rmSync(dist, { recursive: true, force: true });
await compile([...PROGRAMS, ...exported()]);
for (const file of copied) {
  const target = path.join(dist, file);
  mkdirSync(path.dirname(target), { recursive: true });
  copyFileSync(path.join(root, file), target);
  if (file.includes("/bin/")) chmodSync(target, 0o755);
}
