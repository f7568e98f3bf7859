import fc from "fast-check";
import { expect, test } from "vitest";
import { formatJson } from "./json.ts";
import { jsonValue } from "./json-value.ts";
import { GoTime, type GoValue, nilMap, StringList, Struct } from "./value.ts";

const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc.constantFrom("__proto__", "constructor", "\ud800", "\uffff", "\u{10000}", "</a>&", "10", "9"),
);

const { value: values } = fc.letrec<{ value: GoValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.constantFrom<GoValue>(
      null,
      nilMap,
      true,
      false,
      -0,
      Number.NaN,
      12n,
      new GoTime("2026-01-01T00:00:00Z"),
    ),
    fc.double(),
    fc.uint8Array(),
    fc.tuple(fc.array(text), fc.boolean()).map(([items, nil]) => new StringList(items, nil)),
    fc.array(tie("value")),
    fc.array(fc.tuple(text, tie("value"))).map((entries) => new Map(entries)),
    fc
      .uniqueArray(fc.tuple(text, tie("value")), { selector: ([key]) => key.toWellFormed() })
      .map((fields) => new Struct(fields)),
  ),
}));

test("jsonValue() is what reading the text gives, with keys in the same order", () => {
  fc.assert(
    fc.property(values, (value) => {
      const read = JSON.parse(formatJson(value));
      const direct = jsonValue(value);
      expect(direct).toEqual(read);
      expect(JSON.stringify(direct)).toBe(JSON.stringify(read));
    }),
  );
});
