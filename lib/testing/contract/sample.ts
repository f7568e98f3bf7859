/**
 * Values that a schema accepts, made from the schema alone: the least there is and the most there is. Knows the
 * schemas of valibot, and of others what their JSON schema tells; whoever writes still others gives samples.
 *
 * @module
 */

import { type AnyDatabag, decode, encode, type RawDatabag } from "../../charm/databag.ts";
import { type Schema, validate } from "../../charm/schema.ts";
import { nodeOf } from "./json-node.ts";

/** `minimal`: what must be there; `full`: everything that may be. */
export type SampleKind = "minimal" | "full";

/** What of a schema is looked at, in valibot's words. */
export interface SchemaNode {
  readonly type?: string;
  readonly entries?: Readonly<Record<string, SchemaNode>>;
  readonly item?: SchemaNode;
  readonly items?: readonly SchemaNode[];
  readonly options?: readonly unknown[];
  readonly wrapped?: SchemaNode;
  readonly key?: SchemaNode;
  readonly value?: SchemaNode;
  readonly literal?: unknown;
  readonly getter?: (input: unknown) => SchemaNode;
}

const PEM = (label: string): string => `-----BEGIN ${label}-----\nTWFkZSB1cA==\n-----END ${label}-----`;

/** Texts of every form that interfaces ask for; the first that a schema accepts is taken. */
export const TEXTS: readonly string[] = [
  "text",
  "http://a.test/x",
  "https://a.test",
  "a.test",
  "10.0.0.1",
  "10.0.0.0/8",
  "1",
  "8080",
  "true",
  "a@a.test",
  "/a/b",
  `secret:${"0".repeat(20)}`,
  "8f2e1a34-55aa-4c1e-8d6a-000000000001",
  "2026-01-01T00:00:00Z",
  "30s",
  "YQ==",
  "[]",
  "{}",
  "{}\n",
  PEM("CERTIFICATE"),
  PEM("CERTIFICATE REQUEST"),
];

const NUMBERS = [1, 8080, 0, 30, 443, 0.5, -1, 1_700_000_000];

/** Kinds of schema that let a value be left out. */
export const OPTIONAL: readonly string[] = ["optional", "exact_optional", "nullish", "undefinedable"];

/**
 * A value that the schema accepts.
 *
 * @throws {TypeError} When none is found; a sample has to be given then.
 */
export function sampleOf(schema: Schema, kind: SampleKind, needed: readonly string[] = []): unknown {
  const node = nodeOf(schema);
  for (const attempt of kind === "minimal"
    ? (["minimal", "full"] as const)
    : (["full", "minimal"] as const)) {
    for (const value of candidates(node, attempt, needed)) {
      if (accepts(node, value)) return value;
    }
  }
  throw new TypeError(
    `Cannot make a sample of a schema of type "${node.type}": no value was found that it accepts, give one`,
  );
}

/** A databag that the other side might write. @throws {TypeError} As {@link sampleOf}. */
export function sampleDatabag(bag: AnyDatabag, kind: SampleKind): RawDatabag {
  const raw = encode(bag, sampleOf(bag.schema, kind, bag.awaits));
  const { state } = decode(bag, raw);
  if (state === "invalid")
    throw new TypeError("Cannot make a sample: what is written is not read again, give one");
  return raw;
}

function accepts(node: SchemaNode, value: unknown): boolean {
  return validate(node as unknown as Schema, value).ok;
}

/** What to try for a schema, best first. */
function candidates(node: SchemaNode, kind: SampleKind, needed: readonly string[] = []): readonly unknown[] {
  const { type = "" } = node;
  if (type === "string") return TEXTS;
  if (type === "number") return NUMBERS;
  if (type === "boolean") return [true, false];
  if (type === "null" || type === "literal") return [type === "null" ? null : node.literal];
  if (type === "picklist" || type === "enum") return node.options ?? [];
  if (type === "union" || type === "variant")
    return (node.options ?? []).flatMap((option) => candidates(option as SchemaNode, kind, needed));
  if (OPTIONAL.includes(type)) return kind === "minimal" ? [undefined] : inner(node.wrapped, kind);
  if (type === "nullable" || type === "nonoptional") return [...inner(node.wrapped, kind), null];
  if (type === "array") return lists(node, kind);
  if (type === "record") return records(node, kind);
  if (/object/.test(type)) return [objectOf(node, kind, needed)];
  if (/tuple/.test(type)) return [(node.items ?? []).map((item) => first(item, kind))];
  if (type === "lazy" && node.getter) return candidates(node.getter(undefined), kind);
  return [...TEXTS, ...NUMBERS, true, {}, []];
}

function inner(node: SchemaNode | undefined, kind: SampleKind): readonly unknown[] {
  return node === undefined ? [] : [first(node, kind)];
}

/** The first candidate that the schema accepts. */
function first(node: SchemaNode, kind: SampleKind): unknown {
  for (const attempt of [kind, "full"] as const) {
    const found = candidates(node, attempt).find((value) => accepts(node, value));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** In a full one as different items as there are. */
function lists(node: SchemaNode, kind: SampleKind): readonly unknown[] {
  const item = node.item ?? {};
  const one = [first(item, kind)];
  if (kind === "minimal") return [[], one];
  const some = candidates(item, kind).filter((value) => accepts(item, value));
  return [some.slice(0, 2), one, []];
}

function records(node: SchemaNode, kind: SampleKind): readonly unknown[] {
  if (kind === "minimal") return [{}];
  return [{ [String(first(node.key ?? {}, kind))]: first(node.value ?? {}, kind) }, {}];
}

function objectOf(node: SchemaNode, kind: SampleKind, needed: readonly string[]): object {
  const entries = Object.entries(node.entries ?? {}).flatMap(([key, entry]) => {
    const value = first(entry, needed.includes(key) ? "full" : kind);
    const left = value === undefined || (kind === "minimal" && canBeLeftOut(entry) && !needed.includes(key));
    return left ? [] : [[key, value] as const];
  });
  return Object.fromEntries(entries);
}

function canBeLeftOut(node: SchemaNode): boolean {
  return OPTIONAL.includes(node.type ?? "");
}
