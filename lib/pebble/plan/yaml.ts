import { LayerError } from "../errors.ts";
import { decodeLayer } from "./decode.ts";
import type { LabelledLayer, Plan } from "./types.ts";

/**
 * Reads a layer's YAML (or JSON, which needs no YAML library and so starts faster) and validates it alone.
 *
 * @throws {LayerError} `ERR_PEBBLE_LAYER` with Pebble's message.
 */
export async function parseLayer(label: string, text: string): Promise<LabelledLayer> {
  return decodeLayer(label, fromJson(text) ?? (await fromYaml(text, `cannot parse layer "${label}"`)));
}

/**
 * Reads the plan that Pebble prints.
 *
 * @throws {LayerError} `ERR_PEBBLE_LAYER` when it is no plan.
 */
export async function parsePlan(text: string): Promise<Plan> {
  const value = fromJson(text) ?? (await fromYaml(text, "cannot parse plan"));
  const { services = {}, checks = {}, "log-targets": targets = {} } = decodeLayer("plan", value);
  return { services, checks, "log-targets": targets };
}

function fromJson(text: string): unknown {
  if (!text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // YAML in flow style begins with a brace too
  }
}

const NULL = new Set(["", "~", "null", "Null", "NULL"]);

/** Scalars as the text that was written, as Pebble decodes them into the type of each key; plain nulls as null. */
async function fromYaml(text: string, what: string): Promise<unknown> {
  const { isScalar, parseDocument, visit } = await import("yaml");
  const document = parseDocument(text, {
    schema: "failsafe",
    merge: true,
    prettyErrors: false,
    logLevel: "silent",
  });
  const error = document.errors[0];
  if (error) throw new LayerError(`${what}: yaml: ${error.message}`);
  visit(document, {
    Value(_key, node) {
      if (isScalar(node) && node.type === "PLAIN" && NULL.has(String(node.value))) node.value = null;
    },
  });
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw new LayerError(`${what}: yaml: ${(cause as Error).message}`, { cause });
  }
}

/** Writes a plan as Pebble prints it: keys in Pebble's order, only sections that are not empty. */
export async function formatPlan(plan: Plan): Promise<string> {
  const { Document, visit } = await import("yaml");
  const { ordered } = await import("./format.ts");
  const document = new Document(ordered(plan));
  visit(document, {
    Scalar(_key, node) {
      // Text that would be read as something else is quoted twice, as Go's YAML library does.
      if (typeof node.value === "string" && isOtherScalar(node.value)) node.type = "QUOTE_DOUBLE";
    },
  });
  return document.toString({ indent: 4, lineWidth: 0, indentSeq: true, singleQuote: true });
}

const OTHER_SCALAR =
  /^(y|n|yes|no|on|off|true|false|null|~|[-+]?(\d[\d_,.:]*(e[-+]?\d+)?|\.\d[\d_]*|0x[\da-f_]+|0o?[0-7_]+|0b[01_]+|\.inf)|\.nan|)$/i;

function isOtherScalar(text: string): boolean {
  return OTHER_SCALAR.test(text);
}
