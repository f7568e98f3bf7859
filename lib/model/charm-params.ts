/**
 * Action parameters against their JSON Schema: defaults filled in, faults in the words of Juju's validator.
 *
 * Covers the keywords of draft 4 that charms use: types, required, additionalProperties, enum, ranges, lengths,
 * counts, pattern, items, uniqueItems, allOf, anyOf, oneOf, not. Others are let through.
 *
 * @module
 */

import type { Schema } from "./charm-actions.ts";

type Params = Record<string, unknown>;

function isMap(value: unknown): value is Params {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function typeMatches(type: string, value: unknown): boolean {
  switch (type) {
    case "integer":
      return typeof value === "number" && Number.isInteger(value);
    case "number":
      return typeof value === "number";
    case "object":
      return isMap(value);
    case "array":
      return Array.isArray(value);
    case "null":
      return value === null;
    default:
      return typeof value === type;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

const given = (value: unknown) => JSON.stringify(sorted(value));

function numberFaults(schema: Schema, value: number): string[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const faults: string[] = [];
  if (typeof minimum === "number") {
    const open = exclusiveMinimum === true;
    if (open && value <= minimum) faults.push(`must be greater than ${minimum}`);
    if (!open && value < minimum) faults.push(`must be greater than or equal to ${minimum}`);
  }
  if (typeof maximum === "number") {
    const open = exclusiveMaximum === true;
    if (open && value >= maximum) faults.push(`must be lower than ${maximum}`);
    if (!open && value > maximum) faults.push(`must be lower than or equal to ${maximum}`);
  }
  if (typeof multipleOf === "number" && !Number.isInteger(value / multipleOf))
    faults.push(`must be a multiple of ${multipleOf}`);
  return faults;
}

function arrayFaults(schema: Schema, value: readonly unknown[]): string[] {
  const { minItems, maxItems, uniqueItems } = schema;
  const faults: string[] = [];
  if (typeof minItems === "number" && value.length < minItems)
    faults.push(`array must have at least ${minItems} items`);
  if (typeof maxItems === "number" && value.length > maxItems)
    faults.push(`array must have at the most ${maxItems} items`);
  if (uniqueItems === true && new Set(value.map(given)).size < value.length)
    faults.push("array items must be unique");
  return faults;
}

/** The keywords that hold schemas for the same value. */
function combinedFaults(schema: Schema, value: unknown, path: string): string[] {
  const fitting = (key: string) => {
    const list = Array.isArray(schema[key]) ? schema[key].filter(isMap) : [];
    return { all: list.length, fit: list.filter((one) => check(one, value, path).length === 0).length };
  };
  const [all, any, one] = [fitting("allOf"), fitting("anyOf"), fitting("oneOf")];
  const not = schema["not"];
  return [
    ...(all.fit < all.all ? ["must validate all the schemas (allOf)"] : []),
    ...(any.all > 0 && any.fit === 0 ? ["must validate at least one schema (anyOf)"] : []),
    ...(one.all > 0 && one.fit !== 1 ? ["must validate one and only one schema (oneOf)"] : []),
    ...(isMap(not) && check(not, value, path).length === 0 ? ["must not validate the schema (not)"] : []),
  ];
}

function stringFaults(schema: Schema, value: string): string[] {
  const { minLength, maxLength, pattern } = schema;
  const length = [...value].length;
  const faults: string[] = [];
  if (typeof minLength === "number" && length < minLength) {
    faults.push(`string length must be greater than or equal to ${minLength}`);
  }
  if (typeof maxLength === "number" && length > maxLength) {
    faults.push(`string length must be lower than or equal to ${maxLength}`);
  }
  if (typeof pattern === "string" && !new RegExp(pattern, "u").test(value)) {
    faults.push(`does not match pattern "${pattern}"`);
  }
  return faults;
}

function objectFaults(schema: Schema, value: Params, path: string): string[] {
  const properties = isMap(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const faults = required
    .filter((key) => !(String(key) in value))
    .map((key) => `${path} : "${key}" property is missing and required, given ${given(value)}`);
  if (schema["additionalProperties"] === false) {
    const surplus = Object.keys(value)
      .filter((key) => !(key in properties))
      .sort();
    faults.push(
      ...surplus.map((k) => `${path} : additional property "${k}" is not allowed, given ${given(value)}`),
    );
  }
  for (const key of Object.keys(properties).sort()) {
    if (key in value && isMap(properties[key]))
      faults.push(...check(properties[key], value[key], `${path}.${key}`));
  }
  return faults;
}

function check(schema: Schema, value: unknown, path: string): string[] {
  const types = Array.isArray(schema["type"])
    ? schema["type"]
    : schema["type"] === undefined
      ? []
      : [schema["type"]];
  if (types.length > 0 && !types.some((type) => typeMatches(String(type), value))) {
    return [`${path} : must be of type ${types.join(", ")}, given ${given(value)}`];
  }
  const faults: string[] = [];
  const allowed = schema["enum"];
  if (Array.isArray(allowed) && !allowed.some((entry) => given(entry) === given(value))) {
    faults.push(
      `must match one of the enum values [${allowed.map((entry) => JSON.stringify(entry)).join(",")}]`,
    );
  }
  if (typeof value === "number") faults.push(...numberFaults(schema, value));
  if (typeof value === "string") faults.push(...stringFaults(schema, value));
  if (Array.isArray(value)) faults.push(...arrayFaults(schema, value));
  faults.push(...combinedFaults(schema, value, path));
  const here = faults.map((fault) => `${path} : ${fault}, given ${given(value)}`);
  if (isMap(value)) here.push(...objectFaults(schema, value, path));
  if (Array.isArray(value) && isMap(schema["items"])) {
    const items = schema["items"];
    value.forEach((item, at) => {
      here.push(...check(items, item, `${path}.${at}`));
    });
  }
  return here;
}

/** The parameters with the schema's defaults where the caller gave none. */
export function withDefaults(schema: Schema, params: Params): Params {
  const properties = isMap(schema["properties"]) ? schema["properties"] : {};
  const result: Params = { ...params };
  for (const [key, property] of Object.entries(properties)) {
    if (!isMap(property)) continue;
    const value = result[key];
    if (value === undefined && property["default"] !== undefined) result[key] = property["default"];
    else if (isMap(value) && isMap(property["properties"])) result[key] = withDefaults(property, value);
  }
  return result;
}

/**
 * What is wrong with the parameters, as one text; `undefined` when nothing is.
 *
 * @param strict Whether undeclared parameters are refused where the schema does not say (Juju 4.x).
 */
export function paramFaults(schema: Schema, params: Params, strict: boolean): string | undefined {
  const effective =
    strict && schema["additionalProperties"] === undefined
      ? { ...schema, additionalProperties: false }
      : schema;
  const faults = check(effective, params, "(root)");
  return faults.length === 0 ? undefined : faults.join("; ");
}
