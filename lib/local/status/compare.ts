import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ModelReport, UnitReport } from "../../model/status.ts";
import { renderStatus, type StatusFormat } from "./render.ts";
import type { TabularOptions } from "./tabular.ts";

/** One recorded output; without `difference` ours is the same. */
export interface StatusComparison {
  readonly name: string;
  readonly difference?: string;
}

const outputs: Readonly<Record<string, [StatusFormat, TabularOptions]>> = {
  txt: ["tabular", {}],
  "relations.txt": ["tabular", { relations: true }],
  "storage.txt": ["tabular", { relations: true, storage: true }],
  yaml: ["yaml", {}],
  "utc.yaml": ["yaml", { utc: true }],
  json: ["json", {}],
  "line.txt": ["oneline", {}],
  "summary.txt": ["summary", {}],
};

/** The recordings leave out what the recorder gave every unit: an agent of this version. */
const AGENT = "3.6.28";

function withAgents(report: ModelReport): ModelReport {
  const unit = (value: UnitReport): UnitReport => {
    const inner = value["subordinates"] as Record<string, UnitReport> | undefined;
    const subordinates = inner ? { subordinates: mapValues(inner, unit) } : {};
    return { ...value, agent: { ...value.agent, version: AGENT } as UnitReport["agent"], ...subordinates };
  };
  const applications = mapValues(report.applications ?? {}, (app) => ({
    ...app,
    units: mapValues(app.units ?? {}, unit),
  }));
  return { ...report, applications };
}

function mapValues<T>(record: Readonly<Record<string, T>>, change: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

function difference(expected: string, actual: string): string | undefined {
  if (expected === actual) return undefined;
  const ours = actual.split("\n");
  const at = expected.split("\n").findIndex((line, index) => line !== ours[index]);
  return `line ${at + 1}: expected ${JSON.stringify(expected.split("\n")[at])}, got ${JSON.stringify(ours[at])}`;
}

/**
 * Compares what is rendered here with a folder of recordings: `NAME.input.json` and, for each output,
 * `NAME[.VERSION].OUTPUT`. Times are rendered in the zone of this process; the recordings' is UTC.
 */
export function compareStatus(folder: string): StatusComparison[] {
  const files = readdirSync(folder).sort();
  const names = files
    .filter((file) => file.endsWith(".input.json"))
    .map((file) => file.replace(/\.input\.json$/, ""));
  return names.flatMap((name) => {
    const report = withAgents(
      JSON.parse(readFileSync(join(folder, `${name}.input.json`), "utf8")) as ModelReport,
    );
    return files.flatMap((file) => {
      const match = file.startsWith(`${name}.`)
        ? /^(?:(\d(?:\.\d)?)\.)?(.+)$/.exec(file.slice(name.length + 1))
        : null;
      const output = outputs[match?.[2] ?? ""];
      if (!output) return [];
      const juju = match?.[1] === undefined ? {} : { juju: `${match[1]}.0` };
      const ours = renderStatus(report, output[0], { ...output[1], ...juju });
      const found = difference(readFileSync(join(folder, file), "utf8"), ours);
      return [{ name: file, ...(found === undefined ? {} : { difference: found }) }];
    });
  });
}
