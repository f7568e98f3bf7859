import { formatJson } from "./json.ts";
import { type GoValue, StringList } from "./value.ts";
import { formatYaml } from "./yaml.ts";

export type Format = "smart" | "yaml" | "json";

/** What a command prints for a value; nothing at all for null, except in JSON. */
export function print(value: GoValue, format: Format): string {
  if (format === "json") return `${formatJson(value)}\n`;
  if (value === null) return "";
  return format === "yaml" ? formatYaml(value) : smart(value);
}

function smart(value: GoValue): string {
  if (typeof value === "boolean") return value ? "True\n" : "False\n";
  if (typeof value === "string") return value === "" ? "" : `${value}\n`;
  if (value instanceof StringList) {
    const text = value.items.join("\n");
    return text === "" ? "" : `${text}\n`;
  }
  return formatYaml(value);
}
