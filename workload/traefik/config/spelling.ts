/** Keys of any case in the schema's spelling: Traefik does not tell them apart. @module */

interface Shape {
  readonly type?: string;
  readonly entries?: Readonly<Record<string, Shape>>;
  readonly wrapped?: Shape;
  readonly item?: Shape;
  readonly value?: Shape;
  readonly pipe?: readonly unknown[];
  readonly options?: readonly unknown[];
}

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function spelledKeys(entries: Readonly<Record<string, Shape>>, value: Record<string, unknown>): unknown {
  const known = new Map(Object.keys(entries).map((key) => [key.toLowerCase(), key]));
  const pairs = Object.entries(value).map(([given, inner]): [string, unknown] => {
    const key = known.get(given.toLowerCase()) ?? given;
    const shape = Object.hasOwn(entries, key) ? entries[key] : undefined;
    return [key, shape ? spelled(shape, inner) : inner];
  });
  return Object.fromEntries(pairs);
}

/**
 * A value with the keys of its objects as a schema writes them. Names that the file chooses (of routers, headers)
 * and unknown keys stay as they are.
 *
 * @param schema A schema of valibot.
 */
export function spelled(schema: Shape, value: unknown): unknown {
  if (schema.wrapped) return spelled(schema.wrapped, value);
  if (schema.type === "array" && schema.item && Array.isArray(value)) {
    const { item } = schema;
    return value.map((inner) => spelled(item, inner));
  }
  if (!isTable(value)) return value;
  if (schema.entries) return spelledKeys(schema.entries, value);
  if (schema.type !== "record" || !schema.value) return value;
  const { value: shape } = schema;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, spelled(shape, inner)]));
}
