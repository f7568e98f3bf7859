/** Which escape each action of a page needs. */
import {
  asJsValue,
  type Escape,
  inAttribute,
  inBareAttribute,
  inJsText,
  inRawText,
  inStyle,
  inText,
  normalizedUrl,
  safeUrl,
  urlPart,
  withoutScheme,
} from "./escape.ts";
import { type Place, placeAfter, placeAfterValue, START, samePlace } from "./place.ts";
import { show } from "./print.ts";
import { type Parsed, type Piece, TemplateError, type Value } from "./tree.ts";

/** Escapes by action. */
export type Escapes = ReadonlyMap<Piece, Escape>;

const within =
  (inner: (text: string) => string, outer: Escape): Escape =>
  (value: Value) =>
    outer(inner(show(value)));

function valueEscape(place: Place, line: number): Escape {
  const outer = place.quote === "" ? inBareAttribute : inAttribute;
  switch (place.attribute) {
    case "url":
      return within(
        { start: safeUrl, open: withoutScheme, path: normalizedUrl, query: urlPart }[place.url],
        outer,
      );
    case "script":
      return within((text) => scriptEscape(place, line)(text), outer);
    case "style":
      return within((text) => inStyle(text), outer);
    default:
      return outer;
  }
}

function scriptEscape(place: Place, line: number): Escape {
  if (place.script === "") return asJsValue;
  if (place.script === '"' || place.script === "'") return inJsText;
  throw new TemplateError(
    "meaning",
    line,
    "a value may not stand in a comment or a template literal of a script, or where a slash or a character reference came before",
  );
}

function escapeAt(place: Place, line: number): Escape {
  switch (place.state) {
    case "text":
      return inText;
    case "raw-text":
      return inRawText;
    case "script":
      return scriptEscape(place, line);
    case "style":
      return inStyle;
    case "before-value":
      return valueEscape({ ...place, quote: "", url: "start" }, line);
    case "value":
      return valueEscape(place, line);
    case "comment":
      return () => "";
    default:
      throw new TemplateError(
        "meaning",
        line,
        "a value may not stand in the name of a tag or of an attribute",
      );
  }
}

/** Walks a page from place to place. */
class Walk {
  readonly escapes = new Map<Piece, Escape>();
  readonly #defined: Parsed["defined"];
  /** Where each named template was entered and left; undefined: being walked. */
  readonly #walked = new Map<string, { readonly from: Place; to: Place | undefined }>();

  constructor(defined: Parsed["defined"]) {
    this.#defined = defined;
  }

  pieces(pieces: readonly Piece[], from: Place): Place {
    return pieces.reduce((place, piece) => this.#piece(piece, place), from);
  }

  named(name: string, from: Place, line: number): Place {
    const before = this.#walked.get(name);
    if (before !== undefined && !samePlace(before.from, from))
      throw new TemplateError(
        "meaning",
        line,
        `template "${name}" stands in places that need different escapes`,
      );
    if (before !== undefined) return before.to ?? from;
    const entry: { from: Place; to: Place | undefined } = { from, to: undefined };
    this.#walked.set(name, entry);
    entry.to = this.pieces(this.#defined.get(name) ?? [], from);
    return entry.to;
  }

  #piece(piece: Piece, place: Place): Place {
    switch (piece.kind) {
      case "text":
        return placeAfter(place, piece.text);
      case "action":
        return this.#action(piece, place);
      case "template":
        return this.named(piece.name, place, piece.line);
      case "break":
      case "continue":
        return place;
      default:
        return this.#branch(piece, place);
    }
  }

  #action(piece: Extract<Piece, { kind: "action" }>, place: Place): Place {
    if (piece.pipeline.variables.length > 0) return place;
    this.escapes.set(piece, escapeAt(place, piece.line));
    return placeAfterValue(place);
  }

  #branch(piece: Extract<Piece, { kind: "if" | "with" | "range" }>, place: Place): Place {
    const first = this.pieces(piece.body, place);
    const second = this.pieces(piece.otherwise, place);
    const again = piece.kind === "range" ? this.pieces(piece.body, first) : first;
    if (samePlace(first, second) && samePlace(first, again)) return first;
    throw new TemplateError(
      "meaning",
      piece.line,
      `the branches of {{${piece.kind}}} end in places that need different escapes`,
    );
  }
}

/**
 * The escapes of a page.
 *
 * @throws {TemplateError} When a value stands where none is safe.
 */
export function pageEscapes(parsed: Parsed, name: string): Escapes {
  const walk = new Walk(parsed.defined);
  const end = walk.named(name, START, 1);
  if (end.state !== "text")
    throw new TemplateError("meaning", 1, `template "${name}" ends inside a tag or a script`);
  return walk.escapes;
}
