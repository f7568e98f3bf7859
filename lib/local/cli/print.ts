import { formatJson } from "../../model/hook-context/go/json.ts";
import { fromJson, GoTime, type GoValue, Struct } from "../../model/hook-context/go/value.ts";
import { formatYaml } from "../../model/hook-context/go/yaml.ts";
import type { Invocation } from "./command.ts";

/** Writes to standard output, or to the file of `--output`. */
export async function emit(o: Invocation, text: string): Promise<void> {
  const file = o.flags.text("output");
  if (file === undefined) return o.out(text);
  const { writeFile } = await import("node:fs/promises");
  const { resolve } = await import("node:path");
  await writeFile(resolve(o.cwd, file), text);
}

/** YAML or one line of JSON. */
export function formatted(value: GoValue, format: string): string {
  return format === "json" ? `${formatJson(value)}\n` : formatYaml(value);
}

/** A record whose fields keep their order; what is undefined is left out. Whole numbers print as such. */
export function record(fields: Readonly<Record<string, unknown>>): Struct {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined);
  return new Struct(known.map(([name, value]) => [name, plain(value)] as const));
}

/** Data as Juju prints it: keys of plain objects sorted. */
export function plain(value: unknown): GoValue {
  if (value instanceof Struct || value instanceof Map || value instanceof GoTime) return value as GoValue;
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === "object") {
    return new Map(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  }
  return fromJson(value);
}
