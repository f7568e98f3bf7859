import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hostile } from "../fuzz/gob.ts";
import { ByteReader, ByteWriter, MessageSplitter } from "./gob-bytes.ts";
import { GobDecoder } from "./gob-decode.ts";
import { GobEncoder } from "./gob-encode.ts";
import { matchFields } from "./gob-match.ts";
import { type GobType, TypeNumbering } from "./gob-types.ts";
import { REQUEST_BODY, REQUEST_BODY_WITH_TOKEN, REQUEST_SHAPE } from "./messages.ts";

/** What one call of a writer writes. */
function written(write: (writer: ByteWriter) => void): Buffer {
  const writer = new ByteWriter();
  write(writer);
  return writer.written;
}
const encodeUint = (value: number | bigint) => written((writer) => writer.uint(value));
const encodeInt = (value: number) => written((writer) => writer.int(value));

/** Sends a value through both sides; gives what the decoder's last message holds. */
function roundTrip(type: GobType, value: Parameters<GobEncoder["encode"]>[1]) {
  const decoder = new GobDecoder();
  const bytes = new GobEncoder(new TypeNumbering()).encode(type, value);
  const decoded = [...new MessageSplitter(1e7).push(bytes)].map((message) => decoder.message(message));
  return { decoder, decoded: decoded.at(-1)! };
}

describe("numbers", () => {
  test.each([
    [0n, "00"],
    [127n, "7f"],
    [128n, "ff80"],
    [772n, "fe0304"],
    [2n ** 64n - 1n, "f8ffffffffffffffff"],
  ])("%i without a sign is %s", (value, hex) => {
    expect(encodeUint(value).toString("hex")).toBe(hex);
    expect(BigInt(new ByteReader(Buffer.from(hex, "hex")).uint())).toBe(value);
  });

  test.each([
    [2, "04"],
    [64, "ff80"],
    [-64, "7f"],
    [-65, "ff81"],
  ])("%i is %s", (value, hex) => {
    expect(encodeInt(value).toString("hex")).toBe(hex);
    expect(new ByteReader(Buffer.from(hex, "hex")).int()).toBe(value);
  });

  test("every safe number survives", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(new ByteReader(encodeInt(value)).int()).toBe(value);
      }),
    );
  });
});

const request = fc.record({
  ContextId: fc.string({ unit: "grapheme" }),
  Dir: fc.string(),
  CommandName: fc.string(),
  Args: fc.array(fc.string({ unit: "grapheme" })),
  StdinSet: fc.boolean(),
  Stdin: fc.uint8Array(),
  Token: fc.string(),
});

test("every request survives, in any pieces", () => {
  fc.assert(
    fc.property(request, fc.integer({ min: 1, max: 40 }), (value, size) => {
      const bytes = new GobEncoder(new TypeNumbering()).encode(REQUEST_BODY_WITH_TOKEN, value);
      const decoder = new GobDecoder();
      const splitter = new MessageSplitter(1e6);
      let decoded: ReturnType<GobDecoder["message"]>;
      for (let at = 0; at < bytes.length; at += size) {
        for (const message of splitter.push(bytes.subarray(at, at + size)))
          decoded = decoder.message(message);
      }
      expect(splitter.partial).toBe(false);
      expect(matchFields(decoder, decoded!, "Request", REQUEST_SHAPE)).toEqual(value);
    }),
  );
});

test("fields are matched by name: others are skipped, missing ones are zero", () => {
  const text: GobType = { kind: "string" };
  const foreign: GobType = {
    kind: "struct",
    name: "Other",
    fields: [
      { name: "New", type: { kind: "slice", name: "x", element: REQUEST_BODY } },
      { name: "Dir", type: text },
    ],
  };
  const { decoder, decoded } = roundTrip(foreign, { New: [{ Dir: "/inner" }], Dir: "/outer" });
  expect(matchFields(decoder, decoded, "Request", REQUEST_SHAPE)).toMatchObject({ Dir: "/outer", Args: [] });
});

test.each([
  ["an array", "0d ff81 01 01 02 ff82 00 01 04 01 04 00 00".replaceAll(" ", ""), "06ff8200020406", [2, 3]],
  ["a map", "0c ff81 04 01 02 ff82 00 01 0c 01 04 00 00".replaceAll(" ", ""), "07ff82000101610a", [["a", 5]]],
  [
    "a type that only Go can read",
    "08ff8105 0102ff82 000000".replaceAll(" ", ""),
    "06ff820002abcd",
    Uint8Array.of(0xab, 0xcd),
  ],
  ["a float", "", "0508 00 fef03f".replaceAll(" ", ""), 1],
])("%s is read by its definition", (_, definition, value, expected) => {
  const decoder = new GobDecoder();
  const read = (hex: string) =>
    [...new MessageSplitter(100).push(framed(hex))].map((m) => decoder.message(m));
  if (definition !== "") expect(read(definition)).toEqual([undefined]);
  expect(read(value).at(-1)?.value).toEqual(expected);
});

/** The length in the table is only there to be read; the right one is put in its place. */
function framed(hex: string): Buffer {
  const body = Buffer.from(hex, "hex").subarray(1);
  return Buffer.concat([encodeUint(body.length), body]);
}

test("a short message cannot claim much memory", () => {
  const decoder = new GobDecoder();
  decoder.message(framed("00ff8302010108 5b5d737472696e6701ff8400010c0000".replaceAll(" ", "")).subarray(1));
  const claim = Buffer.concat([Buffer.from("ff8400", "hex"), encodeUint(2 ** 31)]);
  expect(() => decoder.message(claim)).toThrow("length exceeds input size");
  const many = Buffer.concat([Buffer.from("ff8400", "hex"), encodeUint(2_000_000), Buffer.alloc(2_000_000)]);
  expect(() => decoder.message(many)).toThrow("too large");
});

test("hostile bytes end in a fault and never in anything else", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), hostile), { numRuns: 500 });
  const seeds = fc.integer({ min: 0, max: 2 ** 31 });
  fc.assert(
    fc.property(seeds, (seed) => hostile(mutated(seed))),
    { numRuns: 1000 },
  );
});

/** A good stream with a few bytes changed. */
function mutated(seed: number): Uint8Array {
  const encoder = new GobEncoder(new TypeNumbering());
  const bytes = encoder.encode(REQUEST_BODY, { Dir: "/", CommandName: "x", Args: ["a", "b"] });
  for (let i = 0, x = seed; i < 3; i += 1, x = (x * 48271) % 2147483647) bytes[x % bytes.length] = x >> 8;
  return bytes;
}
