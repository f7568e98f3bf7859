/** Makes a function of a parsed template. What can be known before it runs is checked here. */
import type { Escapes } from "./context.ts";
import { BUILT_IN, type TemplateFunction, truth } from "./functions.ts";
import { show } from "./print.ts";
import {
  type Fields,
  Markup,
  type Operand,
  type Parsed,
  type Piece,
  type Pipeline,
  type Shape,
  TemplateError,
  type Value,
} from "./tree.ts";

/** What a template is compiled with. */
export interface CompileOptions {
  /** The fields that it may name. */
  readonly fields: Readonly<Record<string, Shape>>;
  readonly functions?: ReadonlyMap<string, TemplateFunction>;
  /** Undefined: plain text. */
  readonly escapes?: Escapes;
}

/** A compiled template. Never throws. */
export type Render = (fields: Fields) => string;

/** Values while a template runs. */
interface Scope {
  readonly dot: Value;
  /** `$`: what the template was called with. */
  readonly root: Value;
  /** Cells: a block inside changes the variables of those around it, and declares its own. */
  readonly variables: Map<string, { value: Value }>;
}

interface Output {
  text: string;
}

type Flow = "break" | "continue" | undefined;
type Run = (scope: Scope, output: Output) => Flow;

type Branch = Extract<Piece, { kind: "if" | "with" | "range" }>;

/** A compiled operand. */
interface Expression {
  readonly shape: Shape;
  readonly value: (scope: Scope) => Value;
}

/** What is known in a place of the template. */
interface Known {
  readonly dot: Shape;
  readonly variables: ReadonlyMap<string, Shape>;
  readonly line: number;
}

/** Deepest nesting of named templates that call each other. */
const DEEPEST = 50;

/** Most rounds of all ranges over a number. */
const MOST_ROUNDS = 1000;

const childOf = (value: Value, name: string): Value =>
  typeof value === "object" && !(value instanceof Markup) && !Array.isArray(value)
    ? (value as Fields)[name]
    : undefined;

class Compiler {
  readonly #options: CompileOptions;
  readonly #functions: ReadonlyMap<string, TemplateFunction>;
  readonly #defined: Parsed["defined"];
  /** True once the template sets a variable. */
  sets = false;
  #depth = 0;

  constructor(options: CompileOptions, defined: Parsed["defined"]) {
    this.#options = options;
    this.#functions = options.functions ?? BUILT_IN;
    this.#defined = defined;
  }

  pieces(pieces: readonly Piece[], known: Known): Run {
    let now = known;
    const runs = pieces.map((piece) => {
      const run = this.#piece(piece, now);
      if (piece.kind === "action" && piece.pipeline.declares)
        now = this.#declared(piece.pipeline, now, this.#operand(piece.pipeline.value, now).shape);
      return run;
    });
    return (scope, output) => {
      for (const run of runs) {
        const flow = run(scope, output);
        if (flow !== undefined) return flow;
      }
      return undefined;
    };
  }

