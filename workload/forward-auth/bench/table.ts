/** Results as a Markdown table. */
import type { Row } from "./measurement.ts";
import { reasonOf } from "./misses.ts";

const number = (value: number | undefined): string => {
  if (value === undefined) return "";
  return value >= 100 ? Math.round(value).toLocaleString("en") : String(Math.round(value * 10) / 10);
};

const times = (value: number | undefined): string => (value === undefined ? "" : `${value.toFixed(2)} ×`);

const share = (value: number | undefined): string =>
  value === undefined ? "" : `${Math.round(value * 100)} %`;

function cells({ label, unit, values, ratio, ofBare, target, met, note }: Row): readonly string[] {
  const reason = met === false ? reasonOf(label) : undefined;
  const verdict = target === undefined ? "" : `${target}: ${met ? "yes" : "**no**"}`;
  return [
    label,
    unit,
    number(values.ours),
    number(values["oauth2-proxy"]),
    number(values.bare),
    times(ratio),
    share(ofBare),
    [verdict, reason, note].filter(Boolean).join("; "),
  ];
}

const HEAD = ["measurement", "unit", "ours", "oauth2-proxy", "bare node:http", "ratio", "of bare", "target"];

/** The table. A ratio above 1 speaks for ours, also where less is better. */
export function table(rows: readonly Row[]): string {
  const lines = [HEAD, ...rows.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0), 3));
  const format = (line: readonly string[]) =>
    `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = widths.map((width, column) =>
    column < 2 || column === 7 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [format(HEAD), format(rule), ...lines.slice(1).map(format)].join("\n");
}
