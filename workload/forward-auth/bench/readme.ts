/** The README's table, made of saved results. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Row } from "./measurement.ts";
import { table } from "./table.ts";

interface Sitting {
  readonly date: string;
  readonly command: string;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly measurements: readonly { readonly rows: readonly Row[]; readonly raw?: unknown }[];
}

const BEGIN = "<!-- bench: begin -->";
const END = "<!-- bench: end -->";

/** Microseconds of processor time for an answer, where rates were compared. */
function processorTimes(sitting: Sitting): string {
  const found = sitting.measurements.flatMap(({ rows, raw }) => {
    const by = raw as Record<string, { cpu?: number }> | undefined;
    const [ours, upstream] = [by?.["ours"]?.cpu, by?.["oauth2-proxy"]?.cpu];
    if (ours === undefined || upstream === undefined || rows[0] === undefined) return [];
    return [`${rows[0].label.split(":")[0]} ${Math.round(ours)} and ${Math.round(upstream)}`];
  });
  return found.length === 0
    ? ""
    : `Microseconds of processor time for an answer, ours and oauth2-proxy's: ${found.join("; ")}.`;
}

/** A sitting in the README's words. */
function described(name: string, sitting: Sitting): string {
  const { cpu, cores, kernel, node } = sitting.machine;
  const about = `Measured on ${sitting.date} by \`${sitting.command}\` on ${cores} cores (${cpu}), ${kernel}, Node.js ${node}; raw results in [bench/results/${name}.json](bench/results/${name}.json).`;
  const parts = [table(sitting.measurements.flatMap(({ rows }) => rows)), processorTimes(sitting), about];
  return parts.filter((part) => part !== "").join("\n\n");
}

/**
 * Puts the table of `results/NAME.json` into the README, between its two marks.
 *
 * @throws {Error} When the README lacks a mark.
 */
export function writeReadme(name: string): void {
  const file = path.join(import.meta.dirname, "results", `${name}.json`);
  const text = described(name, JSON.parse(readFileSync(file, "utf8")) as Sitting);
  const readme = path.join(import.meta.dirname, "..", "README.md");
  const before = readFileSync(readme, "utf8");
  const [start, end] = [before.indexOf(BEGIN), before.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`Cannot write the table: ${readme} has no ${BEGIN} … ${END}`);
  writeFileSync(readme, [before.slice(0, start + BEGIN.length), text, before.slice(end)].join("\n\n"));
}
