/** Templates in Go's language, for log lines and for pages. */
import { compileTemplate, type Render } from "./compile.ts";
import { pageEscapes } from "./context.ts";
import { PAGE_FUNCTIONS } from "./functions.ts";
import { parseTemplate } from "./parse.ts";
import type { Shape } from "./tree.ts";

/** The fields that a template may name. */
export type FieldShapes = Readonly<Record<string, Shape>>;

/**
 * A template of plain text.
 *
 * @throws {TemplateError} When it does not parse, or names a field or a function that there is not.
 * @see Go text/template
 */
export function textTemplate(source: string, fields: FieldShapes): Render {
  return compileTemplate(parseTemplate(source), undefined, { fields });
}

/**
 * A template of a page: what it shows is escaped for the place where it stands.
 *
 * @param name It must be defined under this name.
 * @throws {TemplateError} As above, and when a value stands where none is safe.
 * @see Go html/template
 */
export function pageTemplate(source: string, name: string, fields: FieldShapes): Render {
  const parsed = parseTemplate(source);
  const defined = parsed.defined.has(name)
    ? parsed.defined
    : new Map([...parsed.defined, [name, parsed.main]]);
  const page = { main: parsed.main, defined };
  return compileTemplate(page, name, { fields, functions: PAGE_FUNCTIONS, escapes: pageEscapes(page, name) });
}
