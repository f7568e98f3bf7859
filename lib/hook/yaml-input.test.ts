import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { yamlInput } from "./yaml-input.ts";

const read = (data: Record<string, string>): string => new TextDecoder().decode(yamlInput(data));

test("yamlInput() keeps every text, also for a YAML 1.1 parser", () => {
  const texts = fc.dictionary(fc.string({ minLength: 1, maxLength: 50 }), fc.string({ unit: "binary" }));
  fc.assert(
    fc.property(texts, (data) => {
      const plain = Object.fromEntries(Object.entries(data).filter(([key]) => key !== "__proto__"));
      expect(parse(read(plain), { version: "1.1" })).toEqual(plain);
      expect(JSON.parse(read(plain))).toEqual(plain);
    }),
  );
});

test.each([
  ["\u0085\u2028\u2029", '{"k":"\\u0085\\u2028\\u2029"}'],
  ["\u007f\u009f\ufeff\uffff", '{"k":"\\u007f\\u009f\\ufeff\\uffff"}'],
  ["\ud800x", '{"k":"\ufffdx"}'],
  ["😀 \n", '{"k":"😀 \\n"}'],
])("yamlInput() writes %j so that YAML does not take it for something else", (value, expected) => {
  expect(read({ k: value })).toBe(expected);
});
