/** The options as a table for the README; a test keeps the two the same. */
import { flagOf, variableOf } from "./read.ts";
import { OPTIONS, type OptionKey, type OptionSpec } from "./table.ts";

const cell = (text: string): string => text.replaceAll("|", "\\|");

function row(key: OptionKey, spec: OptionSpec): string {
  const value = spec.default === "" ? "" : `\`${spec.default}\``;
  const mark = spec.ours === true ? " **ours**" : "";
  return `| \`${variableOf(key)}\` | \`--${flagOf(key)}\` | ${spec.kind} | ${value} | ${cell(spec.about)}${mark} |`;
}

/** Markdown, one row an option. */
export function optionsTable(): string {
  const rows = Object.entries(OPTIONS as Record<OptionKey, OptionSpec>).map(([key, spec]) =>
    row(key as OptionKey, spec),
  );
  return ["| Variable | Flag | Kind | Default | Meaning |", "|---|---|---|---|---|", ...rows].join("\n");
}
