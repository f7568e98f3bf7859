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

/**
 * Reads the table of `recorded cases`: key of the deviation → ids of the cases that it excuses, in backquotes.
 *
 * @throws {Error} When a key is not in the table of deviations, so that no case is excused without a reason.
 */
export function readDeviations(readme: string): readonly Deviation[] {
  const [, deviations = ""] =
    /\n## Deviations from oauth2-proxy[^\n]*\n([\s\S]*?)(?=\n## )/.exec(readme) ?? [];
  const cells = (line: string) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim());
  const rows = deviations
    .split("\n")
    .filter((line) => line.startsWith("|") && !/^\|[ -]*-/.test(line))
    .map(cells);
  const plain = (text: string) => text.replaceAll("`", "");
  const keys = new Set(rows.filter((row) => row.length === 4).map(([key = ""]) => plain(key)));
  return rows
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

/** The deviations of this program. */
export function deviations(): readonly Deviation[] {
  return readDeviations(readFileSync(path.join(import.meta.dirname, "../README.md"), "utf8"));
}
