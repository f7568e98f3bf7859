import { describe, expect, test } from "vitest";
import { foreignToGo } from "./go-pattern.ts";

describe("foreignToGo()", () => {
  test.each([
    [/^(?!x)/, "(?!"],
    [/(?=x)/, "(?="],
    [/(?<=x)y/, "(?<="],
    [/(?<!x)y/, "(?<!"],
    [/(a)\1/, "\\1"],
    [/(?<y>a)\k<y>/, "\\k"],
    [/\u00e9/, "\\u00e9"],
    [/\u{1F600}/u, "\\u{1F600}"],
    [/\p{Script=Greek}/u, "\\p{Script=Greek}"],
    [/\cA/, "\\cA"],
    [{ source: "[^]" }, "[^]"],
    [{ source: "[]" }, "[]"],
    [/a{1001}/, "{1001}"],
    [/(?:x(a{2,50})+b){21}/, "{21}"],
    [/[a-\d]/, "-\\d"],
    [/[[:alpha:]]/, "[:"],
    [/[\b]/, "\\b"],
    [/\\\\(?!b)/, "(?!"],
  ])("%j has %s", (pattern, piece) => {
    expect(foreignToGo(pattern.source)).toBe(piece);
  });

  test.each([
    /^\d\w\s\b--$/,
    /^https?:\/\/[^\s/$.?#].[^\s]*$/,
    /^\p{Lu}\P{L}*$/u,
    /[\w-.][^-\w][-\d][a[]/,
    /(?:a)?(?<y>b){2,1000}\x41\0\v/,
    /[(?=]\\(b)\(?!/,
    /[\]\\\-^]x{/,
    /(?:(a{50})?b{1000}){1}(?:c{50}){20}d{1000}/,
  ])("%s has nothing", (pattern) => {
    expect(foreignToGo(pattern.source)).toBeUndefined();
  });
});
