import fc from "fast-check";
import { expect, test } from "vitest";
import { MOST_UNPACKED, packLz4, unpackLz4 } from "./lz4.ts";
import { xxHash32 } from "./xxhash.ts";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");
const copy = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : Buffer.from(bytes));

/** A frame around blocks, with a right checksum of what they unpack to. */
function frame(blocks: string, content: Uint8Array): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(xxHash32(content));
  return Buffer.concat([hex("04224d18 6440a7"), hex(blocks), hex("00000000"), sum]);
}

test.each([
  ["", 0x02cc5d05],
  ["a", 0x550d7456],
  ["abc", 0x32d153ff],
  ["Nobody inspects the spammish repetition", 0xe2293b2f],
])("xxHash32 of %j", (text, sum) => {
  expect(xxHash32(Buffer.from(text))).toBe(sum);
});

test("what was packed comes back", () => {
  const noise = fc.uint8Array({ maxLength: 2000 });
  const regular = fc
    .array(fc.constantFrom("group-", "abcdefgh", "1", "\0"), { maxLength: 4000 })
    .map((parts) => Buffer.from(parts.join("")));
  fc.assert(
    fc.property(fc.oneof(noise, regular), (content) => {
      expect(copy(unpackLz4(packLz4(content)))).toEqual(Buffer.from(content));
    }),
    { numRuns: 200 },
  );
  const long = Buffer.alloc(200_000, "all work and no play ");
  expect(copy(unpackLz4(packLz4(long)))).toEqual(long);
  expect(packLz4(long).length).toBeLessThan(2000);
});

test("reads each kind of valid frame", () => {
  const text = Buffer.from("a".repeat(20));
  // One literal, then a match of 14 at distance 1, then five literals.
  const block = "1a 61 0100 50 6161616161";
  expect(copy(unpackLz4(frame("0a000000 1a610100506161616161", text)))).toEqual(text);
  const body = hex(block);
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(xxHash32(text));
  const blockSum = Buffer.alloc(4);
  blockSum.writeUInt32LE(xxHash32(body));
  // Linked blocks, checksum of each block, content size, content checksum; blocks of 4 MiB.
  const descriptor = hex("5c70 1400000000000000");
  const check = Buffer.of((xxHash32(descriptor) >>> 8) & 0xff);
  const whole = Buffer.concat([
    hex("04224d18"),
    descriptor,
    check,
    hex("0a000000"),
    body,
    blockSum,
    hex("00000000"),
    sum,
  ]);
  expect(copy(unpackLz4(whole))).toEqual(text);
  whole[whole.length - 9] = (whole[whole.length - 9] as number) ^ 1;
  expect(unpackLz4(whole)).toBeUndefined();
});

test("no checksum but the header's", () => {
  const descriptor = hex("6040");
  const check = Buffer.of((xxHash32(descriptor) >>> 8) & 0xff);
  const bare = Buffer.concat([hex("04224d18"), descriptor, check, hex("03000080 616263 00000000")]);
  expect(copy(unpackLz4(bare))).toEqual(Buffer.from("abc"));
  expect(unpackLz4(Buffer.concat([bare, Buffer.of(0)]))).toBeUndefined();
});

test.each([
  ["a distance of 0", "07000000 1a610000106161"],
  ["a distance before the start", "07000000 1a610200106161"],
  ["literals that are not there", "02000000 f061"],
  ["a length that does not end", "03000000 f0ffff"],
  ["a block that ends with a match", "04000000 1a610100"],
  ["a block longer than the frame", "ffff0000 61"],
  ["a stored block above 64 KiB", "01000180 61"],
  ["no end mark", "01000080 61"],
])("%s is refused", (_, blocks) => {
  expect(unpackLz4(frame(blocks, Buffer.alloc(0)))).toBeUndefined();
});

test("a bomb is refused before it goes off", () => {
  // One block of less than 300 bytes is 64 KiB; a frame of them would be more than a mebibyte.
  const one = Buffer.concat([hex("1f610100"), Buffer.alloc(256, 255), hex("a0 50 6161616161")]);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(one.length);
  const block = Buffer.concat([size, one]).toString("hex");
  const length = copy(unpackLz4(frame(block, Buffer.alloc(1 + 19 + 256 * 255 + 160 + 5, "a"))))?.length ?? 0;
  expect(length).toBeGreaterThan(65_000);
  const many = Math.ceil(MOST_UNPACKED / length) + 1;
  expect(unpackLz4(frame(block.repeat(many), Buffer.alloc(many * length, "a")))).toBeUndefined();
  expect(copy(unpackLz4(frame(block.repeat(3), Buffer.alloc(3 * length, "a"))))?.length).toBe(3 * length);
});

test("a content size of 4 GiB, and dictionaries, are refused", () => {
  for (const text of ["6c40 0000000001000000", "6540 01000000"]) {
    const descriptor = hex(text);
    const check = Buffer.of((xxHash32(descriptor) >>> 8) & 0xff);
    expect(
      unpackLz4(Buffer.concat([hex("04224d18"), descriptor, check, hex("00000000 055dcc02")])),
    ).toBeUndefined();
  }
});

test("no bytes make it throw", () => {
  const start = packLz4(Buffer.from("abcabcabcabcabcabcabcabcabcabcabcabc"));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(), fc.nat(255), (noise, at, byte) => {
      unpackLz4(noise);
      unpackLz4(Buffer.concat([hex("04224d186440a7"), noise]));
      const changed = Buffer.from(start);
      changed[at % changed.length] = byte;
      expect(unpackLz4(changed)?.length ?? 0).toBeLessThanOrEqual(MOST_UNPACKED);
    }),
  );
});
