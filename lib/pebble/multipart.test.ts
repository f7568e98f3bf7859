import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatMultipart, MultipartFault, mediaParameters, parseMultipart } from "./multipart.ts";

const BOUNDARY = "a-boundary-that-is-long-enough-for-pebble";
const part = fc.record({
  name: fc.constantFrom("request", "files", "response"),
  filename: fc.string({ unit: "grapheme" }).filter((text) => !/[\r\n]/.test(text)),
  content: fc.uint8Array({ maxLength: 200 }),
});

describe("parseMultipart()", () => {
  test("reads back what formatMultipart() writes, whatever the names and bytes", () => {
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const read = parseMultipart(formatMultipart(parts, BOUNDARY), BOUNDARY);
        const plain = read.map(({ name, filename, content }) => ({
          name,
          filename,
          content: new Uint8Array(content),
        }));
        expect(plain).toEqual(parts);
      }),
    );
  });

  test("ends in parts or a MultipartFault, whatever the bytes", () => {
    const piece = fc.constantFrom(
      "\r\n",
      `--${BOUNDARY}`,
      "--",
      "Content-Disposition: form-data; name=a",
      ":",
      "x",
      "\0",
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        try {
          parseMultipart(Buffer.from(pieces.join("")), BOUNDARY);
        } catch (error) {
          expect(error).toBeInstanceOf(MultipartFault);
        }
      }),
    );
  });

  test.each([
    ["", "unexpected EOF"],
    [`--${BOUNDARY}\r\nContent-Disposition: form-data; name="a"\r\n\r\ntext`, "unexpected EOF"],
    [`--${BOUNDARY}junk\r\n`, "expecting a new Part"],
    [`--${BOUNDARY}\r\nno head\r\n--${BOUNDARY}--`, "malformed MIME header"],
  ])("refuses %j", (body, message) => {
    expect(() => parseMultipart(Buffer.from(body), BOUNDARY)).toThrow(message);
  });

  test("a broken body still has the parts before the fault", () => {
    const whole = formatMultipart([{ name: "request", content: Buffer.from("{}") }], BOUNDARY);
    const broken = Buffer.concat([whole.subarray(0, whole.length - 4), Buffer.from("\r\nrest")]);
    try {
      parseMultipart(broken, BOUNDARY);
      expect.unreachable();
    } catch (error) {
      expect((error as MultipartFault).parts).toMatchObject([{ name: "request" }]);
    }
  });
});

test.each([
  ['form-data; name="a"; filename="b;c\\"d"', { name: "a", filename: 'b;c"d' }],
  ["multipart/form-data; boundary=abc", { boundary: "abc" }],
  ["multipart/form-data; BOUNDARY=abc; boundary=def", { boundary: "abc" }],
  ["text/plain", {}],
])("mediaParameters() of %s", (header, expected) => {
  expect({ ...mediaParameters(header) }).toEqual(expected);
});
