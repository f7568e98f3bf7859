/** The text refers to a variable in a way that cannot be read. */
export class ExpansionError extends Error {}

const REFERENCE = /\$\$|\$([A-Za-z_]\w*)|\$\{([^}]*)(\}?)/g;
const INSIDE = /^(\w*)(?:(:?)([-=+])([\s\S]*))?/;

type Environment = Readonly<Record<string, string | undefined>>;

/** `$NAME` in the text after `:-`; braces do not nest. */
function simple(text: string, environment: Environment): string {
  if (text.includes("${")) throw new ExpansionError("a default cannot hold another reference in braces");
  return text.replace(/\$([A-Za-z_]\w*)/g, (_, name: string) => environment[name] ?? "");
}

/** What stands between braces: a name, and perhaps what to take instead. */
function braced(inside: string, environment: Environment): string {
  const [, name = "", colon, sign, other = ""] = INSIDE.exec(inside) ?? [];
  const value = environment[name];
  const there = value !== undefined && (colon !== ":" || value !== "");
  if (sign === "+") return there ? simple(other, environment) : "";
  if (sign !== undefined && !there) return simple(other, environment);
  return value ?? "";
}

/**
 * Replaces references to variables in a text: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, the same with `=`,
 * `${NAME:+other}`. A variable that is not set is empty. `$$` stands for `$`; a `$` before anything else stays, so `$1` does.
 *
 * @throws {ExpansionError} When a brace is not closed, or a default holds a reference in braces.
 * @see a8m/envsubst
 */
export function expand(text: string, environment: Environment): string {
  return text.replace(REFERENCE, (whole, name?: string, inside?: string, close?: string) => {
    if (whole === "$$") return "$";
    if (name !== undefined) return environment[name] ?? "";
    if (close === "") throw new ExpansionError("a ${ has no closing brace");
    return inside === "" ? whole : braced(inside ?? "", environment);
  });
}
