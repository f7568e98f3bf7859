import { isBreak, isPrintable, isSpace, scalarForms } from "./yaml-scalar.ts";

export type ScalarStyle = "plain" | "single" | "double" | "literal";

const bestWidth = 80;
const escapes: Readonly<Record<string, string>> = {
  "\0": "0",
  "\u0007": "a",
  "\b": "b",
  "\t": "t",
  "\n": "n",
  "\v": "v",
  "\f": "f",
  "\r": "r",
  "\u001b": "e",
  '"': '"',
  "\\": "\\",
  "\u0085": "N",
  "\u00a0": "_",
  "\u2028": "L",
  "\u2029": "P",
};

/** Where a scalar stands: the column its further lines start at, and whether it is a simple key. */
interface ScalarPlace {
  readonly indent: number;
  readonly key: boolean;
}

/**
 * The text so far and what libyaml's emitter remembers about it.
 *
 * @see libyaml and go-yaml v2: emitterc.go
 */
export class YamlWriter {
  text = "";
  column = 0;
  /** Whether the last thing written was a space, or the start of a line. */
  whitespace = true;
  /** Whether only indentation stands on this line so far. */
  indention = true;

  /** Goes to a column, on a new line unless this one holds nothing but indentation. */
  newLine(indent: number): void {
    if (!this.indention || this.column > indent || (this.column === indent && !this.whitespace)) {
      this.#put("\n");
    }
    while (this.column < indent) this.#put(" ");
    this.whitespace = true;
    this.indention = true;
  }

  indicator(text: string, options: { readonly space: boolean; readonly indention?: boolean }): void {
    if (options.space && !this.whitespace) this.#put(" ");
    this.#put(text);
    this.whitespace = false;
    this.indention = this.indention && options.indention === true;
  }

  /** An empty map or list. */
  flowEmpty(open: string, close: string): void {
    this.indicator(open, { space: true });
    this.indicator(close, { space: false });
  }

  tag(text: string): void {
    if (!this.whitespace) this.#put(" ");
    this.#put(text);
    this.whitespace = false;
    this.indention = false;
  }

  /** Writes the text in the wanted style, or the nearest one that keeps it as it is. */
  scalar(text: string, wanted: ScalarStyle, place: ScalarPlace): void {
    const characters = [...text];
    const style = possibleStyle(characters, wanted, place.key);
    if (style === "literal") this.#literal(characters, place.indent);
    else if (style === "double") this.#double(characters, place);
    else if (style === "single") this.#single(characters, place);
    else this.#plain(characters, place);
  }

  #put(character: string): void {
    this.text += character;
    this.column = isBreak(character) ? 0 : this.column + 1;
  }

  #plain(characters: readonly string[], place: ScalarPlace): void {
    if (!this.whitespace) this.#put(" ");
    this.#folded(characters, place, () => true);
    this.whitespace = false;
    this.indention = false;
  }

  #single(characters: readonly string[], place: ScalarPlace): void {
    this.indicator("'", { space: true });
    const last = characters.length - 1;
    this.#folded(characters, place, (at) => at > 0 && at < last, true);
    this.indicator("'", { space: false });
  }

  /** Text in which a single space past the width becomes a line break. */
  #folded(
    characters: readonly string[],
    place: ScalarPlace,
    mayFold: (at: number) => boolean,
    doubleQuotes = false,
  ): void {
    let afterSpace = false;
    let afterBreak = false;
    characters.forEach((character, at) => {
      if (isSpace(character)) {
        const fold = !place.key && !afterSpace && this.column > bestWidth && mayFold(at);
        if (fold && !isSpace(characters[at + 1])) this.newLine(place.indent);
        else this.#put(" ");
        afterSpace = true;
      } else if (isBreak(character)) {
        if (!afterBreak && character === "\n") this.#put("\n");
        this.#put(character);
        this.indention = true;
        afterBreak = true;
      } else {
        if (afterBreak) this.newLine(place.indent);
        if (doubleQuotes && character === "'") this.#put("'");
        this.#put(character);
        this.indention = false;
        afterSpace = false;
        afterBreak = false;
      }
    });
  }

  #double(characters: readonly string[], place: ScalarPlace): void {
    this.indicator('"', { space: true });
    let afterSpace = false;
    const last = characters.length - 1;
    // A quirk of go-yaml v2: after a byte order mark at the start, every character is escaped.
    const all = characters[0] === "\ufeff";
    characters.forEach((character, at) => {
      if (isSpace(character) && !all) {
        const fold = !place.key && !afterSpace && this.column > bestWidth && at > 0 && at < last;
        if (fold) {
          this.newLine(place.indent);
          if (isSpace(characters[at + 1])) this.#put("\\");
        } else this.#put(" ");
        afterSpace = true;
      } else {
        for (const part of all || mustEscape(character) ? escaped(character) : [character]) this.#put(part);
        afterSpace = false;
      }
    });
    this.indicator('"', { space: false });
  }

  #literal(characters: readonly string[], indent: number): void {
    this.indicator("|", { space: true });
    for (const hint of blockHints(characters)) this.#put(hint);
    this.#put("\n");
    this.indention = true;
    this.whitespace = true;
    let breaks = true;
    for (const character of characters) {
      if (isBreak(character)) {
        this.#put(character);
        this.indention = true;
        breaks = true;
      } else {
        if (breaks) this.newLine(indent);
        this.#put(character);
        this.indention = false;
        breaks = false;
      }
    }
  }
}

function possibleStyle(characters: readonly string[], wanted: ScalarStyle, key: boolean): ScalarStyle {
  const forms = scalarForms(characters);
  if (key && forms.multiline) return "double";
  let style = wanted;
  if (style === "plain" && (!forms.plain || (characters.length === 0 && key))) style = "single";
  if (style === "single" && !forms.single) return "double";
  if (style === "literal" && (!forms.block || key)) return "double";
  return style;
}

function mustEscape(character: string): boolean {
  return !isPrintable(character) || isBreak(character) || character === '"' || character === "\\";
}

function escaped(character: string): string {
  const known = escapes[character];
  if (known !== undefined) return `\\${known}`;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}

/** How a literal block says that it starts with space, and how many breaks end it. */
function blockHints(characters: readonly string[]): string {
  const first = characters[0];
  const indent = isSpace(first) || isBreak(first) ? "2" : "";
  if (!isBreak(characters.at(-1))) return `${indent}-`;
  const keepsAll = characters.length === 1 || isBreak(characters.at(-2));
  return keepsAll ? `${indent}+` : indent;
}
