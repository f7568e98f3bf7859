/**
 * Reads the pages of this folder: what their fences say is what CI runs.
 *
 * @module
 */

import { globSync, readFileSync } from "node:fs";
import path from "node:path";

/** One fenced block of a page: ```` ```ts charm.ts ````. */
export interface Fence {
  /** First word after the fence: `ts`, `sh`. */
  readonly language: string;
  /** Second word: where the block's text belongs. */
  readonly file: string | undefined;
  readonly text: string;
  /** The paragraph above it: a reader sees no second word. */
  readonly lead: string;
  /** Of the fence, counted from 1. */
  readonly line: number;
}

/** One page. */
export interface Page {
  /** Without folder and ending: `define-an-interface`. */
  readonly name: string;
  /** From this folder on. */
  readonly path: string;
  readonly fences: readonly Fence[];
}

/** Fences of a Markdown text, in order. */
export function fencesOf(markdown: string): Fence[] {
  const fences: Fence[] = [];
  let open: (Omit<Fence, "text"> & { text: string[] }) | undefined;
  let paragraph: string[] = [];
  for (const [index, line] of markdown.split("\n").entries()) {
    const fence = /^```(\S*)(?: (\S+))?\s*$/.exec(line);
    if (open !== undefined && fence !== null && fence[1] === "") {
      fences.push({ ...open, text: `${open.text.join("\n")}\n` });
      open = undefined;
      paragraph = [];
    } else if (open !== undefined) open.text.push(line);
    else if (fence !== null) {
      const lead = paragraph.join(" ").trim();
      open = { language: fence[1] ?? "", file: fence[2], lead, line: index + 1, text: [] };
    } else paragraph = line === "" || paragraph.at(-1) !== "" ? [...paragraph, line] : [line];
  }
  return fences;
}

/** All pages but the generated ones. */
export function pages(): Page[] {
  const root = import.meta.dirname;
  return globSync("**/*.md", { cwd: root, exclude: ["reference/**"] })
    .sort()
    .map((file) => ({
      name: path.basename(file, ".md"),
      path: file,
      fences: fencesOf(readFileSync(path.join(root, file), "utf8")),
    }));
}
