/**
 * Short examples: those of doc comments, as the reference shows them, and those of the rooms' READMEs. They are not whole files, so what
 * they use and do not make is imported before them.
 *
 * @module
 */

import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { fencesOf } from "./pages.ts";

const root = path.resolve(import.meta.dirname, "../..");
const reference = path.join(import.meta.dirname, "reference");

/** One example as a module. */
export interface Snippet {
  /** Where it stands, `lib/pebble/README.md`, and as which of its examples, from 1. */
  readonly place: string;
  readonly text: string;
}

/** Names that an example may use without importing them → where they come from. */
export type Known = ReadonlyMap<string, string>;

const ALWAYS: Known = new Map([
  ["v", 'import * as v from "valibot";'],
  ["fc", 'import * as fc from "fast-check";'],
  ["readFile", 'import { readFile } from "node:fs/promises";'],
  ...["expect", "test"].map((name) => [name, `import { ${name} } from "vitest";`] as const),
]);

const pagesOfReference = () => globSync("*.md", { cwd: reference }).sort();

/** `charmed-iap/testing-vitest` is spelled with a slash. */
function moduleOf(page: string): string {
  return /^# (\S+)$/m.exec(page)?.[1] ?? "";
}

/** What one page of the reference is about, by name. */
function namesOf(page: string): Known {
  const names = Array.from(page.matchAll(/^### (\S+)$/gm), ([, name = ""]) => name);
  return new Map(names.map((name) => [name, `import { ${name} } from "${moduleOf(page)}";`]));
}

/** Everything public, by name. */
export function publicNames(): Known {
  const pages = pagesOfReference().map((file) => readFileSync(path.join(reference, file), "utf8"));
  return new Map([...pages.reverse().flatMap((page) => [...namesOf(page)]), ...ALWAYS]);
}

/** Examples of doc comments: every block of an export but its declaration, which is the last. */
function ofReference(known: Known): Snippet[] {
  return pagesOfReference().flatMap((file) => {
    const page = readFileSync(path.join(reference, file), "utf8");
    const names = new Map([...known, ...namesOf(page)]);
    return page
      .split(/^### /m)
      .slice(1)
      .flatMap((section) => {
        const texts = fencesOf(section).filter(({ language }) => language === "ts");
        const place = `lib/docs/reference/${file} ${section.split("\n")[0]}`;
        return texts.slice(0, -1).map(({ text }) => ({ place, text: withImports(text, names) }));
      });
  });
}

function ofReadmes(known: Known): Snippet[] {
  return globSync(["README.md", "{lib,interfaces}/**/README.md"], {
    cwd: root,
    exclude: ["lib/docs/**", "lib/model/hook-context/**"],
  })
    .sort()
    .flatMap((file) => {
      const folder = path.dirname(path.join(root, file));
      const texts = fencesOf(readFileSync(path.join(root, file), "utf8")).filter(
        ({ language }) => language === "ts",
      );
      return texts.map(({ text }, index) => ({
        place: `${file} ${index + 1}`,
        text: withImports(
          text.replace(/(from ")(\.[^"]+\.ts)"/g, (_, from, to) => `${from}${path.resolve(folder, to)}"`),
          known,
        ),
      }));
    });
}

/** Examples of doc comments of the interfaces, which have no reference. */
function ofInterfaces(known: Known): Snippet[] {
  return globSync("interfaces/*/v*/index.ts", { cwd: root })
    .sort()
    .flatMap((file) => {
      const source = readFileSync(path.join(root, file), "utf8");
      const listed = Array.from(source.matchAll(/^export \{([^}]*)\}/gm), ([, list = ""]) => list.split(","));
      const own = [
        ...Array.from(source.matchAll(/^export (?:const|function) (\w+)/gm), ([, name = ""]) => name),
        ...listed.flat().map((name) => name.trim().replace(/^type /, "")),
      ];
      const names = new Map([
        ...known,
        ...own.map((name) => [name, `import { ${name} } from "${path.join(root, file)}";`] as const),
      ]);
      return Array.from(source.matchAll(/^ \* @example\n((?: \*.*\n)+?) \*\//gm), ([, comment = ""]) => {
        const [example] = fencesOf(comment.replace(/^ \* ?/gm, ""));
        return { place: file, text: withImports(example?.text ?? "", names) };
      });
    });
}

/** All of them, each with the imports that it lacks. */
export function snippets(known: Known): Snippet[] {
  return [...ofReference(known), ...ofReadmes(known), ...ofInterfaces(known)];
}

/** An example as a module of its own. */
export function withImports(text: string, known: Known): string {
  const code = text.replace(/\/\/.*$/gm, "").replace(/"[^"\n]*"/g, '""');
  const used = new Set(Array.from(code.matchAll(/(?<![.\w])[A-Za-z_]\w*/g), ([name]) => name));
  const made = (name: string) =>
    new RegExp(
      `\\b(?:const|let|using|function|class|import) (?:${name}\\b|[{[][^=;]*\\b${name}\\b[^=;]*[\\]}] (?:=|from))`,
    ).test(code);
  const lines = [...used].flatMap((name) => (made(name) ? [] : (known.get(name) ?? [])));
  return `${lines.join("\n")}\n${text}export {};\n`;
}
