/** The table of deliberate differences in the README of forward-auth, which excuses recorded cases. @module */

import { readFileSync } from "node:fs";
import path from "node:path";

/** One row that excuses cases. */
export interface Deviation {
  /** First column, without backquotes: the stable key. */
  readonly key: string;
  readonly excuses: (id: string) => boolean;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** `callback/bad-*` as an expression: `*` stands for anything. */
function pattern(text: string): RegExp {
  return new RegExp(`^${text.split("*").map(escaped).join(".*")}$`, "s");
}

const plain = (text: string): string => text.replaceAll("`", "");

/** Rows of every table in the README's section on deviations, as cells. */
function rowsOf(readme: string): readonly (readonly string[])[] {
  const [, section = ""] = /\n## Deviations from oauth2-proxy[^\n]*\n([\s\S]*?)(?=\n## )/.exec(readme) ?? [];
  const lines = section.split("\n").filter((line) => line.startsWith("|") && !/^\|[ -]*-/.test(line));
  return lines.map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** Keys of the deviations: the first column of their table, without backquotes. */
export function readKeys(readme: string): ReadonlySet<string> {
  return new Set(rowsOf(readme).flatMap(([key = "", ...more]) => (more.length === 3 ? [plain(key)] : [])));
}

/**
 * Reads the table of `recorded cases`: key of the deviation → ids of the cases that it excuses, in backquotes.
 *
 * @throws {Error} When a key is not in the table of deviations, so that no case is excused without a reason.
 */
export function readDeviations(readme: string): readonly Deviation[] {
  const keys = readKeys(readme);
  return rowsOf(readme)
    .filter((row) => row.length === 2 && /^`.*`$/.test(row[1] ?? ""))
    .map(([key = "", ids = ""]) => {
      if (!keys.has(plain(key)))
        throw new Error(`Cannot excuse cases by "${key}": no such row of the deviations`);
      const patterns = [...ids.matchAll(/`([^`]+)`/g)].map(([, id = ""]) =>
        pattern(id.replaceAll("\\|", "|")),
      );
      return { key: plain(key), excuses: (id) => patterns.some((expression) => expression.test(id)) };
    });
}

/** The README that tells the deviations of this program. */
export const readReadme = (): string => readFileSync(path.join(import.meta.dirname, "../README.md"), "utf8");

/** The deviations of this program. */
export function deviations(): readonly Deviation[] {
  return readDeviations(readReadme());
}
