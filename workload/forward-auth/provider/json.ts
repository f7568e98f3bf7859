/**
 * JSON as it comes from providers: numbers keep their text, for an identifier above 2^53 must not change on its way to an
 * application, and a key that comes twice makes the text unusable, because two programs would read two things.
 */

/** A number as it was written. */
export class NumberText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toJSON(): unknown {
    return Number(this.text);
  }
}

/** An object from outside; its keys are looked up with `Object.hasOwn` only. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True for an object that is no list. */
export function isJsonObject(value: unknown): value is JsonObject {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof NumberText)
  );
}

type Reviver = (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown;

const keepNumbers: Reviver = (_key, value, context) =>
  typeof value === "number" ? new NumberText(context.source ?? String(value)) : value;

/** Reads an object; undefined for everything else, whatever is wrong with it. */
export function readObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text, keepNumbers as (key: string, value: unknown) => unknown);
    return isJsonObject(value) ? value : undefined;
  } catch (error) {
    // RangeError: nested too deeply.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Reads any JSON; undefined when it is none. */
export function readJson(text: string): unknown {
  return readObject(`{"value":${text}}`)?.["value"];
}

/** A member of an object; undefined when it has none of its own. */
export function member(object: unknown, name: string): unknown {
  return isJsonObject(object) && Object.hasOwn(object, name) ? object[name] : undefined;
}

/** A text member; empty when it is none. */
export function textMember(object: unknown, name: string): string {
  const value = member(object, name);
  return typeof value === "string" ? value : "";
}

/** A list member; empty when it is none. */
export function listMember(object: unknown, name: string): readonly unknown[] {
  const value = member(object, name);
  return Array.isArray(value) ? value : [];
}

/** The texts in a list member. */
export function textsMember(object: unknown, name: string): readonly string[] {
  return listMember(object, name).filter((item) => typeof item === "string");
}

/**
 * True when an object in the text has a key twice.
 *
 * @param text Must be JSON.
 */
export function hasDuplicateKeys(text: string): boolean {
  const objects: (Set<string> | undefined)[] = [];
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === "{") objects.push(new Set());
    else if (character === "[") objects.push(undefined);
    else if (character === "}" || character === "]") objects.pop();
    if (character !== '"') continue;
    const end = endOfString(text, index);
    const keys = objects.at(-1);
    if (keys !== undefined && /^\s*:/.test(text.slice(end + 1, end + 64))) {
      const key = String(JSON.parse(text.slice(index, end + 1)));
      if (keys.has(key)) return true;
      keys.add(key);
    }
    index = end;
  }
  return false;
}

/** Where the string that begins at `start` ends. */
function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === "\\" ? 2 : 1;
  return index;
}

/** Deepest nesting that is written. */
const DEEPEST = 64;

const ESCAPES: Readonly<Record<string, string>> = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};

/** JSON text with sorted keys and with `<`, `>`, `&` escaped, as Go programs write it. */
export function goJson(value: unknown, depth = 0): string {
  if (value instanceof NumberText) return value.text;
  if (typeof value !== "object" || value === null) {
    return JSON.stringify(value ?? null).replace(/[<>&\u2028\u2029]/g, (found) => ESCAPES[found] ?? found);
  }
  if (depth >= DEEPEST) return "null";
  if (Array.isArray(value)) return `[${value.map((item) => goJson(item, depth + 1)).join(",")}]`;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([key, item]) => `${goJson(key)}:${goJson(item, depth + 1)}`).join(",")}}`;
}

/** The value without `NumberText`: numbers as their text, objects without prototype. For claims that a session keeps. */
export function withoutNumbers(value: unknown, depth = 0): unknown {
  if (value instanceof NumberText) return value.text;
  if (typeof value !== "object" || value === null) return value;
  if (depth >= DEEPEST) return null;
  if (Array.isArray(value)) return value.map((item) => withoutNumbers(item, depth + 1));
  const plain: Record<string, unknown> = Object.create(null);
  for (const [key, item] of Object.entries(value)) plain[key] = withoutNumbers(item, depth + 1);
  return plain;
}
