/**
 * YAML that Juju and charmcraft read as it is meant. Both read YAML 1.1, where `on` and `no` are booleans, `0o17` and
 * `1_000` are numbers and, for charmcraft, `12:30` is one to the base of sixty: such texts are quoted.
 *
 * Loaded when a charm is packed or checked, never by a running charm.
 *
 * @see go-yaml v2: resolve.go; PyYAML: resolver.py
 * @module
 */

import { Document, Scalar, visit } from "yaml";

/** Alone it is neither text nor number for PyYAML, which ends there. */
const VALUE_KEY = "=";

/** What go-yaml may take for a number once it has dropped every underscore, `-_0` for example. */
const UNDERSCORED = /^(?=.*_)[-+0-9.][-+0-9a-fox_.:]*$/i;

/** Line breaks for YAML 1.1 alone, and what neither may have as it is. */
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;
/** Texts that must be quoted: with those or control characters, and blank ones and a tab in the first line for PyYAML. */
const NEEDS_QUOTES =
  /^[\n ]+$|^\n*[^\n]*\t|[^\t\n -\u007e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u;

/**
 * The text of a YAML document.
 *
 * @throws {TypeError} For half a surrogate pair, which no encoding of text has.
 */
export function jujuYaml(value: unknown): string {
  const document = new Document(value, { compat: "yaml-1.1", aliasDuplicateObjects: false });
  visit(document, { Scalar: (_key, scalar) => void quoteWhereNeeded(scalar) });
  const text = document.toString({ lineWidth: 110, blockQuote: "literal", nullStr: "" });
  // Only quoted texts have them by now.
  return text.replace(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function quoteWhereNeeded(scalar: Scalar): void {
  const { value: text } = scalar;
  if (typeof text !== "string") return;
  if (!text.isWellFormed())
    throw new TypeError(`Cannot write ${JSON.stringify(text)}: must be well-formed Unicode`);
  if (text === VALUE_KEY || UNDERSCORED.test(text) || NEEDS_QUOTES.test(text))
    scalar.type = Scalar.QUOTE_DOUBLE;
}
