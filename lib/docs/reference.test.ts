import { describe, expect, test } from "vitest";
import { statementsOf } from "./declarations.ts";
import { markdownOf } from "./doc-comment.ts";
import { fencesOf } from "./pages.ts";

describe("statementsOf()", () => {
  test("takes each declaration whole, with the comment before it", () => {
    const source = `
/** Module. @module */
import { a } from "./a.ts";
/** One. */
export interface One {
    /** Inner; with a brace }. */
    x: { y: string; };
}
/** Two. */
export declare function two(a: { b: 1; }): { c: ";" };
export declare namespace two {
    var three: () => void;
}
export type Three = "}" | {
    d: 1;
};`;
    expect(statementsOf(source).map(({ comment, text }) => [comment, text.split("\n")[0]])).toEqual([
      ["Module. @module", 'import { a } from "./a.ts";'],
      ["One.", "export interface One {"],
      ["Two.", 'export declare function two(a: { b: 1; }): { c: ";" };'],
      ["", "export declare namespace two {"],
      ["", 'export type Three = "}" | {'],
    ]);
  });
});

test("markdownOf() tells parameters, results, errors and sources", () => {
  const comment =
    "Does it, see {@link other}.\n\n@param a.b Milliseconds.\n@returns All.\n@throws {TypeError} Never.\n@see RFC 1";
  expect(markdownOf(comment)).toBe(
    "Does it, see `other`.\n\n- `a.b`: Milliseconds.\n\nReturns: All.\n\n- Throws `TypeError`: Never.\n\nSource: RFC 1",
  );
});

test("fencesOf() reads language, file, text and the line above", () => {
  expect(fencesOf("x\n```ts a.ts\nlet a;\n\n```\n```\nplain\n```\n")).toEqual([
    { language: "ts", file: "a.ts", text: "let a;\n\n", line: 2, lead: "x" },
    { language: "", file: undefined, text: "plain\n", line: 6, lead: "" },
  ]);
});
