/** Packs every charm of this project once, and unpacks it as Juju does; counts the hooks that ran. @module */
import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestProject } from "vitest/node";
import { hostArchitecture, runtimeOf } from "../../charmcraft/runtime.ts";
import { unpackCharm } from "../../lib/local/charm-store/unpack.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Folder with one folder for each packed charm, and the list of hooks that ran. */
    readonly packed: string;
  }
}

const root = path.resolve(import.meta.dirname, "../..");
const charms = path.join(root, "charms");
const iap = path.join(root, "lib/cli/iap.mjs");
const names = readdirSync(charms, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

export default async function packAll(project: TestProject): Promise<() => void> {
  const architecture = hostArchitecture();
  if (process.platform !== "linux" || architecture === undefined)
    throw new Error("Cannot run packed charms: they are made for Linux on amd64 and arm64");
  const folder = mkdtempSync(path.join(tmpdir(), "iap-packed-"));
  const runtime = readFileSync(await runtimeOf(architecture));
  const folders = names.map((name) => path.join(charms, name));
  execFileSync(process.execPath, [iap, "pack", ...folders, "--build-for", architecture, "--output", folder]);
  for (const name of names) {
    const file = path.join(folder, `${name}_${architecture}.charm`);
    await unpackCharm(file, path.join(folder, name));
    rmSync(file);
    shareRuntime(folder, name, runtime);
  }
  writeFileSync(path.join(folder, "hooks.log"), "");
  project.provide("packed", folder);
  return () => report(folder);
}

/** One Node.js on the disk for all charms, when it is the pinned one to the last byte. */
function shareRuntime(folder: string, name: string, pinned: Buffer): void {
  const node = path.join(folder, name, "runtime/node");
  if (!readFileSync(node).equals(pinned))
    throw new Error(`Cannot use ${name}: its Node.js is not the pinned one`);
  const shared = path.join(folder, "runtime");
  mkdirSync(shared, { recursive: true });
  if (!readdirSync(shared).includes("node")) linkSync(node, path.join(shared, "node"));
  rmSync(node);
  linkSync(path.join(shared, "node"), node);
}

function report(folder: string): void {
  const ran = readFileSync(path.join(folder, "hooks.log"), "utf8").split("\n").filter(Boolean);
  rmSync(folder, { recursive: true });
  const counts = new Map<string, number>();
  for (const line of ran) counts.set(line, (counts.get(line) ?? 0) + 1);
  const texts = [...counts].sort().map(([line, count]) => `${line} ${count}`);
  console.log(`\nhooks run as packed: ${texts.join(", ") || "none"}`);
}
