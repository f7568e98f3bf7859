import { isScalar, parseDocument, visit } from "yaml";

/**
 * Reads YAML as charmcraft does: YAML 1.1, in which `off` is a boolean and `<<` merges, except that dates and `1e3` stay texts,
 * and keys are texts however they look.
 *
 * @throws {YAMLParseError} With line and column of the first fault.
 */
export function readYaml(text: string): unknown {
  const document = parseDocument(text, { version: "1.1", merge: true });
  const [error] = document.errors;
  if (error) throw error;
  visit(document, {
    Scalar(_, node) {
      const isText =
        node.value instanceof Date ||
        (typeof node.value === "number" && /^[-+]?\d+[eE]/.test(node.source ?? ""));
      if (isText) node.value = node.source ?? "";
    },
    Pair(_, { key }) {
      const isOther = isScalar(key) && ["boolean", "number"].includes(typeof key.value);
      if (isOther) key.value = key.source ?? String(key.value);
    },
  });
  return document.toJS();
}
