import { FileFault } from "./go-errors.ts";

const BAD_PATTERN = "syntax error in pattern";

/**
 * Whether a name matches a shell pattern of `*`, `?`, `[a-z]`, `[^a]` and `\`, as Go's path.Match. Takes at most
 * the product of both lengths, whatever the pattern.
 *
 * @throws {FileFault} When the pattern is malformed.
 */
export function globMatches(pattern: string, name: string): boolean {
  const tokens = tokenise([...pattern]);
  let states = new Set([0]);
  skipStars(tokens, states);
  for (const character of name) {
    const next = new Set<number>();
    for (const state of states) {
      const token = tokens[state];
      if (token === "star" && character !== "/") next.add(state);
      else if (typeof token === "function" && token(character)) next.add(state + 1);
    }
    skipStars(tokens, next);
    states = next;
  }
  return states.has(tokens.length);
}

type Token = "star" | ((character: string) => boolean);

/** A star may match nothing. */
function skipStars(tokens: readonly Token[], states: Set<number>): void {
  for (const state of states) if (tokens[state] === "star") states.add(state + 1);
}

function tokenise(characters: readonly string[]): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < characters.length) {
    const character = characters[at]!;
    if (character === "*") tokens.push("star");
    else if (character === "?") tokens.push((one) => one !== "/");
    else if (character === "[") {
      const read = readClass(characters, at + 1);
      tokens.push(read.token);
      at = read.end;
      continue;
    } else {
      const literal = character === "\\" ? characters[++at] : character;
      if (literal === undefined) throw new FileFault("generic-file-error", BAD_PATTERN);
      tokens.push((one) => one === literal);
    }
    at++;
  }
  return tokens;
}

function readClass(
  characters: readonly string[],
  start: number,
): { readonly token: Token; readonly end: number } {
  const negated = characters[start] === "^";
  let at = negated ? start + 1 : start;
  const ranges: (readonly [string, string])[] = [];
  const take = () => {
    const isEscaped = characters[at] === "\\";
    const one = characters[isEscaped ? at + 1 : at];
    if (one === undefined || (!isEscaped && (one === "-" || one === "]"))) {
      throw new FileFault("generic-file-error", BAD_PATTERN);
    }
    at += isEscaped ? 2 : 1;
    return one;
  };
  while (characters[at] !== "]" || ranges.length === 0) {
    const low = take();
    if (characters[at] === "-") {
      at++;
      ranges.push([low, take()]);
    } else ranges.push([low, low]);
  }
  const within = (one: string) => ranges.some(([low, high]) => one >= low && one <= high);
  return { token: (one) => one !== "/" && within(one) !== negated, end: at + 1 };
}
