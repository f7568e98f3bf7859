/**
 * What a text contains, as far as it decides how YAML may write it.
 *
 * @see libyaml and go-yaml v2: emitterc.go
 * @module
 */

/** The ways in which a text may be written. */
export interface ScalarForms {
  readonly multiline: boolean;
  readonly plain: boolean;
  readonly single: boolean;
  readonly block: boolean;
}

export function isSpace(character: string | undefined): boolean {
  return character === " ";
}

export function isBreak(character: string | undefined): boolean {
  return character !== undefined && "\r\n\u0085\u2028\u2029".includes(character);
}

/** Characters beyond U+FFFF count as not printable here. */
export function isPrintable(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (code === 0x0a || (code >= 0x20 && code <= 0x7e)) return true;
  if (code < 0xa0 || (code >= 0xd800 && code < 0xe000)) return false;
  return code <= 0xfffd && code !== 0xfeff;
}

/** Decides which forms keep the text as it is, in block context. */
export function scalarForms(characters: readonly string[]): ScalarForms {
  if (characters.length === 0) return { multiline: false, plain: true, single: true, block: false };
  const seen = spaces(characters);
  const special = characters.some((character) => !isPrintable(character));
  const edges = [characters[0], characters.at(-1)].some((c) => isSpace(c) || isBreak(c));
  const barred = seen.spaceBreak || special;
  return {
    multiline: seen.breaks,
    plain: !(edges || seen.breakSpace || barred || seen.breaks || hasIndicators(characters)),
    single: !(seen.breakSpace || barred),
    block: !(isSpace(characters.at(-1)) || barred),
  };
}

function spaces(characters: readonly string[]) {
  const seen = { breaks: false, breakSpace: false, spaceBreak: false };
  characters.forEach((character, at) => {
    const previous = at === 0 ? undefined : characters[at - 1];
    if (isSpace(character) && isBreak(previous)) seen.breakSpace = true;
    if (!isBreak(character)) return;
    seen.breaks = true;
    if (isSpace(previous)) seen.spaceBreak = true;
  });
  return seen;
}

/** Whether something in the text would mean more than itself if it stood unquoted. */
function hasIndicators(characters: readonly string[]): boolean {
  const start = characters.slice(0, 3).join("");
  if (start === "---" || start === "...") return true;
  return characters.some((character, at) => {
    if (at === 0) return startsNode(character, characters[1]);
    if (character === ":") return isBlankOrEnd(characters[at + 1]);
    return character === "#" && precedesComment(characters[at - 1]);
  });
}

function startsNode(first: string, next: string | undefined): boolean {
  if ("#,[]{}&*!|>'\"%@`".includes(first)) return true;
  return "?:-".includes(first) && isBlankOrEnd(next);
}

function isBlankOrEnd(character: string | undefined): boolean {
  return character === undefined || character === " " || character === "\t";
}

function precedesComment(character: string | undefined): boolean {
  return isBlankOrEnd(character) || isBreak(character) || character === "\0";
}
