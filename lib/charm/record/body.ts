import type { RecordedBytes } from "./recording.ts";

/** Most bytes of one body; of longer ones only their number is kept. */
export const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** Bytes as a recording has them. */
export function recordedBytes(bytes: Uint8Array, max = MAX_BODY_BYTES): RecordedBytes {
  if (bytes.byteLength > max) return { truncated: bytes.byteLength };
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString("utf8");
  return Buffer.from(text).equals(buffer) ? text : { base64: buffer.toString("base64") };
}

/** Every text in a JSON value, not its keys, through a function; base64 by what it encodes. */
export function mapTexts<Value>(value: Value, change: (text: string) => string): Value {
  if (typeof value === "string") return change(value) as Value;
  if (Array.isArray(value)) return value.map((one) => mapTexts(one, change)) as Value;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) => {
    const binary = key === "base64" && typeof one === "string" && Object.keys(value).length === 1;
    return [key, binary ? encoded(change(decoded(one))) : mapTexts(one, change)];
  });
  return Object.fromEntries(entries) as Value;
}

const decoded = (text: string): string => Buffer.from(text, "base64").toString("latin1");
const encoded = (text: string): string => Buffer.from(text, "latin1").toString("base64");
