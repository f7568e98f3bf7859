/** The TOML file: options by key at the top level, in any case. */
import { parse, TomlError } from "smol-toml";
import { nearest } from "./nearest.ts";
import { isStructured, KEYS, type OptionKey } from "./table.ts";

/** The file as it was read. */
export interface TomlReading {
  readonly values: ReadonlyMap<OptionKey, unknown>;
  readonly problems: readonly string[];
}

const KEY_OF = new Map(KEYS.map((key) => [key as string, key]));

/**
 * What the parser says, without the lines of the file that it quotes: they may hold secrets. The option on the line is named
 * when it is one.
 */
function said(error: TomlError, text: string): string {
  const [, written = ""] = /^\s*["']?([\w-]+)/.exec(text.split(/\r?\n/)[error.line - 1] ?? "") ?? [];
  const key = KEY_OF.get(written.toLowerCase());
  const words = (error.message.split("\n", 1)[0] ?? "").replace("Invalid TOML document: ", "");
  return `line ${error.line}, column ${error.column}${key === undefined ? "" : ` (${key})`}: ${words}`;
}

/**
 * Reads the text of a TOML file.
 *
 * @param name The file's name, for messages.
 * @param alpha True beside an alpha configuration, whose options are unknown here.
 */
export function readToml(text: string, name: string, alpha: boolean): TomlReading {
  const values = new Map<OptionKey, unknown>();
  const problems: string[] = [];
  const allowed = KEYS.filter((key) => !alpha || !isStructured(key));
  let table: Readonly<Record<string, unknown>>;
  try {
    table = parse(text, { integersAsBigInt: "asNeeded" });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return { values, problems: [`Cannot read config file "${name}": ${said(error, text)}`] };
  }
  for (const [written, value] of Object.entries(table)) {
    const key = KEY_OF.get(written.toLowerCase());
    const where = `Cannot read "${written.slice(0, 80)}" in "${name}"`;
    if (key === undefined)
      problems.push(`${where}: unknown key, the nearest is ${nearest(written, allowed)}`);
    else if (alpha && isStructured(key))
      problems.push(`${where}: unknown key beside --alpha-config, say it in that file instead`);
    else if (values.has(key)) problems.push(`${where}: given twice`);
    else values.set(key, value);
  }
  return { values, problems };
}
