import { formatDuration, parseDuration } from "../duration.ts";
import { LayerError } from "../errors.ts";
import { type FieldKind, type Fields, type Item, SECTIONS, type SectionName } from "./fields.ts";
import type { LabelledLayer } from "./types.ts";
import { validateLayer } from "./validate-layer.ts";

/**
 * Reads a layer from plain data, which YAML or JSON was parsed to, and validates it alone. Values that are
 * "unset" to Pebble (empty text, 0, null) are left out, durations are rewritten as Pebble prints them.
 *
 * @throws {LayerError} `ERR_PEBBLE_LAYER` with Pebble's message.
 */
export function decodeLayer(label: string, value: unknown): LabelledLayer {
  const sections = isObject(value) ? value : {};
  if (!isObject(value) && value !== null && value !== undefined && value !== "") {
    throw new LayerError(
      `cannot parse layer "${label}": yaml: unmarshal errors: cannot unmarshal ${describe(value)}`,
    );
  }
  const layer: Record<string, unknown> = { label };
  for (const [section, content] of Object.entries(sections)) {
    if (isSection(section)) layer[section] = decodeSection(label, section, content);
    else if (section === "summary" || section === "description")
      assign(layer, section, topText(label, section, content));
    else throw new LayerError(`cannot parse layer "${label}": unknown section "${section}"`);
  }
  const decoded = layer as unknown as LabelledLayer;
  validateLayer(decoded);
  return decoded;
}

function isSection(name: string): name is SectionName {
  return Object.hasOwn(SECTIONS, name);
}

function topText(label: string, section: string, content: unknown): unknown {
  return inSection(label, section, () => decodeField("text", content, "string"));
}

function decodeSection(label: string, section: SectionName, content: unknown): Record<string, Item | null> {
  const { fields, type } = SECTIONS[section];
  return inSection(label, section, () => {
    const items: Record<string, Item | null> = record();
    for (const [name, item] of Object.entries(object(content, `map[string]*${type}`))) {
      items[name] = item === null ? null : decodeItem(fields, item, type);
    }
    return items;
  });
}

/** Gives a fault the place it was found at. */
function inSection<T>(label: string, section: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new LayerError(`cannot parse layer "${label}" section "${section}": ${error.message}`);
  }
}

class Fault extends Error {}

function decodeItem(fields: Fields, value: unknown, type: string): Item {
  const item: Item = record();
  for (const [key, content] of Object.entries(object(value, type))) {
    const kind = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (kind === undefined) {
      throw new Fault(`yaml: unmarshal errors: field ${key} not found in type ${type}`);
    }
    assign(item, key, decodeField(kind, content, `${type}.${key}`));
  }
  return item;
}

function assign(target: Record<string, unknown>, key: string, value: unknown): void {
  if (value !== undefined) target[key] = value;
}

function decodeField(kind: FieldKind, value: unknown, type: string): unknown {
  if (value === null || value === undefined) return undefined;
  if (typeof kind !== "string") return decodeItem(kind, value, type);
  switch (kind) {
    case "text":
      return text(value, "string") || undefined;
    case "list":
      return nonEmpty(array(value).map((one) => text(one, "string")));
    case "map":
      return map(value);
    case "int":
      return int(value) || undefined;
    case "id":
      return int(value);
    case "float":
      return float(value);
    case "duration":
      return duration(value);
  }
}

function text(value: unknown, type: string): string {
  if (value === null) return "";
  if (typeof value === "object")
    throw new Fault(`yaml: unmarshal errors: cannot unmarshal ${describe(value)} into ${type}`);
  return String(value);
}

function int(value: unknown): number {
  const found = text(value, "int");
  const number = /^[+-]?\d+$/.test(found)
    ? Number(found)
    : /^0[xob][0-9a-f]+$/i.test(found)
      ? Number(found)
      : Number.NaN;
  if (!Number.isSafeInteger(number)) {
    throw new Fault(`yaml: unmarshal errors: cannot unmarshal !!str \`${found.slice(0, 10)}\` into int`);
  }
  return number;
}

function float(value: unknown): number {
  if (typeof value === "object") throw new Fault("value must be a YAML number");
  const number = String(value).trim() === "" ? Number.NaN : Number(value);
  if (Number.isNaN(number)) throw new Fault(`invalid floating-point number "${String(value)}"`);
  return number;
}

function duration(value: unknown): string {
  if (typeof value === "object") throw new Fault("duration must be a YAML string");
  const ms = parseDuration(String(value));
  if (ms === undefined) throw new Fault(`invalid duration "${String(value)}"`);
  return formatDuration(ms);
}

function array(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value === "string" && value === "") return [];
  throw new Fault(`yaml: unmarshal errors: cannot unmarshal ${describe(value)} into []string`);
}

function map(value: unknown): Record<string, string> | undefined {
  const entries = Object.entries(object(value, "map[string]string"));
  const texts: Record<string, string> = record();
  for (const [key, one] of entries) texts[key] = text(one, "string");
  return entries.length === 0 ? undefined : texts;
}

function nonEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

function object(value: unknown, type: string): Record<string, unknown> {
  if (value === null || value === undefined) return {};
  if (isObject(value)) return value;
  throw new Fault(`yaml: unmarshal errors: cannot unmarshal ${describe(value)} into ${type}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return "!!seq";
  return typeof value === "object" ? "!!map" : `!!str \`${String(value).slice(0, 10)}\``;
}

/** An object whose keys may be anything, `__proto__` too. */
function record(): Record<string, never> {
  return Object.create(null);
}
