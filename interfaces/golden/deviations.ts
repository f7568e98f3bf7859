import { readFile } from "node:fs/promises";

/** What is compared: reading what the other side wrote, writing for the same inputs, reading in Python's words. */
export type Check = "their writes read" | "written" | "read";

/** One row of a README's table of deviations. */
export interface Deviation {
  readonly check: string;
  /** Beginning of the case's name. */
  readonly case: string;
  readonly why: string;
  used: number;
}

/** Reads the table under `## Deviations`: check, case, why. */
export async function deviations(readme: URL): Promise<Deviation[]> {
  const section =
    (await readFile(readme, "utf8")).split(/^## /m).find((part) => part.startsWith("Deviations")) ?? "";
  return [...section.matchAll(/^\| (read|written|their writes read) +\| `([^`]+)` +\| (.+?) *\|$/gm)].map(
    ([, check = "", name = "", why = ""]) => ({ check, case: name, why, used: 0 }),
  );
}

/** The row that excuses a difference. */
export function excuse(rows: readonly Deviation[], check: Check, name: string): Deviation | undefined {
  return rows.find((row) => row.check === check && name.startsWith(row.case));
}
