/**
 * Parses the part of Go's template language that upstream's users write: fields, variables, functions, pipelines, `if`, `with`,
 * `range`, `define`, `template`, `block`.
 *
 * @see Go text/template
 */
import { readPipeline, Words } from "./pipeline.ts";
import { type Part, readParts } from "./tokens.ts";
import { type Parsed, type Piece, TemplateError } from "./tree.ts";

/** Deepest nesting of blocks. */
const DEEPEST = 100;

/** How a list of pieces ended. */
interface List {
  readonly pieces: readonly Piece[];
  /** `else`, its words still unread, `end`, or the end of the text. */
  readonly end: { readonly kind: "else" | "end" | "text"; readonly words: Words | undefined };
}

class Parser {
  readonly #parts: readonly Part[];
  readonly defined = new Map<string, readonly Piece[]>();
  #at = 0;
  #depth = 0;
  #loops = 0;

  constructor(source: string) {
    this.#parts = readParts(source);
  }

  /** Pieces until `else`, `end` or the end of the text. @param scope Variables that may be used. */
  list(scope: readonly string[]): List {
    const pieces: Piece[] = [];
    let variables = scope;
    for (;;) {
      const part = this.#parts[this.#at++];
      if (part === undefined) return { pieces, end: { kind: "text", words: undefined } };
      if (part.kind === "text") {
        pieces.push({ kind: "text", text: part.text });
        continue;
      }
      const words = new Words(part.tokens, part.line, variables);
      const word = words.keyword();
      if (word === "else" || word === "end") return { pieces, end: { kind: word, words } };
      const piece = this.#action(word, words, part.line);
      if (piece === undefined) continue;
      if (piece.kind === "action" && piece.pipeline.declares)
        variables = [...variables, ...piece.pipeline.variables];
      pieces.push(piece);
    }
  }

  #action(word: string | undefined, words: Words, line: number): Piece | undefined {
    switch (word) {
      case "if":
      case "with":
      case "range":
        return this.#branch(word, words, line);
      case "define":
        return this.#define(words, line);
      case "block":
        return this.#block(words, line);
      case "template": {
        const name = words.string();
        return { kind: "template", name, pipeline: words.done ? undefined : readPipeline(words, 0), line };
      }
      case "break":
      case "continue":
        words.finish();
        if (this.#loops === 0) throw new TemplateError("syntax", line, `{{${word}}} outside {{range}}`);
        return { kind: word, line };
      default:
        return { kind: "action", pipeline: readPipeline(words, 1), line };
    }
  }

  #branch(kind: "if" | "with" | "range", words: Words, line: number): Piece {
    if (++this.#depth > DEEPEST) throw new TemplateError("syntax", line, "too deep");
    const pipeline = readPipeline(words, kind === "range" ? 2 : 1);
    const scope = pipeline.declares ? [...words.variables, ...pipeline.variables] : words.variables;
    this.#loops += kind === "range" ? 1 : 0;
    const { pieces: body, end } = this.list(scope);
    this.#loops -= kind === "range" ? 1 : 0;
    const otherwise = end.kind === "else" ? this.#otherwise(kind, end.words, scope, line) : [];
    if (end.kind === "text") throw new TemplateError("syntax", line, "unexpected EOF");
    end.words?.finishIf(end.kind === "end");
    this.#depth--;
    return { kind, pipeline, body, otherwise, line };
  }

  /** What stands behind `else`; `else if` and `else with` are a branch inside it that shares its `end`. */
  #otherwise(
    kind: "if" | "with" | "range",
    words: Words | undefined,
    scope: readonly string[],
    line: number,
  ): readonly Piece[] {
    const chained = words?.keyword();
    if (chained !== undefined && chained === kind && chained !== "range")
      return [this.#branch(chained, (words as Words).within(scope), line)];
    words?.finishIf(true);
    const { pieces, end } = this.list(scope);
    if (end.kind !== "end") throw new TemplateError("syntax", line, `expected end; found ${end.kind}`);
    end.words?.finish();
    return pieces;
  }

  #define(words: Words, line: number): undefined {
    if (this.#depth > 0) throw new TemplateError("syntax", line, "unexpected {{define}} inside a block");
    const name = words.string();
    words.finish();
    this.#body(name, line);
  }

  #block(words: Words, line: number): Piece {
    const name = words.string();
    const pipeline = readPipeline(words, 0);
    this.#body(name, line);
    return { kind: "template", name, pipeline, line };
  }

  #body(name: string, line: number): void {
    if (++this.#depth > DEEPEST) throw new TemplateError("syntax", line, "too deep");
    const loops = this.#loops;
    this.#loops = 0;
    const { pieces, end } = this.list(["$"]);
    if (end.kind !== "end")
      throw new TemplateError("syntax", line, `unexpected ${end.kind} in define clause`);
    end.words?.finish();
    this.#loops = loops;
    this.#depth--;
    this.defined.set(name, pieces);
  }
}

/**
 * Parses a template.
 *
 * @throws {TemplateError} With fault `syntax` and the line.
 */
export function parseTemplate(source: string): Parsed {
  const parser = new Parser(source);
  const { pieces: main, end } = parser.list(["$"]);
  if (end.kind !== "text") throw new TemplateError("syntax", 1, `unexpected {{${end.kind}}}`);
  return { main, defined: parser.defined };
}
