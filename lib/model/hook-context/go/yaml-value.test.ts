import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { yamlValue } from "./yaml-value.ts";

/** Recorded from go-yaml v2.4.0; a float that JSON has no form for is `{ float }`. */
const { scalars } = JSON.parse(
  readFileSync(new URL("../testdata/go-yaml-v2.json", import.meta.url), "utf8"),
) as { readonly scalars: readonly (readonly [string, unknown])[] };

/** Numbers for go-yaml v2.4.0, texts for the older version that Juju keeps. */
const TEXTS_OF_JUJU = ["1.", "1e3", "1E3", "1.5e3", "5.e+3"];
const FLOATS: Readonly<Record<string, number>> = {
  "+Inf": Number.POSITIVE_INFINITY,
  "-Inf": Number.NEGATIVE_INFINITY,
  NaN: Number.NaN,
};

test.each(scalars)("%j is read as go-yaml reads it", (text, recorded) => {
  const special = (recorded as { readonly float?: string } | null)?.float;
  const value = special === undefined ? recorded : FLOATS[special];
  expect(yamlValue(text)).toEqual(TEXTS_OF_JUJU.includes(text) ? text : value);
});

test("maps, their keys, merges and documents without anything", () => {
  expect(yamlValue("on: off\n1_0: {a: 0o17}\n")).toEqual({ true: false, 10: { a: 15 } });
  expect(yamlValue("a: &a {x: y}\nb: {<<: *a, z: 'y'}\n")).toEqual({
    a: { x: true },
    b: { x: true, z: "y" },
  });
  expect([yamlValue(""), yamlValue("a:"), yamlValue("# x")]).toEqual([null, { a: null }, null]);
});

test("a fault has its line", () => {
  expect(() => yamlValue("a: 1\nb: [\n")).toThrow(expect.objectContaining({ linePos: expect.anything() }));
});
