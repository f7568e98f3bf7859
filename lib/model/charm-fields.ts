/** Small readers of parsed YAML that complain in Juju's words. */

import { ModelError } from "./errors.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** How Go prints a value of a wrong type. */
function got(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (typeof value === "number") return `${Number.isInteger(value) ? "int" : "float64"}(${value})`;
  if (typeof value === "boolean") return `bool(${value})`;
  if (typeof value === "string") return `string(${JSON.stringify(value)})`;
  return Array.isArray(value) ? "list" : "map";
}

/** The value as a map. @throws {ModelError} `ERR_CHARM_INVALID`. */
export function fields(value: unknown, where: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    // Names become keys of plain objects; these would be found in every one of them.
    const inherited = Object.keys(value).find((key) => key in Object.prototype);
    if (inherited === undefined) return value as Fields;
    throw new ModelError("ERR_CHARM_INVALID", `${where}: name ${JSON.stringify(inherited)} not valid`);
  }
  throw new ModelError("ERR_CHARM_INVALID", `${where}: expected map, got ${got(value)}`);
}

/** A section that may be missing. */
export function optionalFields(map: Fields, key: string, where: string): Fields {
  const value = map[key];
  return value === undefined || value === null ? {} : fields(value, `${where}: ${key}`);
}

export function field(map: Fields, key: string): unknown {
  return map[key];
}

/** A required string. */
export function text(map: Fields, key: string, where: string): string {
  const value = map[key];
  if (typeof value === "string") return value;
  throw new ModelError("ERR_CHARM_INVALID", `${where}: ${key}: expected string, got ${got(value)}`);
}
