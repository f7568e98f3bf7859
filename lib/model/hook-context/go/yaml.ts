import { formatFloat, trimEnd } from "./text.ts";
import { type Field, GoTime, type GoValue, nilMap, StringList, Struct } from "./value.ts";
import { compareKeys } from "./yaml-order.ts";
import { isPlainString } from "./yaml-resolve.ts";
import { type ScalarStyle, YamlWriter } from "./yaml-writer.ts";

/**
 * YAML as go-yaml v2 writes it: block style, keys of maps sorted, lists in a map not indented, long
 * lines folded at 80 columns, characters beyond U+FFFF escaped. Ends with one newline.
 */
export function formatYaml(value: GoValue): string {
  const writer = new YamlWriter();
  writeNode(writer, value, { indent: -1, inMap: false });
  return `${trimEnd(writer.text, "\n")}\n`;
}

/** Where a node stands: the indentation of its parent, and whether it is the value of a key. */
interface Place {
  readonly indent: number;
  readonly inMap: boolean;
}

function writeNode(writer: YamlWriter, value: GoValue, place: Place): void {
  if (value instanceof Struct) writeMap(writer, value.yaml, place);
  else if (value instanceof Map) writeMap(writer, sorted(value), place);
  else if (value === nilMap) writeMap(writer, [], place);
  else if (value instanceof StringList) writeList(writer, value.items, place);
  else if (Array.isArray(value)) writeList(writer, value as readonly GoValue[], place);
  else writeScalar(writer, value as Scalar, place.indent);
}

function sorted(map: ReadonlyMap<string, GoValue>): readonly Field[] {
  return [...map].sort(([a], [b]) => compareKeys(a, b));
}

function writeMap(writer: YamlWriter, fields: readonly Field[], place: Place): void {
  if (fields.length === 0) {
    writer.flowEmpty("{", "}");
    return;
  }
  const indent = place.indent < 0 ? 0 : place.indent + 2;
  for (const [key, value] of fields) {
    writer.newLine(indent);
    if (isSimpleKey(key)) {
      writeText(writer, key, { indent: indent + 2, key: true });
      writer.indicator(":", { space: false });
    } else {
      writer.indicator("?", { space: true, indention: true });
      writeText(writer, key, { indent: indent + 2, key: false });
      writer.newLine(indent);
      writer.indicator(":", { space: true, indention: true });
    }
    writeNode(writer, value, { indent, inMap: true });
  }
}

function isSimpleKey(key: string): boolean {
  return !/[\r\n\u0085\u2028\u2029]/.test(key) && Buffer.byteLength(key, "utf8") <= 128;
}

function writeList(writer: YamlWriter, items: readonly GoValue[], place: Place): void {
  if (items.length === 0) {
    writer.flowEmpty("[", "]");
    return;
  }
  const flat = place.inMap && !writer.indention;
  const indent = place.indent < 0 ? 0 : place.indent + (flat ? 0 : 2);
  for (const item of items) {
    writer.newLine(indent);
    writer.indicator("-", { space: true, indention: true });
    writeNode(writer, item, { indent, inMap: false });
  }
}

type Scalar = null | boolean | number | bigint | string | Uint8Array | GoTime;

function writeScalar(writer: YamlWriter, value: Scalar, parentIndent: number): void {
  const indent = parentIndent < 0 ? 2 : parentIndent + 2;
  if (typeof value === "string") writeText(writer, value, { indent, key: false });
  else if (value instanceof Uint8Array) writeBinary(writer, value, indent);
  else writer.scalar(literal(value), "plain", { indent, key: false });
}

function literal(value: null | boolean | number | bigint | GoTime): string {
  if (value instanceof GoTime) return value.text;
  return typeof value === "number" ? formatFloat(value) : String(value);
}

function writeText(writer: YamlWriter, text: string, place: { indent: number; key: boolean }): void {
  const known = text.toWellFormed();
  let style: ScalarStyle = isPlainString(known) ? "plain" : "double";
  if (known.includes("\n")) style = "literal";
  writer.scalar(known, style, place);
}

function writeBinary(writer: YamlWriter, bytes: Uint8Array, indent: number): void {
  const text = Buffer.from(bytes).toString("base64");
  // Text of a full line's length still counts as several lines.
  const lines = text.match(/.{1,70}/g) ?? [];
  const wrapped = text.length < 70 ? text : lines.map((line) => `${line}\n`).join("");
  writer.tag("!!binary");
  writer.scalar(wrapped, wrapped.includes("\n") ? "literal" : "plain", { indent, key: false });
}
