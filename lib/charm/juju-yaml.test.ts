import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { isPlainString } from "../model/hook-context/go/yaml-resolve.ts";
import { jujuYaml } from "./juju-yaml.ts";

/** Texts that YAML 1.1 takes for something else. */
const AMBIGUOUS = [
  ..."on On off OFF y Y n N yes Yes no NO true null ~ << =".split(" "),
  ..."0o17 017 0x1F 0b11 1_000 -_0 +1 12 1.5 1e3 1. .5 12:30 12:30:00 1:30.5 2026-01-01 .inf .NaN".split(" "),
  "",
];

const read11 = (text: string): unknown => parse(text, { version: "1.1" });

describe("jujuYaml()", () => {
  test.each(AMBIGUOUS)("%j stays a text, as a value and as a key", (text) => {
    const document = {
      options: { mode: { type: "string", default: text }, [`${text}`]: { type: "string" } },
    };
    const yaml = jujuYaml(document);
    expect(yaml).toContain(`default: "${text}"`);
    expect(read11(yaml)).toEqual(document);
    expect(parse(yaml)).toEqual(document);
  });

  test("every text that go-yaml would take for something else is quoted", () => {
    const near = fc.oneof(fc.constantFrom(...AMBIGUOUS), fc.stringMatching(/^[-+0-9._:eExob]{1,8}$/));
    fc.assert(
      fc.property(near, (text) => {
        const quoted = /^a: ["']/.test(jujuYaml({ a: text }));
        expect(quoted || isPlainString(text)).toBe(true);
      }),
    );
  });

  test.each([
    ["a\u2028b", '"a\\u2028b"'],
    ["a\u0085b", '"a\\u0085b"'],
    ["a\u007fb", '"a\\u007fb"'],
    ["a\u0001b", '"a\\x01b"'],
    ["\n", '"\\n"'],
    ["a\tb", '"a\\tb"'],
    ["\ta\nb", '"\\ta\\nb"'],
    ["code:\n  indented\n", "|\n  code:\n    indented"],
  ])("%j, which readers of the two versions would take differently, is %s", (text, written) => {
    expect(jujuYaml({ a: text })).toBe(`a: ${written}\n`);
  });

  test("half a surrogate pair is refused", () => {
    expect(() => jujuYaml({ a: "a\ud800" })).toThrow('Cannot write "a\\ud800": must be well-formed Unicode');
  });

  test("texts of every kind are read again as they were, by readers of YAML 1.1 and 1.2", () => {
    const text = fc.oneof(
      fc.constantFrom(...AMBIGUOUS),
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.stringMatching(/^[ \t\n\ra\u0085\u2028]{1,8}$/),
      fc.stringMatching(/^[-+0-9._:eE]{1,8}$/),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z0-9:_.]{1,6}$/), text), (document) => {
        const plain = { ...document };
        expect(read11(jujuYaml(plain))).toEqual(plain);
        expect(parse(jujuYaml(plain))).toEqual(plain);
      }),
    );
  });
});
