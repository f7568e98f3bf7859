/** The words of one action, and the pipeline that they make. */

import type { Token } from "./tokens.ts";
import { type Operand, type Pipeline, TemplateError } from "./tree.ts";

/** The words of an action, read one after the other. */
export class Words {
  readonly line: number;
  /** Variables that may be used. */
  readonly variables: readonly string[];
  readonly #tokens: readonly Token[];
  #at = 0;
  /** Open parentheses. */
  depth = 0;

  constructor(tokens: readonly Token[], line: number, variables: readonly string[]) {
    this.#tokens = tokens;
    this.line = line;
    this.variables = variables;
    this.blank();
  }

  /** The rest of the words, with other variables. */
  within(variables: readonly string[]): Words {
    return new Words(this.#tokens.slice(this.#at), this.line, variables);
  }

  fail(text: string): TemplateError {
    return new TemplateError("syntax", this.line, text);
  }

  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#at + ahead];
  }

  next(): Token | undefined {
    return this.#tokens[this.#at++];
  }

  /** Skips blanks; true when there were some. */
  blank(): boolean {
    const before = this.#at;
    while (this.peek()?.kind === "space") this.#at++;
    return this.#at > before;
  }

  get done(): boolean {
    this.blank();
    return this.peek() === undefined;
  }

  /** Takes the word when it is this mark. */
  takes(mark: string): boolean {
    const token = this.peek();
    if (token?.kind !== "mark" || token.text !== mark) return false;
    this.#at++;
    return true;
  }

  /** The keyword at the front, taken; undefined when there is none. */
  keyword(): string | undefined {
    this.blank();
    const token = this.peek();
    if (token?.kind !== "name" || !KEYWORDS.has(token.text)) return undefined;
    this.#at++;
    this.blank();
    return token.text;
  }

  /** A quoted name. */
  string(): string {
    this.blank();
    const token = this.next();
    if (token?.kind !== "string") throw this.fail("a quoted name is missing");
    return unquote(token.text, this);
  }

  finish(): void {
    if (!this.done) throw this.fail(`unexpected ${JSON.stringify(this.peek()?.text)}`);
  }

  finishIf(condition: boolean): void {
    if (condition) this.finish();
  }
}

const KEYWORDS = new Set([
  "if",
  "else",
  "end",
  "with",
  "range",
  "define",
  "template",
  "block",
  "break",
  "continue",
]);

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
  "'": "'",
};

/** The text of a quoted one, as Go reads it. */
function unquote(quoted: string, words: Words): string {
  const inner = quoted.slice(1, -1);
  if (quoted.startsWith("`")) return inner.replaceAll("\r", "");
  return inner.replace(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|(.))/gu,
    (whole, hex, short, long, octal, letter: string | undefined) => {
      const known = letter === undefined ? undefined : ESCAPES[letter];
      if (known !== undefined) return known;
      const code = Number.parseInt(hex ?? short ?? long ?? octal ?? "x", octal === undefined ? 16 : 8);
      if (!(code <= 0x10ffff)) throw words.fail(`unknown escape ${whole}`);
      return String.fromCodePoint(code);
    },
  );
}

function readNumber(text: string, words: Words): number {
  if (text.startsWith("'")) {
    const characters = Array.from(unquote(text, words));
    if (characters.length !== 1) throw words.fail(`malformed character constant: ${text}`);
    return characters[0]?.codePointAt(0) ?? 0;
  }
  const value = Number(text.replaceAll("_", "").replace(/^\+/, ""));
  if (Number.isNaN(value)) throw words.fail(`bad number syntax: ${text}`);
  return value;
}

/** Field names that follow without a blank. */
function readPath(words: Words): string[] {
  const path: string[] = [];
  while (words.peek()?.kind === "field") path.push((words.next() as Token).text.slice(1));
  return path;
}

const CONSTANTS: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["false", false],
]);

