import { failure, usage } from "./errors.ts";
import { readYaml } from "./yaml-input.ts";

const key = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/**
 * Splits `a.b=1` into the path and its text.
 *
 * @throws {LocalError} `ERR_USAGE`, exit code 2.
 */
export function parseParams(words: readonly string[]): { readonly path: string[]; readonly text: string }[] {
  return words.map((word) => {
    const at = word.indexOf("=");
    if (at < 0) throw usage(`argument "${word}" must be of the form key.key.key...=value`);
    const path = word.slice(0, at).split(".");
    const bad = path.find((part) => !key.test(part));
    if (bad !== undefined) {
      throw usage(
        `key "${bad}" must start and end with lowercase alphanumeric, and contain only lowercase alphanumeric and hyphens`,
      );
    }
    return { path, text: word.slice(at + 1) };
  });
}

/** Parameters of a file, overridden by those of the command line; a later one wins. */
export async function paramsOf(
  base: Record<string, unknown>,
  words: readonly string[],
  asText: boolean,
): Promise<Record<string, unknown>> {
  const params: Record<string, unknown> = structuredClone(base);
  for (const { path, text } of parseParams(words)) {
    const value = asText ? text : await readYaml(text);
    if (value !== null && typeof value === "object" && !Array.isArray(value)) {
      throw failure("json: unsupported type: map[interface {}]interface {}");
    }
    let place = params;
    for (const part of path.slice(0, -1)) {
      const inner = Object.hasOwn(place, part) ? place[part] : undefined;
      if (inner === null || typeof inner !== "object" || Array.isArray(inner)) place[part] = {};
      place = place[part] as Record<string, unknown>;
    }
    place[path.at(-1) ?? ""] = value;
  }
  return params;
}
