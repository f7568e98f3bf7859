/**
 * Schemas of other libraries as nodes that samples are made of: what their JSON schema tells (Standard JSON Schema).
 *
 * @see https://standardschema.dev/json-schema
 * @module
 */

import type { Schema } from "../../charm/schema.ts";
import { paramFaults } from "../../model/charm-params.ts";
import type { SchemaNode } from "./sample.ts";

type Json = Readonly<Record<string, unknown>>;

interface WithJsonSchema {
  readonly jsonSchema?: { readonly input?: (options: { readonly target: string }) => Json };
}

/** The node of a schema; valibot's are nodes themselves. */
export function nodeOf(schema: Schema): SchemaNode {
  const standard = schema["~standard"];
  if (standard.vendor === "valibot") return schema as SchemaNode;
  const json = (standard as WithJsonSchema).jsonSchema?.input?.({ target: "draft-07" });
  if (json === undefined) return schema as SchemaNode; // It may be of the same form; else samples must be given.
  return { ...nodeOfJson(json), "~standard": standard } as SchemaNode;
}

const isJson = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A node that accepts what its JSON schema accepts, as far as the model's validator knows its words. */
function nodeOfJson(json: Json): SchemaNode {
  const validate = (value: unknown) =>
    fits(json, value) ? { value } : { issues: [{ message: "does not fit its JSON schema" }] };
  const standard = { version: 1, vendor: "json-schema", validate };
  return { ...shapeOf(json), "~standard": standard } as SchemaNode;
}

function fits(json: Json, value: unknown): boolean {
  if (value === undefined) return false;
  const format = FORMATS[String(json["format"])];
  if (format !== undefined && !(typeof value === "string" && format.test(value))) return false;
  if ("const" in json && json["const"] !== value) return false;
  return paramFaults({ properties: { value: json } }, { value }, false) === undefined;
}

/** Formats that databags have. */
const FORMATS: Readonly<Record<string, RegExp | undefined>> = {
  uri: /^[a-z][a-z0-9+.-]*:\/\/\S+$/i,
  email: /^[^@\s]+@[^@\s]+$/,
  "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  ipv4: /^\d+(\.\d+){3}$/,
  hostname: /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i,
};

function shapeOf(json: Json): SchemaNode {
  const { type, anyOf, oneOf, properties, items, additionalProperties: rest } = json;
  const options = Array.isArray(anyOf) ? anyOf : oneOf;
  if ("const" in json) return { type: "literal", literal: json["const"] };
  if (Array.isArray(json["enum"])) return { type: "picklist", options: json["enum"] };
  if (Array.isArray(options)) return { type: "union", options: options.filter(isJson).map(nodeOfJson) };
  if (Array.isArray(type))
    return { type: "union", options: type.map((one) => nodeOfJson({ ...json, type: one })) };
  if (type === "array") return { type, item: isJson(items) ? nodeOfJson(items) : {} };
  if (type === "object" && properties === undefined)
    return {
      type: "record",
      key: nodeOfJson({ type: "string" }),
      value: isJson(rest) ? nodeOfJson(rest) : {},
    };
  if (type === "object") return { type, entries: entriesOf(json) };
  return { type: type === "integer" ? "number" : String(type ?? "") };
}

function entriesOf({ properties, required }: Json): Readonly<Record<string, SchemaNode>> {
  const needed = Array.isArray(required) ? required : [];
  return Object.fromEntries(
    Object.entries(properties as Json).map(([key, value]) => {
      const node = nodeOfJson(isJson(value) ? value : {});
      return [key, needed.includes(key) ? node : optional(node)];
    }),
  );
}

function optional(wrapped: SchemaNode): SchemaNode {
  const inner = (wrapped as unknown as Schema)["~standard"];
  const validate = (value: unknown) => (value === undefined ? { value } : inner.validate(value));
  return { type: "optional", wrapped, "~standard": { ...inner, validate } } as SchemaNode;
}
