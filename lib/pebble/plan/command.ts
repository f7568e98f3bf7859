/** A command as Pebble starts it: the words, and the default arguments in `[ … ]`. */
export interface Command {
  readonly base: readonly string[];
  readonly extra: readonly string[];
}

/**
 * Splits a service's command and its group of default arguments.
 *
 * @throws {Error} With Pebble's words.
 */
export function parseCommand(service: string, command: string): Command {
  try {
    return groups(splitWords(command));
  } catch (cause) {
    throw new Error(`cannot parse service "${service}" command: ${(cause as Error).message}`, { cause });
  }
}

function groups(words: readonly string[]): Command {
  const open = words.indexOf("[");
  const base = open < 0 ? words : words.slice(0, open);
  if (open === 0) throw new Error("cannot start command with [ ... ] group");
  if (base.includes("]")) throw new Error("cannot have ] outside of [ ... ] group");
  if (open < 0) return { base, extra: [] };
  const rest = words.slice(open + 1);
  const close = rest.indexOf("]");
  const extra = close < 0 ? rest : rest.slice(0, close);
  if (extra.includes("[")) throw new Error("cannot nest [ ... ] groups");
  if (close >= 0 && close < rest.length - 1) throw new Error("cannot have any arguments after [ ... ] group");
  return { base, extra };
}

const SPACE = " \t\r\n";

/**
 * Splits text into words: single quotes keep all, double quotes and bare text know backslashes, `#` where a word
 * would begin starts a comment.
 *
 * @throws {Error} When a quote or an escape is not finished.
 */
export function splitWords(text: string): readonly string[] {
  const characters = [...text];
  const words: string[] = [];
  let at = 0;
  while (true) {
    while (at < characters.length && SPACE.includes(characters[at]!)) at++;
    if (at >= characters.length) return words;
    if (characters[at] === "#") {
      while (at < characters.length && characters[at] !== "\n") at++;
      continue;
    }
    const word = readWord(characters, at);
    words.push(word.text);
    at = word.end;
  }
}

interface Read {
  readonly text: string;
  readonly end: number;
}

function readWord(characters: readonly string[], start: number): Read {
  let text = "";
  let at = start;
  while (at < characters.length && !SPACE.includes(characters[at]!)) {
    const piece = readPiece(characters, at);
    text += piece.text;
    at = piece.end;
  }
  return { text, end: at };
}

function readPiece(characters: readonly string[], at: number): Read {
  const character = characters[at]!;
  if (character === "'") return readQuoted(characters, at + 1, "'", false);
  if (character === '"') return readQuoted(characters, at + 1, '"', true);
  if (character === "\\") return escaped(characters, at + 1);
  return { text: character, end: at + 1 };
}

function readQuoted(characters: readonly string[], start: number, quote: string, escapes: boolean): Read {
  let text = "";
  let at = start;
  while (characters[at] !== quote) {
    if (at >= characters.length) throw new Error("EOF found when expecting closing quote");
    const piece =
      escapes && characters[at] === "\\"
        ? escaped(characters, at + 1)
        : { text: characters[at]!, end: at + 1 };
    text += piece.text;
    at = piece.end;
  }
  return { text, end: at + 1 };
}

function escaped(characters: readonly string[], at: number): Read {
  if (at >= characters.length) throw new Error("EOF found after escape character");
  return { text: characters[at]!, end: at + 1 };
}
