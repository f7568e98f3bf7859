import type { AnyAction } from "./action.ts";
import type { Schema } from "./schema.ts";
import { parameterFaults } from "./schema-faults.ts";

/** A JSON schema, as far as actions use it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Rules that the schemas of an action break. */
export class ActionError extends TypeError {
  /** One sentence each, as `check()` says them. */
  readonly faults: readonly string[];
  constructor(name: string, rules: readonly string[]) {
    const faults = rules.map((rule) => `action "${name}": ${rule}`);
    super(`Cannot describe ${faults.join("; ")}`);
    this.faults = faults;
  }
}

/**
 * An action as `charmcraft.yaml` has it: its parameters are the properties of a JSON schema of draft 4 that
 * refuses unknown ones.
 *
 * Valibot schemas are converted by its own library; others must offer Standard JSON Schema.
 *
 * @throws {ActionError} When the schema is not one of an object, cannot be converted, or has what Juju refuses.
 */
export async function actionEntry(name: string, action: AnyAction): Promise<JsonSchema> {
  const valibot = action.params?.["~standard"].vendor === "valibot";
  // Loaded only when a charm is packed.
  return actionEntryWith(
    valibot ? (await import("@valibot/to-json-schema")).toJsonSchema : undefined,
    name,
    action,
  );
}

/** Converts a schema of Valibot: `toJsonSchema` of its own library. */
export type ValibotConverter = typeof import("@valibot/to-json-schema").toJsonSchema;

/** As {@link actionEntry}, for callers that have the converter loaded. */
export function actionEntryWith(
  valibot: ValibotConverter | undefined,
  name: string,
  action: AnyAction,
): JsonSchema {
  const schema = action.params === undefined ? {} : jsonSchemaOf(valibot, name, "parameters", action.params);
  const { properties = {}, required } = schema;
  const params = draft4Each(properties);
  const faults = parameterFaults(params);
  if (faults.length > 0) throw new ActionError(name, faults);
  return {
    description: action.description,
    ...(Object.keys(params).length > 0 ? { params } : {}),
    ...(Array.isArray(required) && required.length > 0 ? { required } : {}),
    additionalProperties: false,
    ...(action.parallel === undefined ? {} : { parallel: action.parallel }),
    ...(action.executionGroup === undefined ? {} : { "execution-group": action.executionGroup }),
  };
}

/** What Juju takes as a part of a result's key, and what it keeps for itself. */
const RESULT_KEY = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const RESERVED = ["stdout", "stdout-encoding", "stderr", "stderr-encoding"];

/**
 * What an action's handler returns, as a JSON schema; `undefined` where the contract does not say.
 *
 * @throws {ActionError} When it is not one of an object, cannot be converted, or has keys that Juju refuses.
 */
export async function resultSchema(name: string, { results }: AnyAction): Promise<JsonSchema | undefined> {
  if (results === undefined) return undefined;
  const valibot =
    results["~standard"].vendor === "valibot"
      ? (await import("@valibot/to-json-schema")).toJsonSchema
      : undefined;
  const schema = jsonSchemaOf(valibot, name, "results", results);
  const refused = keysOf(schema).filter((key) => !RESULT_KEY.test(key) || RESERVED.includes(key));
  const rule = `must match ${RESULT_KEY.source} and not be one of ${RESERVED.join(", ")} (action-results)`;
  if (refused.length > 0)
    throw new ActionError(
      name,
      refused.map((key) => `result key "${key}" ${rule}`),
    );
  return schema;
}

/** Keys of an object and of the objects in it. */
function keysOf({ properties }: JsonSchema): readonly string[] {
  return Object.entries((properties ?? {}) as Readonly<Record<string, JsonSchema>>).flatMap(
    ([key, inner]) => [key, ...keysOf(inner)],
  );
}

function jsonSchemaOf(
  valibot: ValibotConverter | undefined,
  name: string,
  what: "parameters" | "results",
  schema: Schema,
): JsonSchema {
  const rule = what === "parameters" ? "action-params" : "action-results";
  const own = schema["~standard"].vendor === "valibot" ? valibot : undefined;
  let converted: JsonSchema | undefined;
  try {
    converted = own === undefined ? fromStandard(schema) : fromValibot(own, schema);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ActionError(name, [`its ${what} must be what JSON schema can say: ${why} (${rule})`]);
  }
  if (converted?.["type"] === "object") return converted;
  throw new ActionError(name, [`its ${what} must be a schema of an object (${rule})`]);
}

function fromValibot(toJsonSchema: ValibotConverter, schema: Schema): JsonSchema {
  const options = { typeMode: "input", errorMode: "ignore", overrideAction: withFlags } as const;
  return toJsonSchema(schema as unknown as Parameters<typeof toJsonSchema>[0], options) as JsonSchema;
}

type OverrideAction = NonNullable<NonNullable<Parameters<ValibotConverter>[1]>["overrideAction"]>;

/** Flags of a regular expression that change what it matches go into the pattern, which has no other place for them. */
const withFlags: OverrideAction = ({ valibotAction, jsonSchema }) => {
  const { type, requirement } = valibotAction as { type: string; requirement?: unknown };
  if (type !== "regex" || !(requirement instanceof RegExp) || jsonSchema.pattern !== requirement.source)
    return undefined;
  const flags = requirement.flags.replace(/[^ims]/g, "");
  return flags === "" ? undefined : { ...jsonSchema, pattern: `(?${flags}:${requirement.source})` };
};

interface WithJsonSchema {
  readonly jsonSchema?: { readonly input?: (options: { readonly target: string }) => JsonSchema };
}

function fromStandard(schema: Schema): JsonSchema | undefined {
  return (schema["~standard"] as WithJsonSchema).jsonSchema?.input?.({ target: "draft-07" });
}

/** Names of properties are not keywords, whatever they are called. */
function draft4Each(properties: unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(properties as object).map(([name, value]) => [name, draft4(value)]),
  );
}

/** Draft 4 has boolean `exclusiveMinimum` and no `const`; Juju refuses `$schema`. */
function draft4(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(draft4);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, inner]) => draft4Entry(key, inner));
  return Object.fromEntries(entries);
}

function draft4Entry(key: string, value: unknown): [string, unknown][] {
  if (key === "$schema") return [];
  if (key === "properties") return [[key, draft4Each(value)]];
  if (key === "default" || key === "enum") return [[key, value]];
  if (key === "const") return [["enum", [value]]];
  if (key === "exclusiveMinimum" && typeof value === "number")
    return [
      ["minimum", value],
      [key, true],
    ];
  if (key === "exclusiveMaximum" && typeof value === "number")
    return [
      ["maximum", value],
      [key, true],
    ];
  return [[key, draft4(value)]];
}
