/**
 * The words of a template: text, and what stands between `{{` and `}}`.
 *
 * @see Go text/template: actions, comments, trim markers
 */
import { TemplateError } from "./tree.ts";

/** One word inside an action. */
export interface Token {
  readonly kind: "field" | "variable" | "name" | "string" | "number" | "mark" | "space";
  readonly text: string;
  readonly line: number;
}

/** A stretch of text, or the words of one action. */
export type Part =
  | { readonly kind: "text"; readonly text: string; readonly line: number }
  | { readonly kind: "action"; readonly tokens: readonly Token[]; readonly line: number };

const WORDS: readonly (readonly [Token["kind"], RegExp])[] = [
  // One at a time: the last one may belong to the closing trim marker.
  ["space", /[ \t\r\n]/y],
  ["string", /"(?:[^"\\\n]|\\[^\n])*"|`[^`]*`/y],
  ["number", /'(?:[^'\\\n]|\\[^\n])+'|[+-]?(?:0[xX][\da-fA-F_]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/y],
  ["field", /\.[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ["variable", /\$[\p{L}\p{Nd}_]*/uy],
  ["name", /[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ["mark", /:=|[().|,=]/y],
];

/** The next word at a place. */
function wordAt(source: string, at: number, line: number): Token {
  for (const [kind, expression] of WORDS) {
    expression.lastIndex = at;
    const text = expression.exec(source)?.[0];
    if (text !== undefined) return { kind, text, line };
  }
  if (/["'`]/.test(source[at] ?? "")) throw new TemplateError("syntax", line, "unterminated quoted text");
  throw new TemplateError("syntax", line, `unexpected ${JSON.stringify(source[at] ?? "")} in action`);
}

const linesIn = (text: string): number => text.split("\n").length - 1;

interface Action {
  readonly tokens: readonly Token[];
  /** Where the text behind it begins. */
  readonly end: number;
  readonly trims: boolean;
  readonly line: number;
  readonly comment: boolean;
}

const CLOSE = /(?:[ \t\r\n]-)?\}\}/y;

function readComment(source: string, at: number, line: number): Action {
  const stop = source.indexOf("*/", at + 2);
  if (stop === -1) throw new TemplateError("syntax", line, "unclosed comment");
  CLOSE.lastIndex = stop + 2;
  const close = CLOSE.exec(source)?.[0];
  if (close === undefined) throw new TemplateError("syntax", line, "comment ends before closing delimiter");
  const end = stop + 2 + close.length;
  const lines = linesIn(source.slice(at, end));
  return { tokens: [], end, trims: close.length > 2, line: line + lines, comment: true };
}

/** Reads an action. @param at Behind `{{` and its trim marker. */
function readAction(source: string, at: number, begin: number): Action {
  if (source.startsWith("/*", at)) return readComment(source, at, begin);
  const tokens: Token[] = [];
  let [place, line] = [at, begin];
  while (place < source.length) {
    CLOSE.lastIndex = place;
    const close = CLOSE.exec(source)?.[0];
    if (close !== undefined)
      return { tokens, end: place + close.length, trims: close.length > 2, line, comment: false };
    const token = wordAt(source, place, line);
    if (token.kind !== "space" || tokens.at(-1)?.kind !== "space") tokens.push(token);
    place += token.text.length;
    line += linesIn(token.text);
  }
  throw new TemplateError("syntax", begin, "unclosed action");
}

/** Splits a template into text and actions; comments are gone, trimmed blanks too. */
export function readParts(source: string): Part[] {
  const parts: Part[] = [];
  let [at, line, trims] = [0, 1, false];
  for (;;) {
    const open = source.indexOf("{{", at);
    const raw = source.slice(at, open === -1 ? source.length : open);
    const trimsBefore = open !== -1 && /^-[ \t\r\n]/.test(source.slice(open + 2, open + 4));
    const left = trims ? raw.replace(/^[ \t\r\n]+/, "") : raw;
    const text = trimsBefore ? left.replace(/[ \t\r\n]+$/, "") : left;
    if (text !== "") parts.push({ kind: "text", text, line });
    line += linesIn(raw);
    if (open === -1) return parts;
    const action = readAction(source, open + (trimsBefore ? 4 : 2), line);
    if (!action.comment) parts.push({ kind: "action", tokens: action.tokens, line });
    ({ end: at, line, trims } = action);
  }
}
