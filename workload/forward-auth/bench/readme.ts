/**
 * Puts the table of a saved sitting into the README, between its two marks.
 *
 *   node workload/forward-auth/bench/readme.ts NAME
 */
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
const [name] = process.argv.slice(2);
if (name === undefined)
  throw new TypeError("Cannot write the table: name the results, as in `readme.ts 2-core`");

const file = path.join(import.meta.dirname, "results", `${name}.json`);
const sitting = JSON.parse(readFileSync(file, "utf8")) as Sitting;

/** Microseconds of processor time for an answer, where rates were compared. */
function processorTimes(): string {
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

const { cpu, cores, kernel, node } = sitting.machine;
const about = `Measured on ${sitting.date} by \`${sitting.command}\` on ${cores} cores (${cpu}), ${kernel}, Node.js ${node}; raw results in [bench/results/${name}.json](bench/results/${name}.json).`;
const text = [BEGIN, table(sitting.measurements.flatMap(({ rows }) => rows)), processorTimes(), about, END]
  .filter((part) => part !== "")
  .join("\n\n");

const readme = path.join(import.meta.dirname, "..", "README.md");
const before = readFileSync(readme, "utf8");
const [start, end] = [before.indexOf(BEGIN), before.indexOf(END)];
if (start < 0 || end < start) throw new Error(`Cannot write the table: ${readme} has no ${BEGIN} … ${END}`);
writeFileSync(readme, before.slice(0, start) + text + before.slice(end + END.length));
