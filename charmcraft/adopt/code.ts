/** TypeScript as text: literals, and pieces of code among them. */

/** A piece of code, to be printed as it is. */
export interface Code {
  readonly code: string;
}

/** Marks text as code. */
export const code = (text: string): Code => ({ code: text });

const isCode = (value: unknown): value is Code =>
  typeof value === "object" && value !== null && Object.keys(value).join() === "code";

const WIDTH = 100;

/** A property's name, in quotes only where it needs them; in brackets where it would set the prototype. */
export function key(name: string): string {
  if (name === "__proto__") return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

/**
 * Prints a value as a TypeScript expression; members that are undefined are left out.
 *
 * @param indent Columns in front of the expression's further lines.
 */
export function print(value: unknown, indent = 0): string {
  if (isCode(value)) return value.code.replaceAll("\n", `\n${" ".repeat(indent)}`);
  if (Array.isArray(value)) {
    return wrap(
      "[",
      value.map((item) => [item, ""] as const),
      "]",
      indent,
    );
  }
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return wrap(
      "{",
      members.map(([name, member]) => [member, `${key(name)}: `] as const),
      "}",
      indent,
    );
  }
  return JSON.stringify(value);
}

/** On one line where it fits, else a line for each item. */
function wrap(
  open: string,
  items: readonly (readonly [value: unknown, before: string])[],
  close: string,
  indent: number,
): string {
  if (items.length === 0) return open + close;
  const blank = open === "{" ? " " : "";
  const line =
    open + blank + items.map(([value, before]) => before + print(value)).join(", ") + blank + close;
  if (!line.includes("\n") && indent + line.length <= WIDTH) return line;
  const margin = " ".repeat(indent + 2);
  const lines = items.map(([value, before]) => `${margin}${before}${print(value, indent + 2)},\n`);
  return `${open}\n${lines.join("")}${" ".repeat(indent)}${close}`;
}