/** One operand; undefined when none begins here. */
function readOperand(words: Words): Operand | undefined {
  const token = words.peek();
  switch (token?.kind) {
    case "field":
      return { kind: "dot", path: readPath(words) };
    case "variable":
      return readVariable(words);
    case "string":
      words.next();
      return { kind: "literal", value: unquote(token.text, words) };
    case "number":
      words.next();
      return { kind: "literal", value: readNumber(token.text, words) };
    case "name":
      words.next();
      return readName(token.text, words);
    case "mark":
      return readMark(words);
    default:
      return undefined;
  }
}

function readVariable(words: Words): Operand {
  const name = (words.next() as Token).text;
  if (!words.variables.includes(name)) throw words.fail(`undefined variable "${name}"`);
  return { kind: "variable", name, path: readPath(words) };
}

function readName(name: string, words: Words): Operand {
  const constant = CONSTANTS.get(name);
  if (constant !== undefined) return { kind: "literal", value: constant };
  if (KEYWORDS.has(name) || name === "nil") throw words.fail(`unexpected <${name}>`);
  return { kind: "call", name, args: [] };
}

function readMark(words: Words): Operand | undefined {
  if (words.takes(".")) return { kind: "dot", path: [] };
  if (!words.takes("(")) return undefined;
  if (++words.depth > 100) throw words.fail("too deep");
  const pipeline = readValue(words);
  if (!words.takes(")")) throw words.fail("unclosed left paren");
  words.depth--;
  return { kind: "group", pipeline, path: readPath(words) };
}

/** A command: an operand, or a function with its arguments. */
function readCommand(words: Words): Operand {
  words.blank();
  const first = readOperand(words);
  if (first === undefined) throw words.fail("missing value for command");
  const args: Operand[] = [];
  while (words.blank()) {
    const operand = readOperand(words);
    if (operand === undefined) break;
    args.push(operand);
  }
  if (first.kind === "call") return { ...first, args };
  if (args.length > 0) throw new TemplateError("meaning", words.line, "only functions take arguments");
  return first;
}

/** Commands joined by `|`: each is the last argument of the next. */
function readValue(words: Words): Operand {
  let value = readCommand(words);
  words.blank();
  while (words.takes("|")) {
    // Go lets a pipeline end with a bar.
    if (words.done) break;
    const command = readCommand(words);
    if (command.kind !== "call") throw words.fail("non executable command in pipeline");
    value = { ...command, args: [...command.args, value] };
    words.blank();
  }
  return value;
}

/** `$a :=`, `$a, $b :=` or `$a =` at the front, taken. */
function readVariables(words: Words, most: number): { names: string[]; declares: boolean } {
  const text: string[] = [];
  for (let ahead = 0; ; ahead++) {
    const token = words.peek(ahead);
    if (token?.kind === "space") continue;
    if (token === undefined || (token.kind !== "variable" && ![",", ":=", "="].includes(token.text))) break;
    text.push(token.text);
    if (token.text === ":=" || token.text === "=") break;
  }
  const mark = text.at(-1);
  if (mark !== ":=" && mark !== "=") return { names: [], declares: false };
  const names = text.slice(0, -1).filter((word) => word !== ",");
  const written = names.join(",") === text.slice(0, -1).join("");
  if (!written || names.length === 0 || names.length > most || names.includes("$"))
    throw words.fail("variables cannot be set like this");
  if (mark === "=" && !names.every((name) => words.variables.includes(name)))
    throw words.fail(`undefined variable "${names.join(", ")}"`);
  while (words.peek()?.text !== mark) words.next();
  words.next();
  return { names, declares: mark === ":=" };
}

/** Reads the rest of the action. @param most Variables that may be set. */
export function readPipeline(words: Words, most: number): Pipeline {
  words.blank();
  const { names, declares } = readVariables(words, most);
  const value = readValue(words);
  words.finish();
  return { variables: names, declares, value };
}
