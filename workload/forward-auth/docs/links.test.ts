/** Links of this room's pages lead somewhere, and every page is reached from the README. */
import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const room = path.resolve(import.meta.dirname, "..");
const pages = globSync("{*.md,docs/*.md,examples/**/*.md,golden/**/*.md}", { cwd: room });

const textOf = (page: string) => readFileSync(path.join(room, page), "utf8");

/** Targets of the links outside of code. */
const linksOf = (page: string): readonly string[] =>
  Array.from(
    textOf(page)
      .replace(/```[\s\S]*?```|`[^`\n]*`/g, "")
      .matchAll(/\]\(([^)\s]+)\)/g),
    ([, target = ""]) => target,
  ).filter((target) => !/^[a-z]+:/.test(target));

/** Headings as links name them. */
const anchorsOf = (page: string): readonly string[] =>
  Array.from(textOf(page).matchAll(/^#+ (.*)$/gm), ([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );

test("there are pages to look at", () => {
  expect(pages).toContain("README.md");
  expect(pages).toContain(path.join("docs", "rules.md"));
});

test.each(pages)("%s: its links lead somewhere", (page) => {
  const lost = linksOf(page).filter((link) => {
    const [file = "", anchor] = link.split("#");
    const target = file === "" ? page : path.join(path.dirname(page), file);
    if (!existsSync(path.join(room, target))) return true;
    return anchor !== undefined && !anchorsOf(target).includes(anchor);
  });
  expect(lost).toEqual([]);
});

test("every page of docs is linked in the README", () => {
  const documents = pages.filter((page) => page.startsWith("docs"));
  expect(documents.filter((page) => !linksOf("README.md").includes(page))).toEqual([]);
});
