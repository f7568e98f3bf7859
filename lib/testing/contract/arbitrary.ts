import type * as FastCheck from "fast-check";
import { type AnyDatabag, encode, type RawDatabag } from "../../charm/databag.ts";
import { type Schema, validate } from "../../charm/schema.ts";
import { nodeOf } from "./json-node.ts";
import { OPTIONAL, type SchemaNode, sampleOf, TEXTS } from "./sample.ts";

/** The module `fast-check`, handed in so that this package does not need it. */
export type Fc = Omit<typeof FastCheck, "default">;

/**
 * Databags that the other side of an interface might write, as text: whatever its schema accepts.
 *
 * @example
 * ```ts
 * fc.assert(fc.property(databagArbitrary(fc, ingress.sides.provider.app), (raw) => decode(ingress.sides.provider.app, raw).state === "ready"));
 * ```
 */
export function databagArbitrary(fc: Fc, bag: AnyDatabag): FastCheck.Arbitrary<RawDatabag> {
  return schemaArbitrary(fc, bag.schema).map((value) => encode(bag, value));
}

/** Values that a schema accepts: one of valibot, or one that offers Standard JSON Schema. */
export function schemaArbitrary(fc: Fc, schema: Schema): FastCheck.Arbitrary<unknown> {
  const samples = [sampleOf(schema, "minimal"), sampleOf(schema, "full")];
  // What a rule over several keys refuses gives way to a sample: looking on for one that fits might never end.
  const any = arbitraryOf(fc, nodeOf(schema)).map((value) =>
    validate(schema, value).ok ? value : samples[0],
  );
  return fc.oneof({ weight: 1, arbitrary: fc.constantFrom(...samples) }, { weight: 4, arbitrary: any });
}

function arbitraryOf(fc: Fc, node: SchemaNode): FastCheck.Arbitrary<unknown> {
  const { type = "" } = node;
  if (OPTIONAL.includes(type)) return fc.option(arbitraryOf(fc, node.wrapped ?? {}), { nil: undefined });
  if (type === "nullable") return fc.option(arbitraryOf(fc, node.wrapped ?? {}), { nil: null });
  if (type === "union" || type === "variant")
    return fc.oneof(...(node.options ?? []).map((option) => arbitraryOf(fc, option as SchemaNode)));
  if (type === "array") return fc.array(arbitraryOf(fc, node.item ?? {}), { maxLength: 4 });
  if (type === "record")
    return fc.dictionary(fc.constantFrom("a", "b-c", "x"), arbitraryOf(fc, node.value ?? {}), {
      noNullPrototype: true,
    });
  if (/object/.test(type)) return objectArbitrary(fc, node);
  return leaf(fc, node);
}

function objectArbitrary(fc: Fc, { entries = {} }: SchemaNode): FastCheck.Arbitrary<unknown> {
  const keys = Object.keys(entries);
  const values = fc.tuple(...keys.map((key) => arbitraryOf(fc, entries[key] ?? {})));
  return values.map((list) =>
    Object.fromEntries(
      keys.map((key, index) => [key, list[index]]).filter(([, value]) => value !== undefined),
    ),
  );
}

/** Texts and numbers near those the schema accepts. */
function leaf(fc: Fc, node: SchemaNode): FastCheck.Arbitrary<unknown> {
  const accepted = (value: unknown): boolean => validate(node as unknown as Schema, value).ok;
  const known = [...TEXTS, 1, 8080, 0, true, false, null, node.literal, ...(node.options ?? [])].filter(
    accepted,
  );
  const from = known.length === 0 ? fc.constant(undefined) : fc.constantFrom(...known);
  const random: FastCheck.Arbitrary<unknown> =
    node.type === "number" ? fc.integer({ min: 0, max: 70_000 }) : fc.string({ minLength: 1 });
  return fc.oneof(
    from,
    random.map((value) => (accepted(value) ? value : known[0])),
  );
}
