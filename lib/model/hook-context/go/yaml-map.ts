/**
 * Reads a YAML map of texts as Go reads one into `map[string]string`: scalars of any type as their
 * literal text, null as the empty text, the first document only.
 *
 * @module
 */

import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  type Scalar,
  visit,
  type YAMLMap,
} from "yaml";
import { textOrBytes } from "./value.ts";

/** Thrown with Go's text, `yaml: …`. */
export class YamlError extends Error {
  override name = "YamlError";
}

/**
 * @param typeName Go's name of the type, which the message for a wrong shape ends with.
 * @throws {YamlError} With the text go-yaml v2 has for it; syntax errors it words differently are near.
 */
export function parseTextMap(bytes: Uint8Array, typeName = "map[string]string"): Map<string, string> {
  const source = decodeSource(bytes);
  const plain = readPlain(source);
  if (plain !== undefined) return plain;
  const lines = new LineCounter();
  const document = firstDocument(source, lines);
  const reader = new MapReader(document, lines, typeName);
  const result = document?.contents ? reader.readRoot(document.contents) : new Map<string, string>();
  if (reader.errors.length > 0)
    throw new YamlError(`yaml: unmarshal errors:\n  ${reader.errors.join("\n  ")}`);
  return result;
}

/** A text in double quotes that JSON and YAML 1.1 read as the same: on one line, with escapes of both. */
const QUOTED = '"(?:[^"\\\\\\n\\r\\u0085\\u2028\\u2029\\ufeff]|\\\\["\\\\bfnrt])*"';
/** Keys are shorter than what YAML allows on one line. */
const KEY = QUOTED.replace("*", "{0,500}");
const PLAIN = new RegExp(`^\\{(?:${KEY}:${QUOTED}(?:,${KEY}:${QUOTED})*)?\\}$`);

/** What most charms send is JSON that both read alike, and JSON is read a hundred times faster. */
function readPlain(source: string): Map<string, string> | undefined {
  if (!PLAIN.test(source)) return undefined;
  const pairs = Object.entries(JSON.parse(source) as Record<string, string>);
  // A key that is there twice is for the other reader to judge.
  return JSON.stringify(Object.fromEntries(pairs)) === source ? new Map(pairs) : undefined;
}

