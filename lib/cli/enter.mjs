// The way in from npm: plain JavaScript that any Node.js from 20 on can parse. It finds the pinned runtime, and runs
// the given file on it: `node lib/cli/enter.mjs FILE [ARG ...]`. In a checkout it first installs what is missing, and
// the file is TypeScript; in the npm package it is what `dist.ts` made of it.

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const stamp = path.join(root, "node_modules", ".installed-lock");
const isCheckout = existsSync(path.join(root, "lib", "cli", "main.ts"));

/** Installs the locked dependencies when the checkout has none, or those of another lock file. */
function install() {
  const lock = createHash("sha256")
    .update(readFileSync(path.join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  // npm ci would empty the folder that a link leads to, which is somebody else's.
  if (lstatSync(path.join(root, "node_modules"), { throwIfNoEntry: false })?.isSymbolicLink()) return;
  console.error("Installing the locked dependencies into node_modules (npm ci) …");
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (status !== 0) {
    console.error(`Cannot install dependencies: npm ci ended with ${status}, its messages are above`);
    process.exit(1);
  }
  writeFileSync(stamp, lock);
}

/** The project's own Node.js, which npm installs as a dependency for this platform. */
export function pinnedNode() {
  const require = createRequire(path.join(root, "package.json"));
  const platform = `${process.platform}-${process.arch}`;
  for (const name of [`node-${platform}`, `node-bin-${platform}`]) {
    try {
      return path.join(path.dirname(require.resolve(`${name}/package.json`)), "bin", "node");
    } catch (error) {
      if (error.code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  console.error(
    `Cannot find the pinned Node.js for ${platform}: there is no package of it, use Linux or macOS`,
  );
  process.exit(1);
}

/** Runs `file`, a path from the project's root, and ends as it ends. */
export function enter(file, args) {
  if (isCheckout) install();
  const node = pinnedNode();
  const bin = path.join(root, "node_modules", ".bin");
  const program = isCheckout
    ? ["--conditions=charmed-iap:source", path.join(root, file)]
    : [path.join(root, "dist", file.replace(/\.ts$/, ".js"))];
  const child = spawn(node, ["--disable-warning=ExperimentalWarning", ...program, ...args], {
    stdio: "inherit",
    env: {
      ...process.env,
      PATH: `${path.dirname(node)}${path.delimiter}${bin}${path.delimiter}${process.env["PATH"]}`,
    },
  });
  // The terminal signals the whole group; the child decides when it is done.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (signal !== "SIGINT") child.kill(signal);
    });
  }
  child.on("error", (error) => {
    console.error(`Cannot start ${node}: ${error.message}`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    if (signal) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    } else process.exit(code ?? 1);
  });
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  enter(process.argv[2], process.argv.slice(3));
}
