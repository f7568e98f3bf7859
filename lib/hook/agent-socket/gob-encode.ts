import { type GobType, innerTypes, type TypeNumbering } from "./gob-types.ts";

/** What can be sent: a struct is a plain object; a field that is absent or zero is left out. */
export type GobInput =
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly GobInput[]
  | { readonly [field: string]: GobInput | undefined };

/** The sending side of one connection: sends each definition once, before the first value that needs it. */
export class GobEncoder {
  readonly #numbering: TypeNumbering;
  readonly #defined = new Set<GobType>();

  constructor(numbering: TypeNumbering) {
    this.#numbering = numbering;
  }

  /** The messages of one struct value, definitions included. */
  encode(type: GobType, value: GobInput): Buffer {
    const valueId = this.#numbering.idOf(type);
    const definitions = this.#define(type);
    return Buffer.concat([...definitions, message(valueId, encodeValue(type, value))]);
  }

  #define(type: GobType): Buffer[] {
    if ((type.kind !== "struct" && type.kind !== "slice") || this.#defined.has(type)) return [];
    this.#defined.add(type);
    const own = message(-this.#numbering.idOf(type), definition(type, this.#numbering));
    return [own, ...innerTypes(type).flatMap((inner) => this.#define(inner))];
  }
}

function message(typeId: number, payload: Buffer): Buffer {
  const body = Buffer.concat([encodeInt(typeId), payload]);
  return Buffer.concat([encodeUint(body.length), body]);
}

/** The payload of a definition: Go's `wireType`, with the one field set that fits the kind. */
function definition(type: Extract<GobType, { name: string }>, numbering: TypeNumbering): Buffer {
  const common = struct([encodeText(type.name), encodeInt(numbering.idOf(type))], [type.name === "", false]);
  if (type.kind === "slice") {
    return struct([struct([common, encodeInt(numbering.idOf(type.element))])], [], 1);
  }
  const fields = type.fields.map(({ name, type: of }) =>
    struct([encodeText(name), encodeInt(numbering.idOf(of))]),
  );
  const list = Buffer.concat([encodeUint(fields.length), ...fields]);
  return struct([struct([common, list], [false, fields.length === 0])], [], 2);
}

/** Fields with their distance from the field written before, then the end mark. */
function struct(values: readonly Buffer[], zero: readonly boolean[] = [], firstIndex = 0): Buffer {
  const parts: Buffer[] = [];
  let previous = -1;
  for (const [index, value] of values.entries()) {
    if (zero[index]) continue;
    parts.push(encodeUint(firstIndex + index - previous), value);
    previous = firstIndex + index;
  }
  return Buffer.concat([...parts, Buffer.of(0)]);
}

function encodeValue(type: GobType, value: GobInput | undefined): Buffer {
  switch (type.kind) {
    case "bool":
      return encodeUint(value ? 1 : 0);
    case "int":
      return encodeInt(value as number);
    case "uint":
      return encodeUint(value as number | bigint);
    case "string":
      return encodeText(value as string);
    case "bytes":
      return encodeBytes(value as Uint8Array);
    case "slice": {
      const elements = value as readonly GobInput[];
      return Buffer.concat([
        encodeUint(elements.length),
        ...elements.map((element) => encodeValue(type.element, element)),
      ]);
    }
    case "struct": {
      const record = value as { readonly [field: string]: GobInput | undefined };
      const zero = type.fields.map((field) => isZero(record[field.name]));
      const values = type.fields.map((field, index) =>
        zero[index] ? Buffer.alloc(0) : encodeValue(field.type, record[field.name]),
      );
      return struct(values, zero);
    }
  }
}

function isZero(value: GobInput | undefined): boolean {
  if (value instanceof Uint8Array || Array.isArray(value) || typeof value === "string") {
    return value.length === 0;
  }
  return value === undefined || value === false || value === 0 || value === 0n;
}

function encodeText(text: string): Buffer {
  return encodeBytes(Buffer.from(text, "utf8"));
}

function encodeBytes(bytes: Uint8Array): Buffer {
  return Buffer.concat([encodeUint(bytes.length), bytes]);
}

/** Below 128 one byte; else 256 minus the count of bytes, then these, big endian. */
export function encodeUint(value: number | bigint): Buffer {
  if (value < 128) return Buffer.of(Number(value));
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  return Buffer.concat([Buffer.of(256 - bytes.length), bytes]);
}

/** The sign goes into the lowest bit: 2 → 4, −1 → 1. */
export function encodeInt(value: number): Buffer {
  const wide = BigInt(value);
  return encodeUint(wide < 0n ? ((-wide - 1n) << 1n) | 1n : wide << 1n);
}
