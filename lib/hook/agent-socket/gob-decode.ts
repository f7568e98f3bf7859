import { ByteReader } from "./gob-bytes.ts";
import { BUILT_IN_IDS, GobFault } from "./gob-types.ts";

/** A received value; structs are maps of the fields that were sent. */
export type GobValue =
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly GobValue[]
  | ReadonlyMap<string, GobValue>;

/** A type as the other side defined it. `opaque` is one that only its Go type can read. */
export type WireType =
  | { readonly kind: "struct"; readonly name: string; readonly fields: readonly WireField[] }
  | { readonly kind: "slice" | "array"; readonly element: number }
  | { readonly kind: "map"; readonly key: number; readonly element: number }
  | { readonly kind: "opaque" };

export interface WireField {
  readonly name: string;
  readonly id: number;
}

export interface Decoded {
  readonly typeId: number;
  readonly value: GobValue;
}

const maxTypes = 1000;
const maxDepth = 64;
/** Values in one message, so that a short message cannot fill the memory. */
const maxValues = 1_000_000;

const struct = (name: string, ...fields: [string, number][]): WireType => ({
  kind: "struct",
  name,
  fields: fields.map(([field, id]) => ({ name: field, id })),
});

/** How a definition is itself encoded. Go: encoding/gob, type.go, `wireType`. */
const bootstrap: readonly (readonly [number, WireType])[] = [
  [
    16,
    struct(
      "wireType",
      ["ArrayT", 17],
      ["SliceT", 19],
      ["StructT", 20],
      ["MapT", 23],
      ["GobEncoderT", 24],
      ["BinaryMarshalerT", 24],
      ["TextMarshalerT", 24],
    ),
  ],
  [17, struct("arrayType", ["CommonType", 18], ["Elem", BUILT_IN_IDS.int], ["Len", BUILT_IN_IDS.int])],
  [18, struct("CommonType", ["Name", BUILT_IN_IDS.string], ["Id", BUILT_IN_IDS.int])],
  [19, struct("sliceType", ["CommonType", 18], ["Elem", BUILT_IN_IDS.int])],
  [20, struct("structType", ["CommonType", 18], ["Field", 22])],
  [21, struct("fieldType", ["Name", BUILT_IN_IDS.string], ["Id", BUILT_IN_IDS.int])],
  [22, { kind: "slice", element: 21 }],
  [23, struct("mapType", ["CommonType", 18], ["Key", BUILT_IN_IDS.int], ["Elem", BUILT_IN_IDS.int])],
  [24, struct("gobEncoderType", ["CommonType", 18])],
];

/** The receiving side of one connection: learns the sender's types and reads values by them. */
export class GobDecoder {
  readonly #types = new Map<number, WireType>(bootstrap);
  #budget = 0;

  typeOf(id: number): WireType | undefined {
    return this.#types.get(id);
  }

  /**
   * Reads one message. A definition is remembered and gives nothing.
   *
   * @throws {GobFault} For everything that is not gob, or refers to a type that was never defined.
   */
  message(payload: Uint8Array): Decoded | undefined {
    const reader = new ByteReader(payload);
    const id = Number(reader.int());
    this.#budget = maxValues;
    if (id < 0) {
      this.#define(-id, reader);
      return undefined;
    }
    if (id < 64 && id > BUILT_IN_IDS.interface) throw unknownType();
    const kind = this.#types.get(id)?.kind;
    if (kind !== "struct" && reader.uint() !== 0) throw new GobFault("corrupted data: non-zero delta");
    const value = this.#value(id, reader, 0);
    if (reader.remaining > 0) throw new GobFault("corrupted data: bytes after the value");
    return { typeId: id, value };
  }

