import { formatJson } from "./json.ts";
import { compareText } from "./text.ts";
import { type Field, FixedTexts, GoTime, type GoValue, nilMap, StringList, Struct } from "./value.ts";

/** What reading a value's JSON gives, without writing it first. */
export function jsonValue(value: GoValue): unknown {
  if (typeof value === "string") return value.toWellFormed();
  if (value === null || value === nilMap) return null;
  if (typeof value === "boolean") return value;
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (value instanceof FixedTexts)
    return value.json((texts) => object(sorted(texts)) as Record<string, string>);
  if (value instanceof Map) return object(sorted(value));
  if (value instanceof StringList) return value.nil ? null : value.items.map((item) => item.toWellFormed());
  if (value instanceof Struct) return object(value.json);
  if (value instanceof GoTime) return value.text;
  if (value instanceof Uint8Array) return JSON.parse(formatJson(value));
  return (value as readonly GoValue[]).map(jsonValue);
}

function sorted(map: ReadonlyMap<string, GoValue>): readonly Field[] {
  const fields = [...map];
  const inOrder = fields.every(([key], at) => at === 0 || compareText(fields[at - 1]![0], key) < 0);
  return inOrder ? fields : fields.sort(([a], [b]) => compareText(a, b));
}

/** As `JSON.parse` makes it: every key is the object's own, `__proto__` too. */
function object(fields: readonly Field[]): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (const [key, value] of fields) {
    const name = key.toWellFormed();
    if (name !== "__proto__") made[name] = jsonValue(value);
    else {
      const own = { value: jsonValue(value), enumerable: true, writable: true, configurable: true };
      Object.defineProperty(made, name, own);
    }
  }
  return made;
}
