/** Valibot schemas, as code, for the JSON schemas of actions. */
import { type Code, code, print } from "./code.ts";

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Keywords that become a step of a pipe, for schemas of any type. */
const STEPS: ReadonlyMap<string, (value: unknown) => string> = new Map([
  ["minLength", (value) => `v.minLength(${print(value)})`],
  ["maxLength", (value) => `v.maxLength(${print(value)})`],
  ["minItems", (value) => `v.minLength(${print(value)})`],
  ["maxItems", (value) => `v.maxLength(${print(value)})`],
  ["minimum", (value) => `v.minValue(${print(value)})`],
  ["maximum", (value) => `v.maxValue(${print(value)})`],
  ["pattern", (value) => `v.regex(new RegExp(${print(value)}))`],
  ["description", (value) => `v.description(${print(value)})`],
  ["title", (value) => `v.title(${print(value)})`],
]);

/** Keywords that the type itself, or the schema around, takes care of. */
const ELSEWHERE = new Set([
  "type",
  "enum",
  "items",
  "properties",
  "required",
  "additionalProperties",
  "default",
]);

/** What could not be carried over, by its place. */
export type Leftover = (place: string, what: string) => void;

function base(schema: Json, place: string, left: Leftover): string {
  const { type, enum: values } = schema;
  if (Array.isArray(values)) {
    if (values.every((value) => typeof value === "string")) return `v.picklist(${print(values)})`;
    left(place, "enum of other values than texts");
    return "v.unknown()";
  }
  switch (type) {
    case "string":
      return "v.string()";
    case "boolean":
      return "v.boolean()";
    case "number":
      return "v.number()";
    case "integer":
      return "v.pipe(v.number(), v.integer())";
    case "array":
      return `v.array(${isObject(schema["items"]) ? schemaCode(schema["items"], `${place}[]`, left) : "v.unknown()"})`;
    case "object":
      return isObject(schema["properties"])
        ? objectCode(schema, place, left).code
        : "v.record(v.string(), v.unknown())";
    default:
      left(place, type === undefined ? "no type" : `type ${print(type)}`);
      return "v.unknown()";
  }
}

/** The schema of one value, without the question whether it may be absent. */
function schemaCode(schema: Json, place: string, left: Leftover): string {
  const steps: string[] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    const step = STEPS.get(keyword);
    if (step !== undefined) steps.push(step(value));
    else if (!ELSEWHERE.has(keyword)) left(place, keyword);
  }
  const inner = base(schema, place, left);
  if (steps.length === 0) return inner;
  const pipe = /^v\.pipe\((.*)\)$/s.exec(inner)?.[1] ?? inner;
  return `v.pipe(${[pipe, ...steps].join(", ")})`;
}

/** A strict object of a schema's properties; those that are not required become optional. */
export function objectCode(schema: Json, place: string, left: Leftover): Code {
  const required = new Set(Array.isArray(schema["required"]) ? schema["required"] : []);
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const members = Object.entries(properties).map(([name, value]) => {
    const property = isObject(value) ? value : {};
    const inner = schemaCode(property, `${place}.${name}`, left);
    if ("default" in property) return [name, code(`v.optional(${inner}, ${print(property["default"])})`)];
    return [name, code(required.has(name) ? inner : `v.optional(${inner})`)];
  });
  return code(`v.object(${print(Object.fromEntries(members))})`);
}
