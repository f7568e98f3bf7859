/**
 * Escapes for the places of a page.
 *
 * @see Go html/template: contexts; OWASP: cross-site scripting prevention
 */
import { show } from "./print.ts";
import { Markup, type Value } from "./tree.ts";

/** Makes of a value what may stand in a place. */
export type Escape = (value: Value) => string;

const MARKUP: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&#34;"],
  ["'", "&#39;"],
  ["\0", "\ufffd"],
]);

/** A text in HTML. */
export function escapeMarkup(text: string): string {
  return text.replace(/[&<>"'\0]/g, (character) => MARKUP.get(character) ?? "");
}

/** Between tags: markup stays markup. */
export const inText: Escape = (value) => (value instanceof Markup ? value.html : escapeMarkup(show(value)));

/** The text of markup, without its tags. */
const withoutTags = (value: Value): string =>
  value instanceof Markup ? value.html.replace(/<!--.*?-->|<[^>]*>/gs, "") : show(value);

/** In `<title>` and `<textarea>`, where there are no tags. */
export const inRawText: Escape = (value) => escapeMarkup(withoutTags(value));

/** In a quoted attribute. */
export const inAttribute: Escape = (value) => escapeMarkup(withoutTags(value));

/** In an attribute without quotes: what would end it is escaped too. */
export const inBareAttribute: Escape = (value) => {
  const text = escapeMarkup(withoutTags(value));
  if (text === "") return "&#34;&#34;";
  return text.replace(/[\s=`\v]/g, (character) => `&#${character.charCodeAt(0)};`);
};

/** Schemes that a link may have. */
const SCHEMES = new Set(["http", "https", "mailto"]);

/** What stands where a value may not stand, as in Go. */
const REFUSED = "ZgotmplZ";

/** A whole URL, or its beginning: another scheme than a link's is refused. */
export function safeUrl(text: string): string {
  const [, scheme] = /^([^/?#:]*):/.exec(text) ?? [];
  if (scheme !== undefined && !SCHEMES.has(scheme.toLowerCase())) return `#${REFUSED}`;
  return normalizedUrl(text);
}

/** A URL whose reserved characters stay, and whose others are percent-encoded. */
export function normalizedUrl(text: string): string {
  return text
    .toWellFormed()
    .replace(/%(?![\da-fA-F]{2})|[^!#$%&*+,/:;=?@[\]\w.~-]/gu, (character) =>
      character === "'" || character === "(" || character === ")"
        ? `%${character.charCodeAt(0).toString(16)}`
        : encodeURIComponent(character),
    );
}

/** The rest of what may still be a scheme: it becomes none. */
export function withoutScheme(text: string): string {
  return normalizedUrl(text).replaceAll(":", "%3A");
}

/** A part of a URL's query. */
export function urlPart(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16)}`,
  );
}

const JS_PLAIN = /[^\p{L}\p{N} ,._]/gu;
const codeUnit = (unit: string): string =>
  `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0").toUpperCase()}`;
const escapedUnits = (text: string): string =>
  Array.from({ length: text.length }, (_, at) => codeUnit(text.charAt(at))).join("");

/** Inside the quotes of a JavaScript text. */
export function escapeJsText(text: string): string {
  return text.replace(JS_PLAIN, escapedUnits);
}

/** A JavaScript value, which brings its quotes. */
export const asJsValue: Escape = (value) => {
  if (typeof value === "number" || typeof value === "boolean") return ` ${value} `;
  if (value === undefined) return " null ";
  const text =
    typeof value === "object" && !(value instanceof Markup)
      ? JSON.stringify(value)
      : JSON.stringify(show(value));
  return text.replace(/[<>&'\u2028\u2029]/g, codeUnit);
};

/** Inside the quotes of a JavaScript text. */
export const inJsText: Escape = (value) => escapeJsText(show(value));

/** A value in a style: a word or a number. Anything that could begin something else is refused. */
export const inStyle: Escape = (value) => {
  const text = show(value);
  return /^[\w #.,%+-]*$/.test(text) && !/^-|--|expression|binding|behavior/i.test(text) ? text : REFUSED;
};
