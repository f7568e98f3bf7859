/** The options as a document; `node options/reference.ts --write` makes it anew, a test keeps the two the same. */
import { writeFileSync } from "node:fs";
import { flagOf, variableOf } from "./names.ts";
import { KEYS, type OptionKey, SPECS } from "./table.ts";

const HEAD = `# Options of forward-auth

A value comes from the flag, else from the variable, else from the file of \`--config\`, else it is the default. In the file an
option's name is its variable's without \`OAUTH2_PROXY_\`, in lower case. Where two defaults stand, the first is that of
\`decision_mode=compat\`, the second that of the other modes.

| Variable | Flag | Kind | Default | Meaning |
|---|---|---|---|---|
`;

const cell = (text: string): string => text.replaceAll("|", "\\|");

const shown = (text: string): string => (text === "" ? "empty" : `\`${text}\``);

function row(key: OptionKey): string {
  const { kind, default: usual, strict, flag, ours, about } = SPECS[key];
  const value =
    strict === undefined ? (usual === "" ? "" : shown(usual)) : `${shown(usual)}, ${shown(strict)}`;
  const mark = ours === true ? " **ours**" : "";
  const name = flag === null ? "" : `\`--${flagOf(key)}\``;
  return `| \`${variableOf(key)}\` | ${name} | ${kind} | ${value} | ${cell(about)}${mark} |\n`;
}

/** Markdown, one row an option. */
export function reference(): string {
  return HEAD + KEYS.map(row).join("");
}

if (process.argv[2] === "--write") writeFileSync(new URL("../OPTIONS.md", import.meta.url), reference());
