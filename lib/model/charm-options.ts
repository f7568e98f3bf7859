/** Options of a charm (`config.yaml`) and their values. */

import { fields } from "./charm-fields.ts";
import { ModelError } from "./errors.ts";

export type OptionType = "string" | "int" | "float" | "boolean" | "secret";

export interface ConfigOption {
  readonly type: OptionType;
  readonly description: string;
  readonly default?: string | number | boolean;
}

const TYPES: Readonly<Record<string, OptionType>> = {
  string: "string",
  int: "int",
  integer: "int",
  float: "float",
  boolean: "boolean",
  secret: "secret",
};

const TRUE = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const FALSE = new Set(["0", "f", "F", "FALSE", "false", "False"]);
const INTEGER = /^[+-]?[0-9]+$/;
const FLOAT = /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$/;
const SECRET = /^secret:(\/\/[0-9a-f-]{36}\/|[0-9a-f-]{36}\/)?[0-9a-z]{20}$/;

function mismatch(name: string, type: OptionType, value: unknown): ModelError {
  return new ModelError("ERR_CONFIG", `option "${name}" expected ${type}, got ${JSON.stringify(value)}`);
}

function fromText(name: string, type: OptionType, value: string): string | number | boolean {
  switch (type) {
    case "string":
      return value;
    case "secret":
      if (value === "" || SECRET.test(value)) return value;
      throw new ModelError("ERR_CONFIG", `option "${name}": secret URI ${JSON.stringify(value)} not valid`);
    case "boolean":
      if (TRUE.has(value)) return true;
      if (FALSE.has(value)) return false;
      throw mismatch(name, type, value);
    case "int":
      if (INTEGER.test(value) && Number.isSafeInteger(Number(value))) return Number(value);
      throw mismatch(name, type, value);
    case "float":
      if (FLOAT.test(value)) return Number(value);
      throw mismatch(name, type, value);
  }
}

/**
 * A value for an option, from text as the command line gives it or already typed.
 *
 * @throws {ModelError} `ERR_CONFIG` when it does not fit the type.
 */
export function optionValue(name: string, option: ConfigOption, value: unknown): string | number | boolean {
  if (typeof value === "string") return fromText(name, option.type, value);
  if (typeof value === "boolean" && option.type === "boolean") return value;
  if (typeof value === "number") {
    if (option.type === "float") return value;
    if (option.type === "int" && Number.isInteger(value)) return value;
  }
  throw mismatch(name, option.type, value);
}

function parseOption(name: string, value: unknown): ConfigOption {
  const map = fields(value ?? {}, `config: options.${name}`);
  const type = TYPES[String(map["type"] ?? "string")];
  if (!type) {
    throw new ModelError(
      "ERR_CHARM_INVALID",
      `invalid config: option "${name}" has unknown type "${map["type"]}"`,
    );
  }
  const description = typeof map["description"] === "string" ? map["description"] : "";
  const preset = map["default"];
  if (preset === undefined || preset === null) return { type, description };
  const fits =
    (typeof preset === "string" && (type === "string" || type === "secret")) ||
    (typeof preset === "boolean" && type === "boolean") ||
    (typeof preset === "number" && (type === "float" || (type === "int" && Number.isInteger(preset))));
  if (!fits) {
    const expected = `option "${name}" expected ${type}, got ${JSON.stringify(preset)}`;
    throw new ModelError("ERR_CHARM_INVALID", `invalid config default: ${expected}`);
  }
  return { type, description, default: preset as string | number | boolean };
}

/** Reads `config.yaml`; no file, or an empty map in its place, is no options. */
export function parseOptions(file: unknown): Record<string, ConfigOption> {
  if (file === undefined) return {};
  if (file !== null && Object.keys(fields(file, "config")).length === 0) return {};
  const options = file === null ? undefined : fields(file, "config")["options"];
  if (options === undefined || options === null) {
    throw new ModelError("ERR_CHARM_INVALID", "invalid config: empty configuration");
  }
  const entries = Object.entries(fields(options, "config: options"));
  return Object.fromEntries(entries.map(([name, value]) => [name, parseOption(name, value)]));
}
