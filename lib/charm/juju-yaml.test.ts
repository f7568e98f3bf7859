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

  test("texts of every kind are read again as they were, by readers of YAML 1.1 and 1.2", () => {
    const text = fc.oneof(
      fc.constantFrom(...AMBIGUOUS),
      fc.string(),
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
