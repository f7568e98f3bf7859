import { foreignToGo } from "./go-pattern.ts";

/** Keywords whose value is no schema. */
const VALUES = ["default", "enum", "const", "examples", "required"];
/** Lower bound → upper bound. */
const BOUNDS = {
  minimum: "maximum",
  minLength: "maxLength",
  minItems: "maxItems",
  minProperties: "maxProperties",
} as const;

type Table = Readonly<Record<string, unknown>>;

/**
 * What Juju would refuse in the parameters of an action, as JSON schemas of draft 4: a sentence each.
 *
 * @param properties Parameter → its schema.
 * @see Juju: actions.yaml; xeipuuv/gojsonschema: subSchema.go
 */
export function parameterFaults(properties: Table, inside = ""): readonly string[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const parameter = `parameter "${inside}${name}"`;
    return [
      ...(name === "$ref" || name === "$schema"
        ? [`${parameter}: Juju refuses the name, it must be another (action-params)`]
        : []),
      ...faultsIn(parameter, `${inside}${name}.`, schema),
    ];
  });
}

function faultsIn(parameter: string, inside: string, schema: unknown): readonly string[] {
  if (Array.isArray(schema)) return schema.flatMap((each) => faultsIn(parameter, inside, each));
  if (typeof schema !== "object" || schema === null) return [];
  const deeper = Object.entries(schema).flatMap(([key, value]) => {
    if (key === "properties") return parameterFaults(value as Table, inside);
    return VALUES.includes(key) ? [] : faultsIn(parameter, inside, value);
  });
  return [...brokenRules(schema as Table).map((rule) => `${parameter}: ${rule}`), ...deeper];
}

function brokenRules(schema: Table): readonly string[] {
  const { pattern, enum: values, multipleOf, default: value } = schema;
  const foreign = typeof pattern === "string" ? foreignToGo(pattern) : undefined;
  return [
    ...("$ref" in schema ? ["must not be recursive (action-params)"] : []),
    ...(foreign === undefined
      ? []
      : [
          `the pattern must do without "${foreign}", which Juju's do not have: the handler may check it (action-pattern)`,
        ]),
    ...(Array.isArray(values) && new Set(values).size < values.length
      ? ["its values must differ (action-params)"]
      : []),
    ...(typeof multipleOf === "number" && multipleOf <= 0
      ? ["multipleOf must be above 0 (action-params)"]
      : []),
    ...(typeof value === "number" && !Number.isFinite(value)
      ? ["the default must be finite (action-params)"]
      : []),
    ...Object.entries(BOUNDS)
      .filter(([low, high]) => Number(schema[low]) > Number(schema[high]))
      .map(([low, high]) => `${low} must not be above ${high} (action-params)`),
  ];
}
