import { readFile } from "node:fs/promises";
import path from "node:path";

/**
 * The table of differences in the stand-in's README: rows of `scene/case` or `scene/*` and a reason.
 *
 * @returns Case, or scene with an asterisk → why.
 */
export async function deviations(): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(path.join(import.meta.dirname, "../README.md"), "utf8");
  const rows = [...text.matchAll(/^\| ((?:`[a-z0-9.-]+\/[^`|]+`(?:, )?)+)\s*\| ([^|]+) \|$/gm)];
  return Object.fromEntries(
    rows.flatMap(([, names = "", reason = ""]) =>
      [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => [name, reason.trim()]),
    ),
  );
}
