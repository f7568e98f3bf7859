import type { Decoded, GobDecoder, GobValue } from "./gob-decode.ts";
import { BUILT_IN_IDS, GobFault } from "./gob-types.ts";

/** Kinds of the fields that this protocol has. */
interface Kinds {
  readonly bool: boolean;
  readonly int: number | bigint;
  readonly uint: number | bigint;
  readonly bytes: Uint8Array;
  readonly string: string;
  readonly strings: readonly string[];
}

export type Shape = Readonly<Record<string, keyof Kinds>>;

export type Matched<S extends Shape> = { readonly [Field in keyof S]: Kinds[S[Field]] };

const zero: Kinds = { bool: false, int: 0, uint: 0, bytes: new Uint8Array(), string: "", strings: [] };

/** What Go calls the type of such a field. */
const goNames: Readonly<Record<keyof Kinds, string>> = {
  bool: "bool",
  int: "int",
  uint: "uint64",
  bytes: "[]uint8",
  string: "string",
  strings: "[]string",
};

/**
 * Takes the fields that both sides know out of a received struct; missing ones are zero, others skipped.
 *
 * @param localName Go's name of our side of the type; it is part of the texts.
 * @throws {GobFault} With Go's text, when nothing matches or a field has another type.
 */
export function matchFields<S extends Shape>(
  decoder: GobDecoder,
  decoded: Decoded,
  localName: string,
  shape: S,
): Matched<S> {
  const type = decoder.typeOf(decoded.typeId);
  if (type?.kind !== "struct") throw new GobFault(`type mismatch: no struct received for ${localName}`);
  const common = type.fields.filter((field) => Object.hasOwn(shape, field.name));
  if (common.length === 0 && type.fields.length > 0) {
    throw new GobFault(`type mismatch: no fields matched compiling decoder for ${localName}`);
  }
  for (const { name, id } of common) {
    if (!fits(decoder, id, shape[name]!)) {
      throw new GobFault(`wrong type (${goNames[shape[name]!]}) for received field ${type.name}.${name}`);
    }
  }
  const value = decoded.value as ReadonlyMap<string, GobValue>;
  const fields = Object.entries(shape).map(([name, kind]) => [name, value.get(name) ?? zero[kind]]);
  return Object.fromEntries(fields) as Matched<S>;
}

function fits(decoder: GobDecoder, id: number, kind: keyof Kinds): boolean {
  if (kind !== "strings") return id === BUILT_IN_IDS[kind];
  const type = decoder.typeOf(id);
  return type?.kind === "slice" && type.element === BUILT_IN_IDS.string;
}
