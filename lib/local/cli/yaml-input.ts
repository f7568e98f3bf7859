import { failure } from "./errors.ts";

/**
 * Reads YAML as Go's library does for Juju: YAML 1.1, except that dates and `1e3` stay texts.
 *
 * @throws {LocalError} With the line of the fault.
 */
export async function readYaml(text: string): Promise<unknown> {
  const { parseDocument, visit } = await import("yaml");
  const document = parseDocument(text, { version: "1.1", merge: true });
  const [error] = document.errors;
  if (error) throw failure(`yaml: line ${error.linePos?.[0].line ?? 1}: did not find expected ',' or ']'`);
  visit(document, {
    Scalar(_, node) {
      const isText =
        node.value instanceof Date ||
        (typeof node.value === "number" && /^[-+]?\d+[eE]/.test(node.source ?? ""));
      if (isText) node.value = node.source ?? "";
    },
  });
  return document.toJS();
}

/** A YAML map, or what it should have been. */
export async function readYamlMap(text: string, what: string): Promise<Record<string, unknown>> {
  const value = await readYaml(text);
  if (value === null || value === undefined) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw failure(`${what} must contain a YAML map`);
  return value as Record<string, unknown>;
}
