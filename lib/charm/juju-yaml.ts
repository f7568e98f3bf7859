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

/** The text of a YAML document. */
export function jujuYaml(value: unknown): string {
  const document = new Document(value, { compat: "yaml-1.1", aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_key, scalar) {
      const { value: text } = scalar;
      if (text === VALUE_KEY || (typeof text === "string" && UNDERSCORED.test(text)))
        scalar.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({ lineWidth: 110, blockQuote: "literal", nullStr: "" });
}
