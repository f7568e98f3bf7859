import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Checked } from "./command.ts";
import { failure, usage } from "./errors.ts";

/**
 * Reads `key=value` arguments; `key=@file` takes the text of a file.
 *
 * @throws {LocalError} `ERR_USAGE` for a key that is empty or given twice.
 */
export function keyValues(args: readonly string[], o: Pick<Checked, "cwd">): Record<string, string> {
  const values = splitPairs(args);
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      value.startsWith("@") ? fileText(value.slice(1), o.cwd) : value,
    ]),
  );
}

/** The same without looking into files. */
export function splitPairs(args: readonly string[]): Record<string, string> {
  const values: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const arg of args) {
    const at = arg.indexOf("=");
    if (at < 1) throw usage(`expected "key=value", got "${arg}"`);
    const key = arg.slice(0, at);
    if (Object.hasOwn(values, key)) throw usage(`key "${key}" specified more than once`);
    values[key] = arg.slice(at + 1);
  }
  return values;
}

/** Text of a file named on the command line. */
export function fileText(path: string, cwd: string): string {
  try {
    return readFileSync(resolve(cwd, path), "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw failure(`open ${path}: no such file or directory`);
    if (code === "EISDIR") throw failure(`read ${path}: is a directory`);
    throw error;
  }
}
