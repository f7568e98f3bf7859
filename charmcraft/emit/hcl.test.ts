import fc from "fast-check";
import { expect, test } from "vitest";
import { hcl, printHcl } from "./hcl.ts";

test("printHcl() lays out as terraform fmt does", () => {
  const text = printHcl([
    {
      type: "variable",
      labels: ["a"],
      attributes: {
        type: hcl("map(string)"),
        default: {},
        nothing: undefined,
        long: { b: 1, "c-d": [true, null] },
        x: "y",
      },
    },
    { type: "terraform", blocks: [{ type: "inner" }] },
  ]);
  expect(text).toBe(`variable "a" {
  type    = map(string)
  default = {}
  long = {
    b   = 1
    c-d = [true, null]
  }
  x = "y"
}

terraform {
  inner {}
}
`);
});

test.each([
  ['say "x"\n', '"say \\"x\\"\\n"'],
  ["\u0024{var.x} %{if} $5 100%", '"$\u0024{var.x} %%{if} $5 100%"'],
  ["C:\\", '"C:\\\\"'],
])("text means itself: %j", (value, expected) => {
  expect(printHcl([{ type: "x", attributes: { value } }])).toBe(`x {\n  value = ${expected}\n}\n`);
});

test("whatever the text, it stays one line of one string without interpolation", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (value) => {
      const text = printHcl([{ type: "x", attributes: { value } }]);
      expect(text.split("\n")).toHaveLength(4);
      expect(text).not.toMatch(/(?<![$%])(?:\$\$|%%)*[$%]\{/);
    }),
  );
});
