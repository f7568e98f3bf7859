import { ByteWriter } from "./gob-bytes.ts";
import { type GobField, type GobType, innerTypes, type TypeNumbering } from "./gob-types.ts";

/** What can be sent: a struct is a plain object; a field that is absent or zero is left out. */
export type GobInput = boolean | number | bigint | string | Uint8Array | readonly GobInput[] | GobRecord;

interface GobRecord {
  readonly [field: string]: GobInput | undefined;
}

/** The sending side of one connection: sends each definition once, before the first value that needs it. */
export class GobEncoder {
  readonly #numbering: TypeNumbering;
  readonly #defined = new Set<GobType>();

  constructor(numbering: TypeNumbering) {
    this.#numbering = numbering;
  }

  /** The messages of one struct value, definitions included. */
  encode(type: GobType, value: GobInput): Buffer {
    const out = new ByteWriter();
    this.write(out, type, value);
    return out.written;
  }

  /** The same, behind what has been written before. */
  write(out: ByteWriter, type: GobType, value: GobInput): void {
    const valueId = this.#numbering.idOf(type);
    this.#define(out, type);
    const message = new ByteWriter();
    message.int(valueId);
    writeValue(message, type, value);
    out.bytes(message.written);
  }

  #define(out: ByteWriter, type: GobType): void {
    if ((type.kind !== "struct" && type.kind !== "slice") || this.#defined.has(type)) return;
    this.#defined.add(type);
    const message = new ByteWriter();
    message.int(-this.#numbering.idOf(type));
    writeDefinition(message, type, this.#numbering);
    out.bytes(message.written);
    for (const inner of innerTypes(type)) this.#define(out, inner);
  }
}

/** A field of a struct comes after its distance from the field written before; after the last comes this. */
const END = 0;

/** Go's `wireType`, with the one field set that fits the kind: the second is a slice's, the third a struct's. */
function writeDefinition(
  out: ByteWriter,
  type: Extract<GobType, { name: string }>,
  numbering: TypeNumbering,
): void {
  out.uint(type.kind === "slice" ? 2 : 3);
  out.uint(1); // Its first field, what all have in common: the name, left out if empty, and the number.
  if (type.name !== "") {
    out.uint(1);
    out.text(type.name);
  }
  out.uint(type.name === "" ? 2 : 1);
  out.int(numbering.idOf(type));
  out.uint(END);
  if (type.kind === "slice") {
    out.uint(1);
    out.int(numbering.idOf(type.element));
  } else if (type.fields.length > 0) {
    out.uint(1);
    out.uint(type.fields.length);
    for (const field of type.fields) {
      out.uint(1);
      out.text(field.name);
      out.uint(1);
      out.int(numbering.idOf(field.type));
      out.uint(END);
    }
  }
  out.uint(END);
  out.uint(END);
}

function writeValue(out: ByteWriter, type: GobType, value: GobInput | undefined): void {
  switch (type.kind) {
    case "bool":
      out.uint(value ? 1 : 0);
      break;
    case "int":
      out.int(value as number);
      break;
    case "uint":
      out.uint(value as number | bigint);
      break;
    case "string":
      out.text(value as string);
      break;
    case "bytes":
      out.bytes(value as Uint8Array);
      break;
    case "slice":
      writeSlice(out, type.element, value as readonly GobInput[]);
      break;
    case "struct":
      writeStruct(out, type.fields, value as GobRecord);
      break;
  }
}

function writeSlice(out: ByteWriter, element: GobType, values: readonly GobInput[]): void {
  out.uint(values.length);
  for (const value of values) writeValue(out, element, value);
}

function writeStruct(out: ByteWriter, fields: readonly GobField[], record: GobRecord): void {
  let distance = 1;
  for (const { name, type } of fields) {
    const value = record[name];
    if (isZero(value)) {
      distance += 1;
      continue;
    }
    out.uint(distance);
    writeValue(out, type, value);
    distance = 1;
  }
  out.uint(END);
}

function isZero(value: GobInput | undefined): boolean {
  if (value instanceof Uint8Array || Array.isArray(value) || typeof value === "string") {
    return value.length === 0;
  }
  return value === undefined || value === false || value === 0 || value === 0n;
}
