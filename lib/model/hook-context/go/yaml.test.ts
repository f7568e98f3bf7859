import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { fromJson } from "./value.ts";
import { formatYaml } from "./yaml.ts";
import { parseTextMap } from "./yaml-map.ts";

/** Recorded from go-yaml v2.4.0. */
interface Recorded {
  readonly emit: readonly { readonly value: unknown; readonly yaml: string }[];
  readonly parse: readonly { readonly yaml: string; readonly result: unknown }[];
}

const file = new URL("../testdata/go-yaml-v2.json", import.meta.url);
const recorded = JSON.parse(readFileSync(file, "utf8")) as Recorded;

test(`writes ${recorded.emit.length} values as go-yaml v2 does`, () => {
  for (const { value, yaml } of recorded.emit) {
    expect(formatYaml(fromJson(value)), JSON.stringify(value)).toBe(`${yaml.replace(/\n+$/, "")}\n`);
  }
});

test(`reads ${recorded.parse.length} documents as go-yaml v2 does`, () => {
  for (const { yaml, result } of recorded.parse) {
    expect(read(yaml), JSON.stringify(yaml)).toEqual(result ?? {});
  }
});

test("text that is not UTF-8 is written as binary, wrapped from 70 characters on", () => {
  const long = new Uint8Array(60).fill(0xff);
  expect(formatYaml(new Map([["b", Uint8Array.of(0xff, 0xfe)]]))).toBe("b: !!binary //4=\n");
  expect(formatYaml(new Map([["b", long]]))).toBe(
    `b: !!binary |\n  ${"/".repeat(70)}\n  ${"/".repeat(10)}\n`,
  );
});

test("an alias is the last node before it with its anchor", () => {
  expect(read("a: &x one\nb: *x\nc: &x two\nd: *x\n")).toEqual({ a: "one", b: "one", c: "two", d: "two" });
  expect(read("a: *x\nb: &x one\n")).toBe("yaml: unknown anchor 'x' referenced");
});

test("a small document cannot grow large through aliases", () => {
  const bomb = `a: &a x\n${Array.from({ length: 2000 }, (_, i) => `k${i}: *a`).join("\n")}\n`;
  expect(read(bomb)).toBe("yaml: document contains excessive aliasing");
});

function read(yaml: string): unknown {
  try {
    return Object.fromEntries(parseTextMap(new TextEncoder().encode(yaml)));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

test("JSON on one line is read the short way as it is the long way", () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.constantFrom("", "on", "1", "a\nb", "\u2028", '"\\'),
  );
  const pairs = fc.array(fc.tuple(text, text), { maxLength: 5 });
  fc.assert(
    fc.property(pairs, (list) => {
      const json = `{${list.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",")}}`;
      const outcome = (yaml: string) => {
        try {
          return [...parseTextMap(new TextEncoder().encode(yaml))];
        } catch (error) {
          return String(error);
        }
      };
      // A comment sends it the long way.
      expect(outcome(json)).toEqual(outcome(`${json} # x`));
    }),
    { numRuns: 300 },
  );
});
