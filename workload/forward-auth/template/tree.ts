/** What a template consists of, after parsing. */

/** A text that is HTML already and is not escaped again. */
export class Markup {
  readonly html: string;

  constructor(html: string) {
    this.html = html;
  }

  toString(): string {
    return this.html;
  }
}

/** What a template can work with. */
export type Value = string | number | boolean | Markup | readonly Value[] | Fields | undefined;

/** A value with named fields. */
export interface Fields {
  readonly [name: string]: Value;
}

/** What is known about a value before there is one. */
export type Shape =
  | "text"
  | "number"
  | "truth"
  | "markup"
  | "any"
  | { readonly list: Shape }
  | { readonly fields: Readonly<Record<string, Shape>> };

/** An operand: something that has a value. */
export type Operand =
  | { readonly kind: "dot"; readonly path: readonly string[] }
  | { readonly kind: "variable"; readonly name: string; readonly path: readonly string[] }
  | { readonly kind: "literal"; readonly value: string | number | boolean }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Operand[] }
  | { readonly kind: "group"; readonly pipeline: Operand; readonly path: readonly string[] };

/** The value of an action, and the variables that it sets. */
export interface Pipeline {
  /** `$x := …` and `$x = …`; two names only in `range`. */
  readonly variables: readonly string[];
  readonly declares: boolean;
  readonly value: Operand;
}

/** A piece of a template. */
export type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "action"; readonly pipeline: Pipeline; readonly line: number }
  | {
      readonly kind: "if" | "with" | "range";
      readonly pipeline: Pipeline;
      readonly body: readonly Piece[];
      readonly otherwise: readonly Piece[];
      readonly line: number;
    }
  | {
      readonly kind: "template";
      readonly name: string;
      readonly pipeline: Pipeline | undefined;
      readonly line: number;
    }
  | { readonly kind: "break" | "continue"; readonly line: number };

/** A parsed text: its own pieces, and those that it defines by name. */
export interface Parsed {
  readonly main: readonly Piece[];
  readonly defined: ReadonlyMap<string, readonly Piece[]>;
}

/** A template that does not parse, or that asks for what there is not. */
export class TemplateError extends Error {
  readonly code = "ERR_TEMPLATE";
  /** `syntax`: Go would not parse it either; `meaning`: a field or an argument that there is not. */
  readonly fault: "syntax" | "meaning";

  constructor(fault: "syntax" | "meaning", line: number, text: string) {
    super(`line ${line}: ${text}`);
    this.name = "TemplateError";
    this.fault = fault;
  }
}
