/**
 * Writes the reference: one page for each public entry of the framework, from its declarations and their doc
 * comments. With `--check` it compares instead, and exits 1 when a page differs or an export has no doc comment.
 *
 * Usage: `node lib/docs/reference.ts [--check]`
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Declaration, exportsOf, moduleComment } from "./declarations.ts";
import { markdownOf } from "./doc-comment.ts";

const root = path.resolve(import.meta.dirname, "../..");
const checking = process.argv.includes("--check");
const target = path.join(import.meta.dirname, "reference");

/** Public entries of `lib`: name → source. */
function entries(): [name: string, source: string][] {
  const { exports } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
    exports: Record<string, Record<string, string>>;
  };
  return Object.entries(exports).flatMap(([name, conditions]) => {
    const source = conditions["charmed-iap:source"] ?? "";
    return source.startsWith("./lib/") ? [[name.slice(2), source.slice(2)] as [string, string]] : [];
  });
}

/** Declarations of the whole of `lib`, as the compiler writes them. */
function declare(sources: readonly string[]): string {
  const folder = mkdtempSync(path.join(tmpdir(), "reference-"));
  const config = path.join(root, `.reference-${process.pid}.json`);
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    outDir: folder,
    rootDir: root,
  };
  writeFileSync(
    config,
    JSON.stringify({ extends: "./tsconfig.json", compilerOptions, files: sources, include: [] }),
  );
  const { status, stdout } = spawnSync(
    process.execPath,
    [path.join(root, "node_modules/typescript/bin/tsc"), "-p", config],
    { encoding: "utf8" },
  );
  rmSync(config);
  if (status !== 0) throw new Error(`Cannot write the reference: tsc ended with ${status}: ${stdout}`);
  return folder;
}

const KINDS = [
  ["Functions and values", ["function", "const"]],
  ["Classes", ["class"]],
  ["Types", ["interface", "type"]],
] as const;

function page(entry: string, about: string, declarations: readonly Declaration[]): string {
  const parts = KINDS.flatMap(([title, kinds]) => {
    const some = declarations.filter(({ kind }) => (kinds as readonly string[]).includes(kind));
    return some.length === 0 ? [] : [`## ${title}`, ...some.map(section)];
  });
  return `${[
    `# charmed-iap/${entry}`,
    "<!-- Generated from doc comments by lib/docs/reference.ts; change those instead. -->",
    markdownOf(about),
    ...parts,
  ].join("\n\n")}\n`;
}

function section({ name, comment, text }: Declaration): string {
  return [`### ${name}`, markdownOf(comment), `\`\`\`ts\n${text.replaceAll("    ", "  ")}\n\`\`\``]
    .filter((part) => part !== "")
    .join("\n\n");
}

const all = entries();
const folder = declare(all.map(([, source]) => source));
mkdirSync(target, { recursive: true });
let differing = 0;
const silent: string[] = [];
for (const [name, source] of all) {
  const index = path.join(folder, source.replace(/\.ts$/, ".d.ts"));
  const declarations = exportsOf(index).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  silent.push(...declarations.filter(({ comment }) => comment === "").map((one) => `${name}: ${one.name}`));
  const file = path.join(target, `${name.replaceAll("/", "-")}.md`);
  const text = page(name, moduleComment(index), declarations);
  if (!checking) writeFileSync(file, text);
  else if (read(file) !== text) {
    differing += 1;
    console.error(`${path.relative(root, file)} differs from the doc comments: run npm run emit`);
  }
}
rmSync(folder, { recursive: true, force: true });
for (const one of silent) console.error(`${one} has no doc comment`);
console.log(
  `reference: ${all.length} pages, ${differing} differ, ${silent.length} exports without a comment`,
);
process.exitCode = (checking && differing > 0) || silent.length > 0 ? 1 : 0;

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined; // A page that is not there differs.
  }
}