  #piece(piece: Piece, before: Known): Run {
    if (piece.kind === "text") {
      const { text } = piece;
      return writing(() => text);
    }
    const known = { ...before, line: piece.line };
    switch (piece.kind) {
      case "action":
        return this.#action(piece, known);
      case "if":
        return this.#if(piece, known);
      case "with":
        return this.#with(piece, known);
      case "range":
        return this.#range(piece, known);
      case "template":
        return this.#template(piece, known);
      default:
        return () => piece.kind;
    }
  }

  #action(piece: Extract<Piece, { kind: "action" }>, known: Known): Run {
    const { variables, value: operand } = piece.pipeline;
    const [name] = variables;
    const escaped = this.#options.escapes?.get(piece);
    const { value } = this.#operand(
      escaped === undefined ? piece.pipeline.value : withoutHtml(piece.pipeline.value),
      known,
    );
    const field = operand.kind === "dot" && operand.path.length === 1 ? operand.path[0] : undefined;
    if (name === undefined && escaped === undefined && field !== undefined) return showing(field);
    this.sets ||= name !== undefined;
    if (name !== undefined) return setting(name, piece.pipeline.declares, value);
    if (escaped !== undefined) return writing((scope) => escaped(value(scope)));
    return writing((scope) => show(value(scope)));
  }

  #if(piece: Branch, known: Known): Run {
    const { value, shape } = this.#operand(piece.pipeline.value, known);
    const inside = this.#declared(piece.pipeline, known, shape);
    const body = this.pieces(piece.body, inside);
    const otherwise = this.pieces(piece.otherwise, inside);
    const set = setter(piece);
    return (scope, output) => {
      const result = value(scope);
      const inner = set(scope, result);
      return truth(result) ? body(inner, output) : otherwise(inner, output);
    };
  }

  #with(piece: Branch, known: Known): Run {
    const { value, shape } = this.#operand(piece.pipeline.value, known);
    const inside = this.#declared(piece.pipeline, known, shape);
    const body = this.pieces(piece.body, { ...inside, dot: shape });
    const otherwise = this.pieces(piece.otherwise, inside);
    const set = setter(piece);
    return (scope, output) => {
      const result = value(scope);
      const inner = set(scope, result);
      return truth(result) ? body({ ...inner, dot: result }, output) : otherwise(inner, output);
    };
  }

  #range(piece: Branch, known: Known): Run {
    const { value, shape } = this.#operand(piece.pipeline.value, known);
    const element = elementOf(shape, known.line);
    const names = piece.pipeline.variables;
    const variables = new Map(known.variables);
    for (const [index, name] of names.entries())
      variables.set(name, names.length === 2 && index === 0 ? "number" : element);
    const body = this.pieces(piece.body, { ...known, variables, dot: element });
    const otherwise = this.pieces(piece.otherwise, known);
    return (scope, output) => {
      const rounds = roundsOf(value(scope));
      if (rounds.length === 0) return otherwise(copied(scope), output);
      for (const [index, dot] of rounds.entries()) {
        const inner = { ...copied(scope), dot };
        const values = names.length === 2 ? [index, dot] : [dot];
        for (const [at, name] of names.entries()) inner.variables.set(name, { value: values[at] });
        if (body(inner, output) === "break") break;
      }
      return undefined;
    };
  }

  #template(piece: Extract<Piece, { kind: "template" }>, known: Known): Run {
    const pieces = this.#defined.get(piece.name);
    if (pieces === undefined)
      throw new TemplateError("meaning", piece.line, `template "${piece.name}" is not defined`);
    if (++this.#depth > DEEPEST)
      throw new TemplateError("meaning", piece.line, `template "${piece.name}" calls itself`);
    const argument = piece.pipeline === undefined ? undefined : this.#operand(piece.pipeline.value, known);
    const dot = argument?.shape ?? "any";
    const body = this.pieces(pieces, { dot, variables: new Map([["$", dot]]), line: piece.line });
    this.#depth--;
    return (scope, output) => {
      const value = argument?.value(scope);
      body({ dot: value, root: value, variables: new Map() }, output);
      return undefined;
    };
  }

  #declared(pipeline: Pipeline, known: Known, shape: Shape): Known {
    if (!pipeline.declares) return known;
    const variables = new Map(known.variables);
    for (const name of pipeline.variables) variables.set(name, shape);
    return { ...known, variables };
  }

  #operand(operand: Operand, known: Known): Expression {
    switch (operand.kind) {
      case "literal":
        return literal(operand.value);
      case "dot":
        return this.#path({ shape: known.dot, value: (scope) => scope.dot }, operand.path, known);
      case "variable": {
        const { name, path } = operand;
        const shape = known.variables.get(name) ?? "any";
        return this.#path({ shape, value: variableOf(name) }, path, known);
      }
      case "group":
        return this.#path(this.#operand(operand.pipeline, known), operand.path, known);
      case "call":
        return this.#call(operand, known);
    }
  }

  #path(from: Expression, path: readonly string[], { line }: Known): Expression {
    return path.reduce<Expression>(({ shape, value }, name) => {
      const fields = typeof shape === "object" && "fields" in shape ? shape.fields : {};
      const next = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (next === undefined) throw new TemplateError("meaning", line, unknownField(name, fields));
      return { shape: next, value: (scope) => childOf(value(scope), name) };
    }, from);
  }

  #call({ name, args }: Extract<Operand, { kind: "call" }>, known: Known): Expression {
    const called = this.#functions.get(name);
    if (called === undefined) throw new TemplateError("syntax", known.line, `function "${name}" not defined`);
    const { least, most } = called;
    if (args.length < least || args.length > most)
      throw new TemplateError(
        "meaning",
        known.line,
        `${name} takes ${least === most ? least : `${least} to ${most}`} arguments, has ${args.length}`,
      );
    const expressions = args.map((arg) => this.#operand(arg, known));
    const shape = called.shape(expressions.map((expression) => expression.shape));
    if (typeof shape === "object" && "refused" in shape)
      throw new TemplateError("meaning", known.line, `${name}: ${shape.refused}`);
    return { shape, value: (scope) => called.call(expressions.map(({ value }) => value(scope))) };
  }
}

