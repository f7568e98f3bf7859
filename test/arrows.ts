/**
 * Checks that imports go one way between the rooms, and that processes are spawned and clocks read only
 * where they may be. Prints each fault and exits 1, or says how many files hold.
 *
 * Usage: `node test/arrows.ts`
 *
 * @module
 */

import { globSync, readFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");

/** Room → what it may import beside itself. A room is the longest entry that begins a path. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  charms: ["charmed-iap:*", "types:workload/forward-auth/config.ts"],
  interfaces: [
    "lib/charm/interface.ts",
    "charmed-iap:interface",
    "charmed-iap:interfaces",
    "charmed-iap:testing",
  ],
  "lib/charm": [
    "lib/hook",
    "lib/pebble",
    "lib/kubernetes",
    "tests:lib/testing",
    "tests:lib/model",
    "tests:charmcraft",
    "charmed-iap:*",
  ],
  "lib/hook": ["tests:charmcraft", "tests:test/golden-runner"],
  "lib/pebble": ["lib/hook", "tests:test/peers"],
  "lib/kubernetes": ["lib/hook", "tests:test/peers"],
  "lib/model": ["lib/hook", "tests:test/golden-runner"],
  "lib/testing": [
    "lib/charm",
    "lib/hook",
    "lib/pebble",
    "lib/model",
    "charmed-iap:*",
    "tests:test/model",
    "tests:test/peers",
  ],
  "lib/docs": ["tests:vitest.config.ts", "vitest.config.ts", "charmed-iap:*"],
  "lib/local": [
    "lib/model",
    "lib/hook",
    "lib/pebble",
    "lib/kubernetes",
    "charmcraft",
    "tests:test/golden-runner",
  ],
  "lib/cli": ["lib", "charmcraft"],
  charmcraft: ["lib/charm", "lib/hook", "charmed-iap:*"],
  workload: ["tests:test/peers"],
  test: ["vitest.config.ts", "lib", "charms", "interfaces", "workload", "charmcraft", "charmed-iap:*"],
};

const spawners = [
  "lib/docs",
  "lib/hook",
  "lib/pebble/server",
  "lib/testing/juju",
  "lib/testing/pebble",
  "lib/local",
  "lib/cli",
  "charmcraft",
  "test",
];
const importPattern =
  /(?:^|\n)\s*(import|export)\s+(type\s)?(?:[^;'"]*?\sfrom\s+)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/g;

const room = (file: string): string | undefined =>
  Object.keys(allowed)
    .filter((name) => file === name || file.startsWith(`${name}/`))
    .sort((a, b) => b.length - a.length)[0];

const isTest = (file: string): boolean =>
  /\.test\.ts$|\/(fuzz|bench|testdata|fixtures|golden)\/|golden[^/]*\.ts$/.test(file);

function permitted(from: string, file: string, target: string, typeOnly: boolean): boolean {
  return (allowed[from] ?? []).some((rule) => {
    const test = rule.startsWith("tests:");
    const type = rule.startsWith("types:");
    const place = rule.replace(/^(tests|types):/, "");
    if (test && !isTest(file)) return false;
    if (type && !typeOnly && !isTest(file)) return false;
    return place === "charmed-iap:*"
      ? target.startsWith("charmed-iap:")
      : target === place || target.startsWith(`${place}/`);
  });
}

function faultsIn(file: string): string[] {
  const from = room(file);
  if (!from) return [];
  const text = readFileSync(path.join(root, file), "utf8");
  const faults: string[] = [];
  for (const match of text.matchAll(importPattern)) {
    const specifier = match[3] ?? match[4] ?? "";
    const typeOnly = match[2] !== undefined;
    if (specifier.startsWith(".")) {
      const target = path.relative(root, path.resolve(root, path.dirname(file), specifier));
      const to = room(target);
      const sameCharm = from !== "charms" || target.split("/")[1] === file.split("/")[1];
      const sameWorkload =
        from !== "workload" ||
        target.split("/")[1] === file.split("/")[1] ||
        target.startsWith("workload/lib/");
      if (to === from && sameCharm && sameWorkload) continue;
      if (!permitted(from, file, target, typeOnly)) faults.push(`${file}: ${from} may not import ${target}`);
    } else if (specifier.startsWith("charmed-iap/")) {
      const target = `charmed-iap:${specifier.slice("charmed-iap/".length)}`;
      if (!permitted(from, file, target, typeOnly))
        faults.push(`${file}: ${from} may not import ${specifier}`);
    } else if (/^(node:child_process|execa)$/.test(specifier) && !typeOnly) {
      const may = isTest(file) || spawners.some((place) => file.startsWith(`${place}/`));
      if (!may) faults.push(`${file}: processes are spawned in ${spawners.join(", ")} only`);
    }
  }
  if (
    file.startsWith("lib/model/") &&
    !isTest(file) &&
    /\bDate\.now\(|\bMath\.random\(|new Date\(\)/.test(text)
  ) {
    faults.push(`${file}: lib/model is given its clock and randomness`);
  }
  return faults;
}

const files = globSync("{charms,interfaces,lib,workload,charmcraft,test}/**/*.{ts,mjs}", {
  cwd: root,
}).filter((file) => !file.includes("node_modules"));
const faults = files.flatMap(faultsIn);
for (const fault of faults) console.error(fault);
console.log(`arrows: ${files.length} files, ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