  #define(id: number, reader: ByteReader): void {
    if (id < 64 || this.#types.has(id)) throw new GobFault("duplicate type received");
    if (this.#types.size >= maxTypes) throw new GobFault("too many types");
    const wire = this.#value(16, reader, 0) as ReadonlyMap<string, GobValue>;
    if (reader.remaining > 0) throw new GobFault("corrupted data: bytes after the definition");
    this.#types.set(id, readDefinition(wire));
  }

  #value(id: number, reader: ByteReader, depth: number): GobValue {
    this.#budget -= 1;
    if (depth > maxDepth || this.#budget < 0) throw new GobFault("value too deep or too large");
    switch (id) {
      case BUILT_IN_IDS.bool:
        return reader.uint() !== 0;
      case BUILT_IN_IDS.int:
        return reader.int();
      case BUILT_IN_IDS.uint:
        return reader.uint();
      case BUILT_IN_IDS.float:
        return readFloat(reader);
      case BUILT_IN_IDS.bytes:
        return Uint8Array.from(reader.take(reader.count()));
      case BUILT_IN_IDS.string:
        return reader.text();
      case BUILT_IN_IDS.complex:
        return [readFloat(reader), readFloat(reader)];
      default:
        return this.#composite(this.#types.get(id), reader, depth);
    }
  }

  #composite(type: WireType | undefined, reader: ByteReader, depth: number): GobValue {
    switch (type?.kind) {
      case "struct":
        return this.#struct(type.fields, reader, depth + 1);
      case "slice":
      case "array":
        return Array.from({ length: this.#count(reader) }, () =>
          this.#value(type.element, reader, depth + 1),
        );
      case "map":
        return Array.from({ length: this.#count(reader) }, () => [
          this.#value(type.key, reader, depth + 1),
          this.#value(type.element, reader, depth + 1),
        ]);
      case "opaque":
        return Uint8Array.from(reader.take(reader.count()));
      default:
        throw unknownType();
    }
  }

  /** Checked before anything is allocated. */
  #count(reader: ByteReader): number {
    const count = reader.count();
    if (count > this.#budget) throw new GobFault("value too deep or too large");
    return count;
  }

  #struct(fields: readonly WireField[], reader: ByteReader, depth: number): GobValue {
    const value = new Map<string, GobValue>();
    let index = -1;
    for (let delta = reader.uint(); delta !== 0; delta = reader.uint()) {
      index += Number(delta);
      const field = fields[index];
      if (field === undefined) throw new GobFault("corrupted data: field number out of range");
      value.set(field.name, this.#value(field.id, reader, depth));
    }
    return value;
  }
}

/** Whether a message defines a type, whose number is then negative. */
export function isDefinition(payload: Uint8Array): boolean {
  return new ByteReader(payload).int() < 0;
}

function unknownType(): GobFault {
  return new GobFault("unknown type id or corrupted data");
}

/** The eight bytes travel in reverse, so that round numbers are short. */
function readFloat(reader: ByteReader): number {
  const bits = Buffer.alloc(8);
  bits.writeBigUInt64LE(BigInt(reader.uint()));
  return bits.readDoubleBE();
}

function readDefinition(wire: ReadonlyMap<string, GobValue>): WireType {
  const [kind, content] = [...wire][0] ?? [];
  if (wire.size !== 1 || !(content instanceof Map)) throw new GobFault("corrupted data: empty definition");
  const id = (field: string): number => Number(content.get(field) ?? 0);
  switch (kind) {
    case "StructT":
      return readStruct(content);
    case "SliceT":
      return { kind: "slice", element: id("Elem") };
    case "ArrayT":
      return { kind: "array", element: id("Elem") };
    case "MapT":
      return { kind: "map", key: id("Key"), element: id("Elem") };
    default:
      return { kind: "opaque" };
  }
}

function readStruct(content: ReadonlyMap<string, GobValue>): WireType {
  const common = (content.get("CommonType") ?? new Map()) as ReadonlyMap<string, GobValue>;
  const fields = (content.get("Field") ?? []) as readonly ReadonlyMap<string, GobValue>[];
  return {
    kind: "struct",
    name: String(common.get("Name") ?? ""),
    fields: fields.map((field) => ({
      name: String(field.get("Name") ?? ""),
      id: Number(field.get("Id") ?? 0),
    })),
  };
}