function decodeSource(bytes: Uint8Array): string {
  const text = textOrBytes(bytes);
  if (typeof text !== "string") throw new YamlError("yaml: invalid leading UTF-8 octet");
  const source = text.replace(/^\ufeff/, "");
  if (/[^\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(source)) {
    throw new YamlError("yaml: control characters are not allowed");
  }
  return source;
}

function firstDocument(source: string, lineCounter: LineCounter): Document | undefined {
  const options = { lineCounter, schema: "failsafe", uniqueKeys: false, version: "1.1" } as const;
  let documents: ReturnType<typeof parseAllDocuments>;
  try {
    documents = parseAllDocuments(source, { ...options, logLevel: "silent", prettyErrors: false });
  } catch (cause) {
    throw new YamlError("yaml: did not find expected node content", { cause });
  }
  const [document] = documents;
  if (document === undefined || !("contents" in document)) return undefined;
  const [error] = document.errors;
  if (error !== undefined) {
    throw new YamlError(`yaml: ${place(lineCounter, error.pos[0])}${syntaxText(error, source)}`, {
      cause: error,
    });
  }
  return document as Document;
}

/** The line, which the original leaves out on the first one. */
function place(lineCounter: LineCounter, offset: number): string {
  const { line } = lineCounter.linePos(offset);
  return line > 1 ? `line ${line}: ` : "";
}

function syntaxText(
  error: { code: string; message: string; pos: readonly [number, number] },
  source: string,
): string {
  const alias = /Unresolved alias.*: (.+)$/.exec(error.message)?.[1];
  if (alias !== undefined) return `unknown anchor '${alias}' referenced`;
  const rest = source.slice(error.pos[0]);
  if (error.code === "TAB_AS_INDENT" || rest.startsWith("\t") || /^[@`%]/.test(rest)) {
    return "found character that cannot start any token";
  }
  if (error.code === "MISSING_CHAR" && /quote/.test(error.message)) return "found unexpected end of stream";
  if (error.code === "MISSING_CHAR") return "did not find expected ',' or ']'";
  if (error.code === "BLOCK_AS_IMPLICIT_KEY" || error.code === "MULTILINE_IMPLICIT_KEY") {
    return "mapping values are not allowed in this context";
  }
  return "did not find expected key";
}

/** Aliases may not blow a small text up into a large one. */
const maxAliases = 1000;

/** What each alias stands for: the last node before it that has its anchor. */
function aliasTargets(document: Document | undefined): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  if (document === undefined) return targets;
  visit(document, {
    Node(_key, node) {
      const target = isAlias(node) ? anchors.get(node.source) : undefined;
      if (target !== undefined) targets.set(node as Alias, target);
      else if (!isAlias(node) && node.anchor) anchors.set(node.anchor, node);
    },
  });
  return targets;
}

class MapReader {
  readonly errors: string[] = [];
  readonly #document: Document | undefined;
  #targets: ReadonlyMap<Alias, Node> | undefined;
  readonly #lines: LineCounter;
  readonly #typeName: string;
  #aliases = 0;

  constructor(document: Document | undefined, lines: LineCounter, typeName: string) {
    this.#document = document;
    this.#lines = lines;
    this.#typeName = typeName;
  }

  readRoot(node: Node): Map<string, string> {
    const map = new Map<string, string>();
    const target = this.#resolve(node);
    if (isMap(target)) this.#readPairs(target, map, 0);
    else if (!isNull(target)) this.#mismatch(target, this.#typeName);
    return map;
  }

  #readPairs(node: YAMLMap, map: Map<string, string>, depth: number): void {
    for (const pair of node.items as Pair<Node | null, Node | null>[]) {
      if (isMergeKey(pair.key)) this.#merge(pair.value, map, depth);
      else {
        const key = this.#text(pair.key);
        const value = this.#text(pair.value);
        if (key !== undefined && value !== undefined) map.set(key, value);
      }
    }
  }

  #merge(value: Node | null, map: Map<string, string>, depth: number): void {
    const target = value === null ? undefined : this.#resolve(value);
    const sources = isSeq(target)
      ? [...target.items].reverse().map((item) => this.#resolve(item as Node))
      : [target];
    for (const source of sources) {
      if (!isMap(source) || depth > 20) {
        throw new YamlError("yaml: map merge requires map or sequence of maps as the value");
      }
      const merged = new Map<string, string>();
      this.#readPairs(source, merged, depth + 1);
      for (const [key, text] of merged) map.set(key, text);
    }
  }

  #text(node: Node | null): string | undefined {
    if (node === null) return "";
    const target = this.#resolve(node);
    if (isNull(target)) return "";
    if (isScalar(target)) return this.#scalarText(target);
    this.#mismatch(target, "string");
    return undefined;
  }

  #scalarText(node: Scalar): string {
    const text = node.source ?? String(node.value);
    if (node.tag !== "tag:yaml.org,2002:binary") return text;
    const bytes = Buffer.from(text.replace(/\s/g, ""), "base64");
    if (!/^[A-Za-z0-9+/\s]*=*\s*$/.test(text))
      throw new YamlError("yaml: !!binary value contains invalid base64 data");
    return bytes.toString("utf8");
  }

  #resolve(node: Node): Node | undefined {
    if (!isAlias(node)) return node;
    this.#aliases += 1;
    if (this.#aliases > maxAliases) throw new YamlError("yaml: document contains excessive aliasing");
    this.#targets ??= aliasTargets(this.#document);
    const target = this.#targets.get(node);
    if (target === undefined) throw new YamlError(`yaml: unknown anchor '${node.source}' referenced`);
    return target;
  }

  #mismatch(node: Node | undefined, wanted: string): void {
    const { line } = this.#lines.linePos(node?.range?.[0] ?? 0);
    this.errors.push(`line ${line}: cannot unmarshal ${describe(node)} into ${wanted}`);
  }
}

function isMergeKey(node: Node | null): boolean {
  return isScalar(node) && node.source === "<<" && node.type === "PLAIN";
}

function isNull(node: Node | undefined): boolean {
  if (node === undefined) return true;
  if (!isScalar(node) || (node.type !== "PLAIN" && node.type !== undefined)) return false;
  return ["", "~", "null", "Null", "NULL"].includes(node.source ?? "");
}

function describe(node: Node | undefined): string {
  if (isSeq(node)) return "!!seq";
  if (isMap(node)) return "!!map";
  const text = isScalar(node) ? (node.source ?? "") : "";
  const shown =
    Buffer.byteLength(text) > 10 ? `${Buffer.from(text).subarray(0, 7).toString("utf8")}...` : text;
  return `${tagOf(text, isScalar(node) ? node.type : undefined)} \`${shown}\``;
}

function tagOf(text: string, type: string | null | undefined): string {
  if (type !== "PLAIN") return "!!str";
  if (/^[-+]?(?:0|[1-9][0-9_]*|0x[0-9a-fA-F]+|0[0-7]+)$/.test(text)) return "!!int";
  if (/^[-+]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+][0-9]+)?$/.test(text)) return "!!float";
  return /^(?:y|n|yes|no|on|off|true|false)$/i.test(text) ? "!!bool" : "!!str";
}
