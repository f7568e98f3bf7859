/** Actions of a charm (`actions.yaml`): names, descriptions and the JSON Schema of their parameters. */

import { type Fields, fields } from "./charm-fields.ts";
import { ModelError } from "./errors.ts";

/** A JSON Schema (draft 4) as data. */
export type Schema = Readonly<Record<string, unknown>>;

export interface ActionDefinition {
  readonly description: string;
  readonly parallel: boolean;
  readonly executionGroup: string;
  /** Schema of the parameters object; `additionalProperties` only where the charm has it. */
  readonly schema: Schema;
}

const NAME = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const OWN_KEYS = new Set(["description", "params", "parallel", "execution-group"]);
const SCHEMA_TYPES = new Set(["array", "boolean", "integer", "null", "number", "object", "string"]);

function invalid(message: string): ModelError {
  return new ModelError("ERR_CHARM_INVALID", message);
}

function checkPattern(action: string, pattern: string): void {
  try {
    new RegExp(pattern, "u");
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw invalid(
      `invalid params schema for action schema ${action}: pattern "${pattern}" is not a valid regexp`,
    );
  }
}

function checkSchema(action: string, value: unknown): void {
  if (Array.isArray(value)) {
    for (const item of value) checkSchema(action, item);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === "$ref") throw invalid(`schema key "$ref" not compatible with this version of juju`);
    if (key === "pattern" && typeof inner === "string") checkPattern(action, inner);
    if (key === "type" && typeof inner === "string" && !SCHEMA_TYPES.has(inner)) {
      throw invalid(`invalid params schema for action schema ${action}: ${inner} is not a valid type`);
    }
    checkSchema(action, inner);
  }
}

function parseAction(name: string, value: unknown): ActionDefinition {
  if (name === "juju" || name.startsWith("juju-")) {
    throw invalid(`cannot use action name ${name}: the "juju-" prefix is reserved`);
  }
  if (!NAME.test(name)) throw invalid(`bad action name ${name}`);
  const map: Fields = fields(value ?? {}, `action ${name}`);
  const properties = fields(map["params"] ?? {}, `action ${name}: params`);
  checkSchema(name, properties);
  const description = typeof map["description"] === "string" ? map["description"] : "No description";
  const rest = Object.fromEntries(Object.entries(map).filter(([key]) => !OWN_KEYS.has(key)));
  return {
    description,
    parallel: map["parallel"] === true,
    executionGroup: typeof map["execution-group"] === "string" ? map["execution-group"] : "",
    schema: { title: name, description, type: "object", ...rest, properties },
  };
}

/** Reads `actions.yaml`; no file is no actions. */
export function parseActions(file: unknown): Record<string, ActionDefinition> {
  if (file === undefined || file === null) return {};
  const entries = Object.entries(fields(file, "actions"));
  return Object.fromEntries(entries.map(([name, value]) => [name, parseAction(name, value)]));
}
