import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AnswerReader, HttpFault } from "./http-answer.ts";

/** Reads bytes that arrive in pieces of a size; undefined while the answer is not whole. */
function read(text: string, size = text.length) {
  const bytes = Buffer.from(text, "latin1");
  const reader = new AnswerReader();
  let whole = false;
  for (let at = 0; at < bytes.length; at += size) whole = reader.push(bytes.subarray(at, at + size));
  if (!whole) return undefined;
  const { status, headers, body } = reader.answer;
  return { status, headers, body: Buffer.from(body).toString("latin1"), reusable: reader.reusable };
}

describe("an answer", () => {
  test.each([
    ["with a length", "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 2\r\n\r\n{}", "{}", true],
    ["without a body", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", "", true],
    ["that can have no body", "HTTP/1.1 204 No Content\r\n\r\n", "", true],
    ["without words for its status", "HTTP/1.1 200\r\ncontent-length:1\r\n\r\nx", "x", true],
    [
      "after which the server closes",
      "HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 1\r\n\r\nx",
      "x",
      false,
    ],
    ["of HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", "x", false],
    ["with more behind it", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP", "x", false],
    [
      "in chunks",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=1\r\n0123456789\r\n0\r\n\r\n",
      "abc0123456789",
      true,
    ],
    [
      "with trailers",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1 \r\na\r\n0\r\nX: y\r\n\r\n",
      "a",
      true,
    ],
    [
      "after interim ones",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx",
      "x",
      true,
    ],
  ])("%s is read, in any pieces", (_what, text, body, reusable) => {
    for (let size = 1; size <= text.length; size++)
      expect(read(text, size)).toMatchObject({ body, ...(size === text.length ? { reusable } : {}) });
  });

  test("its headers have names in lower case, and every value", () => {
    const text = "HTTP/1.1 418 I'm a teapot\r\nX-A:  one \r\nx-a: two\r\nEmpty:\r\nContent-Length: 0\r\n\r\n";
    expect(read(text)).toMatchObject({
      status: 418,
      headers: { "x-a": "one, two", empty: "", "content-length": "0" },
    });
  });

  test("without a length it is ended by the connection, and by nothing else", () => {
    const reader = new AnswerReader();
    expect(reader.push(Buffer.from("HTTP/1.1 200 OK\r\n\r\nab"))).toBe(false);
    expect(reader.push(Buffer.from("c"))).toBe(false);
    expect(reader.end()).toBe(true);
    expect(reader.reusable).toBe(false);
    expect(Buffer.from(reader.answer.body).toString()).toBe("abc");
  });

  test.each([
    "",
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nab",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n",
  ])("%j is half an answer where the connection ends", (text) => {
    const reader = new AnswerReader();
    expect(reader.push(Buffer.from(text))).toBe(false);
    expect(reader.end()).toBe(false);
  });
});

describe("no answer", () => {
  test.each([
    ["another protocol", "SSH-2.0-x\r\n\r\n"],
    ["another version", "HTTP/2 200 OK\r\n\r\n"],
    ["a status that is none", "HTTP/1.1 20 OK\r\n\r\n"],
    ["a switch of protocols", "HTTP/1.1 101 Switching Protocols\r\n\r\n"],
    ["a line without a colon", "HTTP/1.1 200 OK\r\nnothing\r\n\r\n"],
    ["a name with a space", "HTTP/1.1 200 OK\r\nContent-Length : 1\r\n\r\nx"],
    ["a folded line", "HTTP/1.1 200 OK\r\nA: b\r\n c: d\r\n\r\n"],
    ["a bare line feed in the head", "HTTP/1.1 200 OK\r\nA: b\nContent-Length: 1\r\n\r\nx"],
    ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx"],
    ["a length with a sign", "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nx"],
    ["a length no number can hold", "HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999\r\n\r\nx"],
    ["a length and chunks", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"],
    ["an unknown coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"],
    ["a chunk without a size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n"],
    ["a chunk with a size that is no number", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\n"],
    [
      "a chunk that is longer than it says",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
    ],
    ["a head without end", `HTTP/1.1 200 OK\r\nA: ${"x".repeat(17_000)}`],
    ["a head that is too long", `HTTP/1.1 200 OK\r\nA: ${"x".repeat(17_000)}\r\n\r\n`],
    [
      "a line of a chunk without end",
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;${"x".repeat(17_000)}`,
    ],
    [
      "trailers without end",
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${"a: b\r\n".repeat(3000)}`,
    ],
  ])("%s is a fault, in any pieces", (_what, text) => {
    for (const size of [text.length, 1, 7]) expect(() => read(text, size)).toThrow(HttpFault);
  });
});

test("a body of any bytes survives, with a length or in chunks, in any pieces", () => {
  const bodies = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 6 });
  fc.assert(
    fc.property(bodies, fc.boolean(), fc.integer({ min: 1, max: 60 }), (pieces, chunked, size) => {
      const body = Buffer.concat(pieces).toString("latin1");
      const chunks = pieces.map(
        (piece) => `${piece.length.toString(16)}\r\n${Buffer.from(piece).toString("latin1")}\r\n`,
      );
      const text = chunked
        ? `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks.join("")}0\r\n\r\n`
        : `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
      expect(read(text, size)).toMatchObject({ body, reusable: true });
    }),
  );
});
