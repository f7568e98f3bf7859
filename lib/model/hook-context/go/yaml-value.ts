import { type Document, parseDocument, type Scalar, visit } from "yaml";
import { resolvePlain } from "./yaml-resolve.ts";

const TAG = "tag:yaml.org,2002:";
const RESOLVED = ["int", "float", "bool", "null"].map((name) => `${TAG}${name}`);

/**
 * The value of a YAML document as Juju's go-yaml reads one: YAML 1.1 (`on` is true, `010` is 8), without its numbers to
 * the base of sixty and its dates, which stay texts.
 *
 * @throws {YAMLParseError} With the line of the fault.
 */
export function yamlValue(text: string): unknown {
  const document: Document = parseDocument(text, { version: "1.1", schema: "failsafe", merge: true });
  const [error] = document.errors;
  if (error !== undefined) throw error;
  visit(document, {
    Scalar(_key, node) {
      if (isResolved(node)) node.value = resolvePlain(node.source ?? "");
    },
  });
  return document.toJS();
}

function isResolved({ tag, type, value }: Scalar): boolean {
  if (tag !== undefined) return RESOLVED.includes(tag);
  return type === "PLAIN" || value === null;
}
