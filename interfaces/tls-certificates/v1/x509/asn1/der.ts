import { AsnConvert } from "@peculiar/asn1-schema";

/** DER of a value of the schemas. */
export function der(value: unknown): ArrayBuffer {
  return AsnConvert.serialize(value);
}

/** The bytes of Node.js's functions as the schemas take them. */
export function bytes(buffer: Uint8Array): ArrayBuffer {
  return new Uint8Array(buffer).buffer;
}
