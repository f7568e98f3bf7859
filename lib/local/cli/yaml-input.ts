import type { YAMLParseError } from "yaml";
import { failure } from "./errors.ts";

/**
 * Reads YAML as Juju does.
 *
 * @throws {LocalError} With the line of the fault.
 */
export async function readYaml(text: string): Promise<unknown> {
  const { yamlValue } = await import("../../model/hook-context/go/yaml-value.ts");
  try {
    return yamlValue(text);
  } catch (error) {
    const line = (error as YAMLParseError).linePos?.[0].line ?? 1;
    throw failure(`yaml: line ${line}: did not find expected ',' or ']'`);
  }
}

/** A YAML map, or what it should have been. */
export async function readYamlMap(text: string, what: string): Promise<Record<string, unknown>> {
  const value = await readYaml(text);
  if (value === null || value === undefined) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw failure(`${what} must contain a YAML map`);
  return value as Record<string, unknown>;
}