function unknownField(name: string, fields: Readonly<Record<string, Shape>>): string {
  const names = Object.keys(fields);
  return `there is no field ${JSON.stringify(name)}${names.length === 0 ? "" : `, there are ${names.join(", ")}`}`;
}

const SHAPES = { string: "text", number: "number", boolean: "truth" } as const;

function literal(value: string | number | boolean): Expression {
  return { shape: SHAPES[typeof value as keyof typeof SHAPES], value: () => value };
}

/** `html` at the end of an action is what the page does anyway. */
const withoutHtml = (operand: Operand): Operand =>
  operand.kind === "call" && operand.name === "html" && operand.args.length === 1
    ? (operand.args[0] as Operand)
    : operand;

const copied = ({ dot, root, variables }: Scope): Scope => ({ dot, root, variables: new Map(variables) });

/** The variables of a template that sets none; never written to. */
const NONE: Scope["variables"] = new Map();

const variableOf = (name: string): Expression["value"] =>
  name === "$" ? (scope) => scope.root : (scope) => scope.variables.get(name)?.value;

const writing =
  (text: (scope: Scope) => string): Run =>
  (scope, output) => {
    output.text += text(scope);
    return undefined;
  };

/** A field of the dot, the most frequent action by far. */
const showing =
  (name: string): Run =>
  (scope, output) => {
    const value = childOf(scope.dot, name);
    output.text += typeof value === "string" ? value : show(value);
    return undefined;
  };

/** `{{$x := …}}` and `{{$x = …}}`. */
function setting(name: string, declares: boolean, value: Expression["value"]): Run {
  return (scope) => {
    const cell = scope.variables.get(name);
    if (declares || cell === undefined) scope.variables.set(name, { value: value(scope) });
    else cell.value = value(scope);
    return undefined;
  };
}

const setsVariables = (piece: Piece): boolean =>
  piece.kind === "action" && piece.pipeline.variables.length > 0;

/** Makes the scope of a block; the one around it does when the block sets nothing. */
function setter({ pipeline, body, otherwise }: Branch): (scope: Scope, value: Value) => Scope {
  const [name] = pipeline.variables;
  if (name === undefined && ![...body, ...otherwise].some(setsVariables)) return (scope) => scope;
  return (scope, value) => {
    const inner = copied(scope);
    if (name !== undefined && pipeline.declares) inner.variables.set(name, { value });
    const cell = name === undefined ? undefined : inner.variables.get(name);
    if (cell !== undefined) cell.value = value;
    return inner;
  };
}

function elementOf(shape: Shape, line: number): Shape {
  if (shape === "number" || shape === "any") return shape;
  if (typeof shape === "object" && "list" in shape) return shape.list;
  throw new TemplateError("meaning", line, "range needs a list or a number");
}

function roundsOf(value: Value): readonly Value[] {
  if (Array.isArray(value)) return value;
  return typeof value === "number"
    ? Array.from({ length: Math.min(Math.max(Math.trunc(value), 0), MOST_ROUNDS) || 0 }, (_, index) => index)
    : [];
}

/**
 * Compiles one of the templates of a text.
 *
 * @param name Undefined: the text itself.
 * @throws {TemplateError} When it names a field or a function that there is not.
 */
export function compileTemplate(parsed: Parsed, name: string | undefined, options: CompileOptions): Render {
  const pieces = name === undefined ? parsed.main : parsed.defined.get(name);
  if (pieces === undefined) throw new TemplateError("meaning", 1, `template "${name}" is not defined`);
  const root: Shape = { fields: options.fields };
  const compiler = new Compiler(options, parsed.defined);
  const run = compiler.pieces(pieces, { dot: root, variables: new Map([["$", root]]), line: 1 });
  return (fields) => {
    const output = { text: "" };
    run({ dot: fields, root: fields, variables: compiler.sets ? new Map() : NONE }, output);
    return output.text;
  };
}
